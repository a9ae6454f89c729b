import { AMOUNT_MICRO_MAX, parseCredits } from '../../core/credits.ts';
import { currencyName, writtenMoney } from '../../core/money.ts';
import { isCurrency, parseMoney, payableStep } from '../../core/currencies.ts';
import { ROWS_MAX, type Read, type Values } from './kinds.ts';

/** What Stripe takes at once, in minor units of any currency. */
const PRICE_MINOR_MAX = 99_999_999n;
const CREDITS_MAX = AMOUNT_MICRO_MAX / 1_000n;
const WHOLE_MAX = 1_000_000;

/** Reads the fields of a form one by one, and keeps a sentence for each that cannot be read. */
export class Reading {
  readonly errors: Record<string, string> = {};
  private readonly values: Values;

  constructor(values: Values) {
    this.values = values;
  }

  refuse(name: string, sentence: string): void {
    this.errors[name] ??= sentence;
  }

  raw(name: string): string {
    return (this.values[name] ?? '').trim();
  }

  isTicked(name: string): boolean {
    return this.raw(name) === 'yes';
  }

  words(name: string, { most = 100, needed = true } = {}): string {
    const text = this.raw(name);
    if (needed && text === '') this.refuse(name, 'Enter something.');
    if (text.length > most) this.refuse(name, `At most ${most} characters.`);
    return text;
  }

  choice<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const found = choices.find((one) => one === this.raw(name));
    if (found === undefined) this.refuse(name, 'Choose one of these.');
    return found ?? choices[0];
  }

  credits(name: string, { least = 1n }: { least?: bigint } = {}): bigint {
    const micro = parseCredits(this.raw(name));
    if (micro !== undefined && micro >= least && micro <= CREDITS_MAX) return micro;
    const sign = least > 0n ? ', above zero' : '';
    this.refuse(name, `Enter credits as a decimal, as 0.25${sign}.`);
    return least;
  }

  optionalCredits(name: string): bigint | null {
    return this.raw(name) === '' ? null : this.credits(name, { least: 0n });
  }

  whole(name: string, { least = 0, most = WHOLE_MAX } = {}): number {
    const number = /^\d{1,7}$/.test(this.raw(name)) ? Number(this.raw(name)) : -1;
    if (number >= least && number <= most) return number;
    this.refuse(name, `Enter a whole number from ${least} to ${most.toLocaleString('en')}.`);
    return least;
  }

  optionalWhole(name: string): number | null {
    return this.raw(name) === '' ? null : this.whole(name, { least: 1 });
  }

  /** The currency of a row; undefined for a row that is empty. */
  currency(name: string, others: readonly string[]): string | undefined {
    const code = this.raw(name).toUpperCase();
    const isEmpty = others.every((other) => this.raw(other) === '');
    if (code === '' && isEmpty) return undefined;
    if (!isCurrency(code)) this.refuse(name, 'Enter the code of a currency, as USD.');
    return isCurrency(code) ? code : undefined;
  }

  /** Reads the rows that are filled in, each by its currency, of which each stands there once. */
  byCurrency<Row>(
    columns: readonly string[],
    read: (row: number, currency: string) => Row,
  ): Map<string, Row> {
    const rows = new Map<string, Row>();
    for (let row = 1; row <= ROWS_MAX; row++) {
      const field = `currency_${row}`;
      const currency = this.currency(
        field,
        columns.map((name) => `${name}_${row}`),
      );
      if (currency === undefined) continue;
      if (rows.has(currency)) this.refuse(field, `${currency} stands here twice.`);
      rows.set(currency, read(row, currency));
    }
    return rows;
  }

  /** A price that has to be there. */
  neededPrice(name: string, currency: string, sentence: string): bigint {
    const minor = this.price(name, currency);
    if (minor === undefined) this.refuse(name, sentence);
    return minor ?? payableStep(currency);
  }

  /** A price in minor units; undefined where none is written. */
  price(name: string, currency: string, least = 1n): bigint | undefined {
    const text = this.raw(name);
    if (text === '') return undefined;
    const minor = parseMoney(text, currency);
    const isPayable = minor !== undefined && minor >= least && minor <= PRICE_MINOR_MAX;
    if (isPayable && minor % payableStep(currency) === 0n) return minor;
    const most = writtenMoney(
      PRICE_MINOR_MAX - (PRICE_MINOR_MAX % payableStep(currency)),
      currency,
    );
    const example = writtenMoney(4_500n, currency);
    this.refuse(
      name,
      `Enter a price in ${currencyName(currency)} that can be paid, as ${example}; at most ${most}.`,
    );
    return undefined;
  }

  /** What was read, unless something was refused. */
  result<Terms>(terms: Terms): Read<Terms> {
    const { errors } = this;
    return Object.keys(errors).length > 0
      ? { outcome: 'refused', errors }
      : { outcome: 'read', terms };
  }
}
