import { createHmac } from 'node:crypto';

/** The entries of one wallet that were recorded in one hour. */
export interface WalletHour {
  hour: Date;
  wallet_id: string;
  first_seq: bigint;
  last_seq: bigint;
  entry_count: bigint;
  /** The sum of their amounts. */
  amount: string;
  /** SHA-256 over the SHA-256 of each, in their order. */
  digest: string;
}

/** Tells keys apart without saying anything of them. */
export function nameOfKey(key: string): string {
  return createHmac('sha256', key).update('scrip seal key').digest('hex').slice(0, 16);
}

export function walletHash(key: string, one: WalletHour): Buffer {
  const { hour, wallet_id, first_seq, last_seq, entry_count, amount, digest } = one;
  const text = ['scrip wallet seal 1', hour.toISOString(), wallet_id, first_seq, last_seq].join(
    '\n',
  );
  return createHmac('sha256', key).update([text, entry_count, amount, digest].join('\n')).digest();
}

/** The hash of an hour, over that of the hour before and those of its wallets in the order of their ids. */
export class HourHash {
  private readonly hmac;
  wallets = 0n;
  entries = 0n;

  constructor(key: string, hour: { number: bigint; hour: Date; previous: Buffer | undefined }) {
    const previous = hour.previous?.toString('hex') ?? '';
    this.hmac = createHmac('sha256', key).update(
      ['scrip hour seal 1', hour.number, hour.hour.toISOString(), previous, ''].join('\n'),
    );
  }

  add(wallet: { hash: Buffer; entry_count: bigint }): void {
    this.hmac.update(wallet.hash);
    this.wallets += 1n;
    this.entries += wallet.entry_count;
  }

  digest(): Buffer {
    return this.hmac.digest();
  }
}
