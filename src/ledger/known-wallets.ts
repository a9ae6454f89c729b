import type { Debit } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import { countedPeriods } from '../core/price-rules.ts';
import { spenderOf } from '../core/spender.ts';
import { NOTHING_NAMED, type WalletState } from '../core/wallet.ts';
import { keyHash } from './keys.ts';
import type { AskedCommand } from './what-is-named.ts';

/** A wallet as a transaction left it, and the version of its row then. */
export interface KnownWallet {
  state: WalletState;
  version: string;
  /** When it was read, by the process's clock that only goes on (`performance.now`). */
  read_at: number;
}

/** So long a wallet is not read again. What somebody changes of its lots by hand is not seen before. */
const KNOWN_MILLISECONDS = 60_000;
const WALLETS_MAX = 20_000;
/** So long the database's clock is carried on, which then differs by some milliseconds at most. */
const CLOCK_MILLISECONDS = 10_000;
/** A wallet in which something is due so soon is read, and decided on at the database's own time. */
const DUE_MICROS = 2_000_000n;
const KEYS_MAX = 20_000;

/**
 * What this process knows of wallets that it wrote a moment ago: their credits and open lots. It may
 * be wrong, for others write too: what is decided on it is written only where the wallet's row is
 * still of the version that is known.
 */
export class KnownWallets {
  private readonly wallets = new Map<string, KnownWallet>();
  private clock: { now: Instant; read_at: number } | undefined;
  /** The keys that were asked with last, in two halves: the older goes when the newer is full. */
  private newerKeys = new Set<string>();
  private olderKeys = new Set<string>();

  /** The database's clock as it was told last, and carried on; undefined when that is long ago. */
  now(): Instant | undefined {
    if (this.clock === undefined) return undefined;
    const elapsed = performance.now() - this.clock.read_at;
    if (elapsed > CLOCK_MILLISECONDS) return undefined;
    return this.clock.now + BigInt(Math.floor(elapsed * 1_000));
  }

  setClock(now: Instant): void {
    this.clock = { now, read_at: performance.now() };
  }

  /** A wallet that is known, and in which nothing is due soon. */
  find(walletId: string, now: Instant): KnownWallet | undefined {
    const known = this.wallets.get(walletId);
    if (known === undefined) return undefined;
    const { next_due_at } = known.state.wallet;
    const isDue = next_due_at !== null && next_due_at <= now + DUE_MICROS;
    return isDue || performance.now() - known.read_at > KNOWN_MILLISECONDS ? undefined : known;
  }

  put({ state, ...read }: KnownWallet): void {
    const { wallet } = state;
    // These end with time, or stand in other rows: such a wallet is read each time.
    if (wallet.unlimited !== null || wallet.has_budgets) {
      this.wallets.delete(wallet.id);
      return;
    }
    if (this.wallets.size >= WALLETS_MAX && !this.wallets.has(wallet.id)) {
      const [oldest] = this.wallets.keys();
      if (oldest !== undefined) this.wallets.delete(oldest);
    }
    const lots = state.lots.filter((lot) => lot.available + lot.held > 0n);
    const known = { ...wallet, next_hold_at: wallet.next_due_at };
    this.wallets.set(wallet.id, { ...read, state: { ...NOTHING_NAMED, wallet: known, lots } });
  }

  /**
   * The command, where it can be decided on what is known: a debit at a price that does not depend on
   * use, with a key that is new here. From now on it is not. Whether a person may spend is looked up
   * under the lock.
   */
  newDebit({ command, at }: AskedCommand): Debit | undefined {
    if (command.kind === 'expire' || !this.addKey(keyHash(command.key))) return undefined;
    if (command.kind !== 'debit' || at !== undefined) return undefined;
    if (spenderOf(command) !== undefined) return undefined;
    return isPricedAlike(command) ? command : undefined;
  }

  private addKey(hash: string): boolean {
    if (this.newerKeys.has(hash) || this.olderKeys.has(hash)) return false;
    if (this.newerKeys.size >= KEYS_MAX) {
      this.olderKeys = this.newerKeys;
      this.newerKeys = new Set();
    }
    this.newerKeys.add(hash);
    return true;
  }
}

function isPricedAlike({ rule }: Debit): boolean {
  return rule !== undefined && countedPeriods(rule).length === 0;
}
