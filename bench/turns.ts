import { Agent } from 'node:http';
import { type Address, load } from './page-loads.ts';
import type { Postgres } from './postgres.ts';
import type { Server } from './server.ts';
import { medianOf, rounded, summaryOf } from './summary.ts';

/** A page, and what was measured of it in each round. */
export interface Subject {
  name: string;
  /** What is asked for, by the number of the request. */
  at: (asked: number) => Address;
  runs: { p50_ms: number; p99_ms: number; server_ms: number; postgres_ms: number }[];
}

export function subjectOf(name: string, at: Subject['at']): Subject {
  return { name, at, runs: [] };
}

/** So many requests of one subject follow each other: a processor's time is told in hundredths of a second. */
const TURN_REQUESTS = 20;

/** In turn, so that all meet the same moods of the machine; one request after the other. */
export async function measure(
  subjects: readonly Subject[],
  { postgres, server }: { postgres: Postgres; server: Server },
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let requests = 0;
  for (let round = 0; round <= rounds; round++) {
    const samples = subjects.map(() => ({ latencies_ms: [] as number[], server: 0, postgres: 0 }));
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      for (const [index, subject] of subjects.entries()) {
        const sample = samples[index];
        if (sample === undefined) continue;
        const [server_before, postgres_before] = [
          server.processorSeconds(),
          postgres.processorSeconds(),
        ];
        for (let count = 0; count < TURN_REQUESTS; count++) {
          const at = subject.at(requests++);
          const { status, first_byte_ms } = await load(at, agent);
          if (status !== 200) throw new Error(`${subject.name} answered ${status}: ${at.path}`);
          sample.latencies_ms.push(first_byte_ms);
        }
        sample.server += server.processorSeconds() - server_before;
        sample.postgres += postgres.processorSeconds() - postgres_before;
      }
    }
    // The first round is for nothing: code is compiled, pages are read.
    if (round === 0) continue;
    for (const [index, { runs }] of subjects.entries()) {
      const { latencies_ms = [], server: used = 0, postgres: asked = 0 } = samples[index] ?? {};
      const { p50_ms = 0, p99_ms = 0 } = summaryOf(latencies_ms, seconds, latencies_ms.length);
      const [server_ms, postgres_ms] = [used, asked].map((s) => (1000 * s) / latencies_ms.length);
      runs.push({ p50_ms, p99_ms, server_ms: server_ms ?? 0, postgres_ms: postgres_ms ?? 0 });
    }
  }
  agent.destroy();
}

/** The median of all rounds. */
export function rowsOf(subjects: readonly Subject[]) {
  return subjects.map(({ name, runs }) => {
    const median = (field: keyof Subject['runs'][number]): number =>
      rounded(medianOf(runs.map((run) => run[field])));
    return {
      ...{ page: name, p50_ms: median('p50_ms'), p99_ms: median('p99_ms') },
      ...{ server_ms: median('server_ms'), postgres_ms: median('postgres_ms') },
    };
  });
}
