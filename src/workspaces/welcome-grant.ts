import type { Grant } from '../core/commands.ts';
import { instantOf } from '../core/instant.ts';
import type { WelcomeGuard } from '../core/welcome-guard.ts';
import { within } from '../ledger/ledger.ts';
import type { Trx } from '../lib/database.ts';

const DAY_MILLISECONDS = 86_400_000;

/** What everybody is given who joins. */
export interface Welcome {
  amount_micro: bigint;
  expires_after_days?: number | undefined;
  /** Without one everybody gets the credits at once. */
  guard?: WelcomeGuard | undefined;
}

/** Gives the welcome credits: its key makes them once for ever, however often it is tried or raced. */
export async function grantWelcome(
  trx: Trx,
  walletId: string,
  { amount_micro, expires_after_days }: Omit<Welcome, 'guard'>,
  /** For seeding only: when it was granted, if not now. */
  at?: Date,
): Promise<void> {
  if (amount_micro === 0n) return;
  const granted = at ?? new Date();
  const expires =
    expires_after_days === undefined
      ? null
      : new Date(granted.getTime() + expires_after_days * DAY_MILLISECONDS);
  const grant: Grant = {
    kind: 'grant',
    wallet_id: walletId,
    amount_micro,
    source: 'welcome',
    expires_at: expires === null ? null : instantOf(expires),
    key: { namespace: 'welcome', key: 'sign-up' },
    asked: { actor_kind: 'system' },
  };
  const outcome = await within(trx, [walletId], (wallets) =>
    wallets.run(grant, at === undefined ? undefined : instantOf(at)),
  );
  if (outcome.outcome === 'refused') {
    throw new Error(`the welcome grant was refused: ${outcome.refusal.code}`);
  }
}
