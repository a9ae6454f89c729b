import fc from 'fast-check';
import type { KeyedCommand } from '../../src/core/commands.ts';
import { within } from '../../src/ledger/ledger.ts';
import { inWorkspace } from '../../src/lib/database.ts';
import type { TestDatabase } from './database.ts';
import type { Deadlines } from './past-model.ts';
import { CREDIT } from './wallet-states.ts';
import { type TestWallet, newWallet } from './wallets.ts';

export const SECOND = 1_000_000n;
/** When a scenario begins: long ago, so that all that it can do is over. */
export const BEGINNING = BigInt(Date.UTC(2025, 0, 1)) * 1_000n;

/** A command some seconds after the one before; what it names is chosen of what there is by then. */
export const step = fc.record({
  wait: fc.integer({ min: 1, max: 15 }),
  kind: fc.constantFrom(
    ...(['grant', 'grant', 'debit', 'debit', 'hold', 'hold', 'extend', 'capture'] as const),
    ...(['release', 'refund', 'adjustment', 'expire', 'nothing'] as const),
    ...(['clawback', 'reinstatement'] as const),
  ),
  units: fc.integer({ min: 1, max: 12 }),
  seconds: fc.integer({ min: 1, max: 60 }),
  choice: fc.nat(),
  yes: fc.boolean(),
});
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Carries out steps on a wallet, each at its time. */
export class Scenario {
  readonly deadlines: Deadlines = new Map();
  readonly wallet: TestWallet;
  private readonly database: TestDatabase;
  now = BEGINNING;
  private readonly holds: { id: string; seq: bigint }[] = [];
  private readonly charges: bigint[] = [];
  private readonly clawbacks: bigint[] = [];

  constructor(database: TestDatabase, wallet: TestWallet) {
    this.database = database;
    this.wallet = wallet;
  }

  async run(steps: readonly Step[]): Promise<void> {
    await inWorkspace(this.database.connections.app, this.wallet.workspace_id, (trx) =>
      within(trx, [this.wallet.id], async (wallets) => {
        for (const one of steps) {
          this.now += BigInt(one.wait) * SECOND;
          if (one.kind === 'expire') {
            await wallets.run({ kind: 'expire', wallet_id: this.wallet.id }, this.now);
          }
          const command = this.commandOf(one);
          if (command === undefined) continue;
          const outcome = await wallets.run(command, this.now);
          if (outcome.outcome === 'done') this.note(command, outcome.seq);
        }
      }),
    );
  }

  private commandOf({ kind, units, seconds, choice, yes }: Step): KeyedCommand | undefined {
    const { wallet } = this;
    const credits = BigInt(units);
    const hold = this.holds[choice % (this.holds.length || 1)]?.id ?? wallet.id;
    switch (kind) {
      case 'grant': {
        const expires_at = yes ? null : this.now + BigInt(seconds) * SECOND;
        return wallet.grant(credits, { expires_at });
      }
      case 'debit':
        return wallet.debit(credits);
      case 'hold':
        return wallet.hold(credits, { ttl_seconds: seconds, allow_partial: yes });
      case 'extend':
        return wallet.extend(hold, seconds);
      case 'capture':
        return wallet.capture(hold, credits, { more_to_follow: yes });
      case 'release':
        return wallet.release(hold);
      case 'refund':
        return wallet.refund(this.charges[choice % (this.charges.length || 1)] ?? 1n);
      case 'adjustment':
        return wallet.adjustment(yes ? credits : -credits);
      case 'clawback':
        return wallet.clawback((choice % 6) + 1, credits);
      case 'reinstatement':
        return wallet.reinstatement(this.clawbacks.pop() ?? 1n);
      case 'expire':
      case 'nothing':
        return undefined;
    }
  }

  private note(command: KeyedCommand, seq: bigint): void {
    const isCharge = command.kind === 'debit' || command.kind === 'capture';
    if (isCharge) this.charges.push(seq);
    if (command.kind === 'clawback') this.clawbacks.push(seq);
    if (command.kind === 'hold') this.holds.push({ id: command.hold_id, seq });
    if (command.kind !== 'hold' && command.kind !== 'extend') return;
    const hold = this.holds.find(({ id }) => id === command.hold_id)?.seq ?? 0n;
    const said = this.deadlines.get(hold) ?? [];
    this.deadlines.set(hold, [...said, { said_at: seq, deadline: BigInt(command.ttl_seconds) }]);
  }
}

/** Deadlines as moments: the steps know entries and seconds, the books know when an entry was. */
export function inTime(
  scenario: Scenario,
  entries: readonly { seq: bigint; at: bigint }[],
): Deadlines {
  const atOf = new Map(entries.map(({ seq, at }) => [seq, at]));
  return new Map(
    [...scenario.deadlines].map(([hold, said]) => {
      let latest = 0n;
      return [
        hold,
        said.map(({ said_at: seq, deadline: seconds }) => {
          const said_at = atOf.get(seq) ?? 0n;
          // An extension counts from the second of its command, which may be some entries before.
          const from = seq === hold ? said_at : said_at - (said_at % SECOND);
          const deadline = from + seconds * SECOND;
          latest = deadline > latest ? deadline : latest;
          return { said_at, deadline: latest };
        }),
      ];
    }),
  );
}

/** A new wallet that may owe and gives time of grace, after these steps. */
export async function scenarioWith(
  database: TestDatabase,
  steps: readonly Step[],
): Promise<Scenario> {
  const scenario = new Scenario(database, await newWallet(database));
  await database.query(
    `update wallets set overdraft_limit = $2, capture_above_hold = 'debit',
      refund_to_expired_lot = 'grace_lot', grace_seconds = 7 where id = $1`,
    [scenario.wallet.id, 5n * CREDIT],
  );
  await scenario.run(steps);
  return scenario;
}
