import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Command } from '../../src/core/commands.ts';
import { type Outcome, createLedger } from '../../src/ledger/ledger.ts';
import { connect } from '../../src/lib/database.ts';
import type { TestDatabase } from './database.ts';
import { lineOf, ofLine } from './exact-lines.ts';

/** Somebody with a ledger of his own: other connections, other lanes, perhaps another process. */
export interface Caller {
  execute: (command: Command, at?: bigint) => Promise<Outcome>;
  close: () => Promise<void>;
}

export async function callerHere({ url }: TestDatabase): Promise<Caller> {
  const connections = await connect({ url, poolMax: 4, onError: () => undefined });
  const ledger = createLedger(connections.ledger);
  return {
    execute: (command, at) => ledger.execute(command, at),
    close: () => connections.close(),
  };
}

const Told = z.object({
  id: z.number(),
  outcome: z.custom<Outcome>((value) => typeof value === 'object').optional(),
  fault: z.string().optional(),
});

export function callerInProcess({ url }: TestDatabase): Caller {
  const program = path.join(import.meta.dirname, 'commands-on-stdin.ts');
  const child = spawn(process.execPath, [program, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, PromiseWithResolvers<Outcome>>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, outcome, fault } = Told.parse(ofLine(line));
    if (outcome === undefined) waiting.get(id)?.reject(new Error(fault));
    else waiting.get(id)?.resolve(outcome);
    waiting.delete(id);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const one of waiting.values()) one.reject(new Error('the process has ended'));
      resolve();
    });
  });
  let last = 0;
  return {
    execute: (command, at) => {
      const answer = Promise.withResolvers<Outcome>();
      waiting.set(++last, answer);
      child.stdin.write(`${lineOf({ id: last, command, at })}\n`);
      return answer.promise;
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
