import { randomUUID } from 'node:crypto';
import type { Grant } from '../../src/core/commands.ts';
import { instantOf } from '../../src/core/instant.ts';
import { ONE_UNIT, type PriceRule } from '../../src/core/price-rules.ts';
import { within } from '../../src/ledger/ledger.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import { createPerson, hashPassword } from '../../src/people/people.ts';
import { findOperation } from '../../src/pricing/price-book.ts';
import { createPersonalWorkspace } from '../../src/workspaces/workspaces.ts';
import type { Customer, TestProgram } from './program.ts';

const DAY_MILLISECONDS = 86_400_000;
const CREDIT = 1_000_000n;

/** What happened on a day: so many days ago in UTC, 0 being today. */
export interface PastDay {
  ago: number;
  /** Images, at 3 credits each. */
  images?: number;
  /** Messages, at 0.10 credits each. */
  messages?: number;
  grant?: Partial<Grant> & { credits: bigint };
}

/** The moment so many whole days before today began, and an hour more for each thing that happens. */
const momentOf = (ago: number, hour: number): Date => {
  const today = Math.floor(Date.now() / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  if (ago === 0) return new Date(Date.now() - 10_000 + hour * 1_000);
  return new Date(today - ago * DAY_MILLISECONDS + (hour + 1) * 3_600_000);
};

/** Writes what happened on some days, the oldest first: no entry may be before the last. */
export async function withHistory(
  program: TestProgram,
  customer: Pick<Customer, 'workspace_id' | 'wallet_id'>,
  days: readonly PastDay[],
): Promise<void> {
  const { workspace_id, wallet_id } = customer;
  await inWorkspace(program.database.connections.app, workspace_id, async (trx) => {
    const rule = async (code: string): Promise<PriceRule> => {
      const operation = await findOperation(trx, workspace_id, code);
      if (operation === undefined) throw new Error(`there is no operation ${code}`);
      return operation.rule;
    };
    const rules = { images: await rule('image.generate'), messages: await rule('message.send') };
    await within(trx, [wallet_id], async (wallets) => {
      for (const { ago, grant, images = 0, messages = 0 } of days) {
        const key = (name: string) => ({ namespace: 'test', key: `${ago} ${name}` });
        const asked = { actor_kind: 'system' } as const;
        if (grant !== undefined) {
          const { credits, ...more } = grant;
          await wallets.run(
            {
              ...{ kind: 'grant', wallet_id, amount_micro: credits * CREDIT, source: 'purchase' },
              ...{ expires_at: null, key: key('grant'), asked, ...more },
            },
            instantOf(momentOf(ago, 0)),
          );
        }
        const runs = [
          { units: images, operation: 'image.generate', rule: rules.images },
          { units: messages, operation: 'message.send', rule: rules.messages },
        ];
        for (const [index, { units, operation, rule: price }] of runs.entries()) {
          if (units === 0) continue;
          await wallets.run(
            {
              ...{ kind: 'debit', wallet_id, operation, rule: price, asked },
              ...{ quantity: BigInt(units) * ONE_UNIT, key: key(operation) },
            },
            instantOf(momentOf(ago, index + 1)),
          );
        }
      }
    });
  });
}

/** Somebody who signed up a hundred days ago, without welcome credits, and has just signed in. */
export async function signUpLongAgo(
  program: TestProgram,
  name = 'Ada Byron',
): Promise<Omit<Customer, 'available'>> {
  const [email, password] = [`${randomUUID()}@example.com`, randomUUID()];
  const password_hash = await hashPassword(password);
  let made = { workspace_id: '', wallet_id: '' };
  await program.database.connections.app.transaction().execute((trx) =>
    createPerson(trx, { name, email, password_hash, verified: true }, async (inner, person) => {
      const at = momentOf(100, 0);
      const options = { currency: 'USD', welcome: { amount_micro: 0n }, at };
      made = await createPersonalWorkspace(inner, person, options);
    }),
  );
  const browser = program.browser();
  const answer = await browser.post('/sign-in').type('form').send({ email, password });
  const slug = /^\/w\/([^/]+)$/.exec(String(answer.headers['location']))?.[1];
  if (slug === undefined) throw new Error(`signing in answered ${answer.status}: ${answer.text}`);
  return { browser, email, password, slug, ...made };
}
