/**
 * A process of its own with a ledger: carries out what comes as lines on its standard input, all at
 * once, and answers each with a line. `node test/support/commands-on-stdin.ts DATABASE_URL`
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Command } from '../../src/core/commands.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { connect } from '../../src/lib/database.ts';
import { lineOf, ofLine } from './exact-lines.ts';

const Asked = z.object({
  id: z.number(),
  command: z.custom<Command>((value) => typeof value === 'object'),
  at: z.bigint().optional(),
});

const url = process.argv[2];
if (url === undefined) throw new Error('which database?');
const connections = await connect({ url, poolMax: 4, onError: () => undefined });
const ledger = createLedger(connections.ledger);
const running = new Set<Promise<void>>();

const answer = async (line: string): Promise<void> => {
  const { id, command, at } = Asked.parse(ofLine(line));
  const told = await ledger.execute(command, at).then(
    (outcome) => ({ id, outcome }),
    (error: unknown) => ({ id, fault: error instanceof Error ? error.message : String(error) }),
  );
  console.log(lineOf(told));
};

for await (const line of createInterface({ input: process.stdin })) {
  const one = answer(line).finally(() => running.delete(one));
  running.add(one);
}
await Promise.all(running);
await connections.close();
