import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Command, Transfer } from '../core/commands.ts';
import type { Instant } from '../core/instant.ts';
import type { ChangeNotices } from '../lib/change-notices.ts';
import { AppError } from '../lib/errors.ts';
import { databaseCodeOf, isPassingFault } from '../lib/database-faults.ts';
import { CommandFault, WalletMissing } from './books.ts';
import { Carrier } from './carry-on.ts';
import { type Decided, decideOnKnown } from './decide-on-known.ts';
import type { KnownWallets } from './known-wallets.ts';
import type { Outcome } from './outcome.ts';
import { type Patience, transact } from './transact.ts';
import { walletsOf } from './what-is-named.ts';

/** A command that waits for its answer. */
interface Waiting {
  command: Command | Transfer;
  at: Instant | undefined;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

const BATCH_MAX = 256;
/** So few are not divided between transactions: one costs as much as ten commands more in it. */
const BATCH_WHOLE = 16;
/** Transactions at a time: one is decided, the others are written and wait for the disk. */
const UNDER_WAY_MAX = 3;
const QUEUE_MAX = 10_000;
const TRIES_MAX = 5;
/** For so many wallets at once a lane waits beside itself, each with a connection. */
const BESIDE_MAX = 3;

/**
 * Carries out commands, some in each transaction. While one transaction writes and commits the next
 * one reads, with whatever came meanwhile for wallets that are not in one already. There is no timer:
 * alone, a command goes at once. A wallet that somebody else keeps locked is set aside, with all
 * commands for it until it is free again.
 */
export class Lane {
  private readonly pool: pg.Pool;
  private readonly known: KnownWallets;
  private readonly notices: ChangeNotices | undefined;
  private readonly carrier: Carrier;
  private readonly onBatch: (commands: number) => void;
  private queue: Waiting[] = [];
  /** The wallets of the transactions under way; how many these are, with how many commands; whether one reads. */
  private readonly busy = new Set<string>();
  private underWay = 0;
  private takenCount = 0;
  private isReading = false;
  private isDue = false;
  /** What waits for wallets that were set aside, and for which of them a transaction waits. */
  private readonly aside = new Map<string, Waiting[]>();
  private readonly awaited = new Set<string>();

  constructor(
    pool: pg.Pool,
    known: KnownWallets,
    notices: ChangeNotices | undefined,
    onBatch: (commands: number) => void = () => undefined,
  ) {
    this.onBatch = onBatch;
    this.pool = pool;
    this.known = known;
    this.notices = notices;
    this.carrier = new Carrier(pool);
  }

  /** @throws AppError 503 `ledger_busy` when too many wait already */
  submit(command: Command | Transfer, at?: Instant): Promise<Outcome> {
    if (this.waiting() >= QUEUE_MAX) return Promise.reject(ledgerBusy());
    return new Promise((resolve, reject) => {
      this.queue.push({ command, at, resolve, reject });
      this.startSoon();
    });
  }

  /** How many commands no transaction has taken up. */
  waiting(): number {
    let count = this.queue.length;
    for (const line of this.aside.values()) count += line.length;
    return count;
  }

