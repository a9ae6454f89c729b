import { type RawBuilder, sql } from 'kysely';

/** One thing that does not add up: which rule, in which wallet, at which entry, lot or hold. */
export interface Violation {
  rule: string;
  /** Null for what is of all wallets together: the chain of seals. */
  wallet_id: string | null;
  detail: string;
}

/** Some wallets, as a condition on the column that names them. */
export type Scope = (column: string) => RawBuilder<boolean>;

/** A query that finds what breaks some rules in the wallets of a scope. */
export type Rules = (scope: Scope) => RawBuilder<Violation>;

/** The wallets after one id up to another: the zeros are before the first one. */
export function walletsBetween(after: string, upTo: string): Scope {
  return (column) => sql`${sql.ref(column)} > ${after} and ${sql.ref(column)} <= ${upTo}`;
}

export function theseWallets(ids: readonly string[]): Scope {
  return (column) => sql`${sql.ref(column)} = any(${ids})`;
}

/** What breaks a rule, as a part of a `union all`. */
export function breaking(
  rule: string,
  {
    wallet = 'wallet_id',
    detail = `''`,
    found,
  }: { wallet?: string; detail?: string; found: RawBuilder<unknown> },
): RawBuilder<Violation> {
  return sql`select ${sql.lit(rule)} as rule, ${sql.raw(wallet)} as wallet_id, ${sql.raw(detail)} as detail ${found}`;
}

export function allOf(parts: readonly RawBuilder<Violation>[]): RawBuilder<Violation> {
  return sql.join<Violation>(parts, sql` union all `);
}
