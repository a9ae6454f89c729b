/** A thread that draws one sheet and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Sheet } from './sheets.ts';
import { drawSheet } from './draw.ts';

// What it is given comes from documents.ts, of the same program.
parentPort?.postMessage(await drawSheet(workerData as Sheet));
