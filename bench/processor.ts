import { readFileSync, readdirSync } from 'node:fs';

/*
 * Processor time from /proc, for what a debit costs each side: on a machine that others use it says
 * more than the clock does. Zero where there is no /proc.
 */

const TICKS_PER_SECOND = 100;

interface Usage {
  parent: number;
  own: number;
  /** Of children that have ended and were waited for. */
  ended: number;
}

function usageOf(pid: number | 'self'): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const seconds = (first: number): number =>
      (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
    return { parent: Number(fields[1]), own: seconds(11), ended: seconds(13) };
  } catch {
    return undefined;
  }
}

/** Of one process. */
export function processorSeconds(pid: number): number {
  return usageOf(pid)?.own ?? 0;
}

/** What a process holds of the machine's memory. */
export function residentBytes(pid: number): number {
  try {
    const [, kilobytes] =
      /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

/** Of a process and its children, those that have ended too. */
export function processorSecondsOfFamily(pid: number): number {
  const head = usageOf(pid);
  if (head === undefined) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => usageOf(Number(name)))
    .filter((usage) => usage?.parent === pid);
  return children.reduce((sum, usage) => sum + (usage?.own ?? 0), head.own + head.ended);
}

/** Of the load generators: children of this process that have ended. */
export function processorSecondsOfEndedChildren(): number {
  return usageOf('self')?.ended ?? 0;
}
