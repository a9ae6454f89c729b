import { spawn } from 'node:child_process';

/** Ended as it should not have. */
export class ProgramError extends Error {}

/**
 * Runs a program to its end.
 * @returns what it wrote to its standard output
 * @throws ProgramError with what it complained of
 */
export function runProgram(
  program: string,
  parameters: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, complaint] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new ProgramError(`${program} ended with ${code}: ${complaint}${out}`));
    });
  });
}

export async function isInstalled(program: string, question: string): Promise<boolean> {
  try {
    await runProgram(program, [question]);
    return true;
  } catch (error) {
    // wrk answers its --version with 1.
    return error instanceof ProgramError;
  }
}

/** Stops once, whoever asks and however often: the benchmark when it is done, and the process at its end. */
export function onlyOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => (stopping ??= stop());
}
