import { Writable } from 'node:stream';
import { carryOut } from '../../src/commands.ts';
import { parseConfig } from '../../src/config.ts';
import { Running, reasonOf } from '../../src/program.ts';
import type { Ended, Settings } from './started.ts';

/**
 * Carries out a command in this process, which takes a moment where starting one takes seconds. One
 * at a time: what it says is caught on its way to standard output.
 */
export async function command(
  words: readonly string[],
  settings: Settings,
): Promise<Pick<Ended, 'code' | 'out' | 'err'>> {
  const running = new Running();
  const said: string[] = [];
  const output = new Writable({
    write: (part, _encoding, done) => {
      said.push(String(part));
      done();
    },
  });
  const standard = Object.getOwnPropertyDescriptor(process, 'stdout') ?? {};
  Object.defineProperty(process, 'stdout', { ...standard, get: () => output });
  try {
    await carryOut(running, words, () => parseConfig(settings));
    return { code: 0, out: said.join(''), err: '' };
  } catch (error) {
    return { code: 1, out: said.join(''), err: `${reasonOf(error)}\n` };
  } finally {
    Object.defineProperty(process, 'stdout', standard);
    await running.stop();
  }
}
