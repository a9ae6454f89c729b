import { setTimeout as pause } from 'node:timers/promises';

const HAPPENS_WITHIN_MILLISECONDS = 15_000;

/** Tries until it has happened at least once, but not for ever. */
export async function often(happened: () => Promise<number>): Promise<number> {
  const until = performance.now() + HAPPENS_WITHIN_MILLISECONDS;
  for (;;) {
    const times = await happened();
    if (times > 0 || performance.now() > until) return times;
    await pause(50);
  }
}
