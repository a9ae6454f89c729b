/** Load over HTTP from a process of its own, as wrk makes it, and at a given rate, as wrk cannot. */
import { z } from 'zod';
import { HttpConnection } from './http-connection.ts';
import { Asker } from './scenarios.ts';
import { summaryOf } from './summary.ts';

const Options = z.object({
  port: z.number(),
  api_key: z.string(),
  scenario: z.enum(['spread', 'hot', 'hundred', 'hold', 'repeats']),
  wallets: z.number(),
  /** Tells the keys of this run from those of all others. */
  run: z.string(),
  connections: z.number(),
  lead_in_seconds: z.number(),
  seconds: z.number(),
  /** Requests a second, sent when they are due; without it each connection asks when it is answered. */
  rate: z.number().optional(),
});

const options = Options.parse(JSON.parse(process.argv[2] ?? ''));
const latencies_ms: number[] = [];
let total = 0;
let from = 0;
let until = 0;

interface Caller {
  connection: HttpConnection;
  asker: Asker;
  answer: string;
}

/** @returns when it was answered */
async function ask(caller: Caller): Promise<number> {
  caller.answer = await caller.connection.ask(caller.asker.next(caller.answer));
  total += 1;
  return performance.now();
}

/** Closed loop: the greatest load that these connections make. What is answered in time counts. */
async function asFastAsAnswered(callers: readonly Caller[]): Promise<void> {
  await Promise.all(
    callers.map(async (caller) => {
      for (let asked = performance.now(); asked < until;) {
        const answered = await ask(caller);
        if (answered >= from && answered < until) latencies_ms.push(answered - asked);
        asked = answered;
      }
    }),
  );
}

/**
 * Open loop: a slow answer delays no later request. Each counts from the moment at which it was to
 * be sent, so that waiting for a free connection is waiting for an answer.
 */
async function atRate(callers: readonly Caller[], rate: number): Promise<void> {
  const free = [...callers];
  const waiting: number[] = [];
  const serve = async (caller: Caller, due: number): Promise<void> => {
    for (let next: number | undefined = due; next !== undefined; next = waiting.shift()) {
      const answered = await ask(caller);
      if (next >= from) latencies_ms.push(answered - next);
    }
    free.push(caller);
  };
  const busy = new Set<Promise<void>>();
  const interval_ms = 1000 / rate;
  for (let due = performance.now(); due < until;) {
    for (; due <= performance.now(); due += interval_ms) {
      const caller = free.pop();
      if (caller === undefined) {
        waiting.push(due);
        continue;
      }
      const served = serve(caller, due);
      busy.add(served);
      void served.finally(() => busy.delete(served));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(busy);
}

const callers = await Promise.all(
  Array.from({ length: options.connections }, async (_, number): Promise<Caller> => {
    const asker = new Asker(options.scenario, options.wallets, `${options.run}-${number}`);
    return {
      connection: await HttpConnection.open(options.port, options.api_key),
      asker,
      answer: '',
    };
  }),
);
from = performance.now() + options.lead_in_seconds * 1000;
until = from + options.seconds * 1000;
if (options.rate === undefined) await asFastAsAnswered(callers);
else await atRate(callers, options.rate);
for (const { connection } of callers) connection.close();
process.stdout.write(JSON.stringify(summaryOf(latencies_ms, options.seconds, total)));
