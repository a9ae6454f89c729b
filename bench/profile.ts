import { mkdtemp, mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { tableOf } from './report.ts';

const PROFILES = path.join(import.meta.dirname, '..', 'data', 'profiles');
const LINES = 40;

/** A folder that is kept. */
export async function newProfileFolder(): Promise<string> {
  await mkdir(PROFILES, { recursive: true });
  return mkdtemp(path.join(PROFILES, 'debits-'));
}

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** The functions in which the processor was found most often, idle time left out. */
export async function hottestOf(folder: string): Promise<string> {
  const files = await readdir(folder);
  const file = path.join(folder, files.find((name) => name.endsWith('.cpuprofile')) ?? '');
  const { nodes, samples, timeDeltas } = Profile.parse(JSON.parse(await readFile(file, 'utf8')));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  times.delete('(idle)');
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  const rows = [...times]
    .sort(([, one], [, other]) => other - one)
    .slice(0, LINES)
    .map(([name, time]) => ({ function: name, percent: (time / all) * 100 }));
  return `${tableOf(rows)}\n${file}`;
}

function nameOf(frame: { functionName: string; url: string; lineNumber: number }): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  const root = path.join(import.meta.dirname, '..');
  const place = frame.url.replace('file://', '').replace(`${root}/`, '');
  return place === '' ? name : `${name}  ${place}:${frame.lineNumber + 1}`;
}
