/** What the command line says of prices. */
import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import { formatCredits } from './core/credits.ts';
import { parseRfc3339, rfc3339 } from './core/instant.ts';
import { accountNamed } from './named-account.ts';
import { openDatabase } from './open-database.ts';
import { DecimalComponents } from './pricing/decimal-rules.ts';
import { addOperation } from './pricing/price-book.ts';
import { addVersion } from './pricing/price-changes.ts';
import { type LabCustomer, tryPrice } from './pricing/price-lab.ts';
import { type Running, say } from './program.ts';

const DAY_MILLISECONDS = 86_400_000;
const DAYS_MAX = 3_660;

interface LabValues {
  operation?: string | undefined;
  rule?: string | undefined;
  days?: string | undefined;
}

/** Prices what was used of an operation by the draft in a file, and says whom it would concern. */
export async function priceLab(
  running: Running,
  config: Config,
  { operation, rule, days = '30' }: LabValues,
): Promise<void> {
  if (operation === undefined) throw new Error('price-lab needs --operation CODE.');
  if (rule === undefined) throw new Error('price-lab needs --rule FILE.');
  const count = Number(days);
  if (!Number.isInteger(count) || count < 1 || count > DAYS_MAX) {
    throw new Error(`--days is a whole number from 1 to ${DAYS_MAX}.`);
  }
  const components = await draftIn(rule);
  const { staff } = await openDatabase(running, config);
  const from = new Date(Date.now() - count * DAY_MILLISECONDS);
  const draft = { id: 'draft', operation, version: 0, components };
  const tried = await tryPrice(staff, { rule: draft, from });
  if (tried.length === 0) say(`Nobody used ${operation} in the last ${count} days.`);
  for (const one of tried) say(sentenceFor(one));
  say(`All ${tried.length} customers: ${amountsOf(totalOf(tried))}.`);
}

interface PriceValues {
  operation?: string | undefined;
  rule?: string | undefined;
  name?: string | undefined;
  customer?: string | undefined;
  workspace?: string | undefined;
  from?: string | undefined;
}

/**
 * Adds a version of a price, for everybody or one customer, from now on or a later moment; with a name
 * for an operation that nobody has sold before.
 */
export async function setPrice(
  running: Running,
  config: Config,
  { operation, rule, name, customer, workspace, from }: PriceValues,
): Promise<void> {
  if (operation === undefined) throw new Error('set-price needs --operation CODE.');
  if (rule === undefined) throw new Error('set-price needs --rule FILE.');
  const valid_from = from === undefined ? undefined : parseRfc3339(from);
  if (from !== undefined && valid_from === undefined) {
    throw new Error('--from is a time by RFC 3339: 2026-12-01T00:00:00Z.');
  }
  const components = await draftIn(rule);
  const { app, staff } = await openDatabase(running, config);
  const owner = (await accountNamed(staff, { customer, workspace }))?.workspace_id;
  const made = await app.transaction().execute(async (trx) => {
    if (name !== undefined) {
      const unit = components[0]?.unit ?? 'unit';
      const unpriced = { components: [], made_by: 'system', description: '', position: 1_000 };
      await addOperation(trx, { code: operation, name, unit, ...unpriced });
    }
    return addVersion(trx, {
      ...{ operation, components, actor: { kind: 'system' } },
      ...(owner !== undefined && { workspace_id: owner }),
      ...(valid_from !== undefined && { valid_from: new Date(Number(valid_from / 1_000n)) }),
    });
  });
  say(`Version ${made.version} of the price of ${operation} holds from ${from ?? 'now'} on.`);
}

async function draftIn(file: string) {
  const parsed = DecimalComponents.safeParse(jsonIn(file, await readFile(file, 'utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  if (parsed.data.length === 0) throw new Error(`${file} has no component.`);
  return parsed.data;
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON.`, { cause: error });
  }
}

function sentenceFor(one: LabCustomer): string {
  const { customer, uses, ran_out_at } = one;
  const out = ran_out_at === null ? '' : `; would have run out at ${rfc3339(ran_out_at)}`;
  return `${customer}: ${uses} uses, ${amountsOf(one)}${out}`;
}

type Amounts = Pick<LabCustomer, 'charged_micro' | 'draft_micro'>;

function amountsOf({ charged_micro, draft_micro }: Amounts): string {
  const difference = formatCredits(draft_micro - charged_micro, { plus: true });
  return `charged ${formatCredits(charged_micro)}, by the draft ${formatCredits(draft_micro)} (${difference})`;
}

function totalOf(tried: readonly LabCustomer[]): Amounts {
  return tried.reduce<Amounts>(
    (sum, one) => ({
      charged_micro: sum.charged_micro + one.charged_micro,
      draft_micro: sum.draft_micro + one.draft_micro,
    }),
    { charged_micro: 0n, draft_micro: 0n },
  );
}