  /** Requests that are read in the same turn of the loop go together. */
  private startSoon(): void {
    if (this.isDue || this.isReading || this.underWay >= UNDER_WAY_MAX) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      const batch = this.take();
      if (batch.length > 0) this.start(batch);
    });
  }

  /**
   * At most a third of all that is asked for: while one third is in the database and the next waits for
   * it, the program is busy with the last one. What is for a wallet that is taken comes along, for no
   * other transaction could have it meanwhile. Commands of one wallet keep their order: what is
   * passed over holds up what came after it.
   */
  private take(): Waiting[] {
    const third = Math.ceil((this.queue.length + this.takenCount) / 3);
    const most = Math.min(BATCH_MAX, Math.max(BATCH_WHOLE, third));
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    let seen = 0;
    const [taken, passedOver] = [new Set<string>(), new Set<string>()];
    for (const one of this.queue) {
      if (batch.length >= BATCH_MAX) break;
      seen += 1;
      const ids = walletsOf(one.command);
      const line = this.aside.get(firstWalletOf(one));
      const hasRoom = batch.length < most || ids.every((id) => taken.has(id));
      if (line !== undefined) line.push(one);
      else if (hasRoom && !ids.some((id) => this.busy.has(id) || passedOver.has(id))) {
        for (const id of ids) taken.add(id);
        batch.push(one);
      } else {
        for (const id of ids) passedOver.add(id);
        left.push(one);
      }
    }
    this.queue = left.concat(this.queue.slice(seen));
    return batch;
  }

  /** What can be decided on known wallets is written at once, the rest is read under the lock. */
  private start(batch: readonly Waiting[]): void {
    const { decided, left } = decideOnKnown(this.known, batch);
    if (decided !== undefined) {
      void this.occupy(decided.commands, this.carryOn(decided));
    }
    if (left.length > 0) {
      this.isReading = true;
      const carriedOut = this.carryOut(left, 'short').then(() => {
        this.letNextRead();
      });
      void this.occupy(left, carriedOut);
    } else this.goOn();
  }

  /** Commands for the wallets of these wait until the work is done. */
  private async occupy(batch: readonly Waiting[], work: Promise<void>): Promise<void> {
    const ids = new Set(batch.flatMap(({ command }) => walletsOf(command)));
    for (const id of ids) this.busy.add(id);
    this.underWay += 1;
    this.takenCount += batch.length;
    this.onBatch(batch.length);
    await work;
    for (const id of ids) this.busy.delete(id);
    this.underWay -= 1;
    this.takenCount -= batch.length;
    this.goOn();
    this.notices?.mark(ids);
  }

  private letNextRead(): void {
    this.isReading = false;
    this.goOn();
  }

  private goOn(): void {
    if (this.queue.length > 0) this.startSoon();
  }

  /** Where a wallet is not as it was known, its commands are carried out as if it had not been. */
  private async carryOn(decided: Decided<Waiting>): Promise<void> {
    const left: Waiting[] = [];
    let patience: Patience = 'short';
    try {
      const written = await this.carrier.carryOn(decided);
      if (written[0] !== undefined) this.known.setClock(written[0].now);
      const versions = new Map(written.map(({ id, version }) => [id, version]));
      for (const { answers, change, known } of decided.wallets) {
        const version = versions.get(change.after.wallet.id);
        if (version !== undefined) this.known.put({ ...known, state: change.after, version });
        for (const [one, outcome] of answers) {
          if (version === undefined) left.push(one);
          else one.resolve(outcome);
        }
      }
    } catch (error) {
      if (isLockTimeout(error)) patience = 'none';
      left.push(...decided.commands);
    }
    if (left.length > 0) await this.carryOut(left, patience);
  }

  /** Every command is answered in the end or set aside; this never throws. */
  private async carryOut(batch: readonly Waiting[], patience: Patience): Promise<void> {
    try {
      this.setAside(await this.tryOften(batch, patience));
    } catch (error) {
      if (isLockTimeout(error) && patience === 'short') await this.carryOut(batch, 'none');
      else if (isPassingFault(error)) for (const one of batch) one.reject(ledgerBusy(error));
      else if (batch.length === 1) batch[0]?.reject(error);
      else await this.carryOutHalves(batch, patience);
    }
  }

  /** One of them cannot be written: halves are tried until it stands alone. */
  private async carryOutHalves(batch: readonly Waiting[], patience: Patience): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.carryOut(batch.slice(0, middle), patience);
    await this.carryOut(batch.slice(middle), patience);
  }

  /** They wait beside the lane, by wallet; a transfer does with its sender. */
  private setAside(locked: readonly Waiting[]): void {
    for (const one of locked) {
      const id = firstWalletOf(one);
      const line = this.aside.get(id);
      if (line === undefined) this.aside.set(id, [one]);
      else line.push(one);
    }
    this.waitBeside();
  }

  private waitBeside(): void {
    for (const [id, line] of this.aside) {
      if (this.awaited.size >= BESIDE_MAX) return;
      if (this.awaited.has(id)) continue;
      this.awaited.add(id);
      void this.carryOut(line.splice(0, BATCH_MAX), 'long').then(() => {
        this.notices?.mark([id]);
        this.awaited.delete(id);
        this.aside.delete(id);
        if (line.length > 0) this.aside.set(id, line);
        this.waitBeside();
      });
    }
  }

  /** Returns those of which a wallet was not to be had, where that was not waited for. */
  private async tryOften(
    batch: readonly Waiting[],
    patience: Patience,
  ): Promise<readonly Waiting[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.transact(batch, patience);
      } catch (error) {
        const last = tries === TRIES_MAX || isLockTimeout(error);
        if (last || !isPassingFault(error)) throw error;
        await wait(Math.random() * 10 * 2 ** tries);
      }
    }
  }

  private async transact(
    batch: readonly Waiting[],
    patience: Patience,
  ): Promise<readonly Waiting[]> {
    const { answers, wallets, now } = await transact(this.pool, batch, patience, () =>
      this.letNextRead(),
    );
    this.known.setClock(now);
    for (const wallet of wallets) this.known.put(wallet);
    const locked: Waiting[] = [];
    for (const [index, one] of batch.entries()) {
      const answer = answers[index];
      if (patience === 'none' && answer instanceof WalletMissing) locked.push(one);
      else if (answer instanceof CommandFault || answer === undefined) one.reject(answer);
      else one.resolve(answer);
    }
    return locked;
  }
}

function firstWalletOf({ command }: Waiting): string {
  return walletsOf(command)[0] ?? '';
}

/** The lock of a wallet could not be had in time: another transaction dawdles on it. */
function isLockTimeout(error: unknown): boolean {
  return databaseCodeOf(error) === '55P03';
}

function ledgerBusy(cause?: unknown): AppError {
  return new AppError(
    503,
    'ledger_busy',
    'The ledger is busy. Send it again with the same key; it will be counted once.',
    { retry_after_seconds: 1 },
    { cause },
  );
}
