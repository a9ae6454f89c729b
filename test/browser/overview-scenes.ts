import { enterWorkspace } from '../../src/lib/database.ts';
import { setUnlimitedByPlan } from '../../src/ledger/wallets.ts';
import { type Visit, signIn } from '../support/browser.ts';
import { type PastDay, signUpLongAgo, withHistory } from '../support/histories.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { type Scene, asDemoPerson, asNewCustomer } from './arrivals.ts';

/** Eight weeks of working days, so many images on each, the last of them today. */
const working = (images: number): PastDay[] =>
  Array.from({ length: 57 }, (_, index) => {
    const ago = 56 - index;
    const isRest = index % 7 > 4;
    return { ago, images: isRest ? 0 : images + (index % 3), messages: isRest ? 3 : 12 };
  });
const bought = (credits: bigint): PastDay => ({ ago: 57, grant: { credits } });

async function asUsed(
  visit: Visit,
  program: TestProgram,
  days: readonly PastDay[],
  more: (customer: Pick<Customer, 'workspace_id' | 'wallet_id'>) => Promise<unknown> = () =>
    Promise.resolve(),
): Promise<void> {
  const customer = await signUpLongAgo(program);
  await withHistory(program, customer, days);
  await more(customer);
  await signIn(visit, program, customer);
  await visit.page.goto(`/w/${customer.slug}`);
}

/** The overview in each of its states. */
export const overviewScenes: Scene[] = [
  {
    name: 'overview of the demo',
    says: 'Overview',
    open: (visit, program) => asDemoPerson(visit, program, ''),
  },
  {
    name: 'overview of a new workspace',
    says: 'Overview',
    open: (visit, program) => asNewCustomer(visit, program, ''),
  },
  {
    name: 'overview without entries',
    says: 'Overview',
    open: (visit, program) => asUsed(visit, program, []),
  },
  {
    name: 'overview that runs low',
    says: 'Overview',
    open: (visit, program) => asUsed(visit, program, [bought(600n), ...working(3)]),
  },
  {
    name: 'overview that lasts',
    says: 'Overview',
    open: (visit, program) => asUsed(visit, program, [bought(90_000n), ...working(3)]),
  },
  {
    name: 'overview with nothing left',
    says: 'Overview',
    open: (visit, program) => asUsed(visit, program, [bought(30n), { ago: 9, images: 10 }]),
  },
  {
    name: 'overview in debt',
    says: 'Overview',
    open: (visit, program) =>
      asUsed(visit, program, [bought(30n), { ago: 9, images: 10 }], async (customer) => {
        await program.ledger.execute({
          ...{ kind: 'clawback', wallet_id: customer.wallet_id, lot: 1, amount_micro: 12_000_000n },
          ...{ key: { namespace: 'job', key: 'back' }, asked: { actor_kind: 'job' } },
        });
      }),
  },
  {
    name: 'overview while unlimited',
    says: 'Overview',
    open: (visit, program) =>
      asUsed(visit, program, [bought(600n), ...working(3)], ({ workspace_id, wallet_id }) =>
        program.database.connections.app.transaction().execute(async (trx) => {
          await enterWorkspace(trx, workspace_id);
          await setUnlimitedByPlan(trx, wallet_id, new Date(Date.now() + 9e8));
        }),
      ),
  },
  {
    name: 'overview while frozen',
    says: 'Overview',
    open: (visit, program) =>
      asUsed(visit, program, [bought(900n), ...working(3)], ({ wallet_id }) =>
        program.database.query(
          `update wallets set frozen_at = now(), frozen_reason = 'review' where id = $1`,
          [wallet_id],
        ),
      ),
  },
];
