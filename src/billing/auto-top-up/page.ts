import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { formatCredits } from '../../core/credits.ts';
import { currencyName, currencySign, writtenMoney } from '../../core/money.ts';
import type { Db } from '../../lib/database.ts';
import type { FormState } from '../../lib/forms.ts';
import { catalogueIn } from '../buy/catalogue.ts';
import { type Package, packagesOnSale } from '../packages.ts';
import type { PaymentProvider } from '../provider.ts';
import { type SavedCard, findSavedCard, nameOfCard } from './saved-cards.ts';
import { WAITS_FOR_OWNER } from './charges.ts';
import { chargedIn, monthOf } from './months.ts';
import { type AutoTopUp, findTerms, whyNotOffered } from './terms.ts';

const CHARGES_SHOWN = 5;
/** What a form that nobody filled in yet proposes. */
const PROPOSED_BELOW = '50';
const PROPOSED_PACKAGES_A_MONTH = 3n;

/** What the page of auto top-up says of a workspace, with the form as it was filled in. */
export async function autoTopUpPage(
  db: Db,
  workspace: { id: string; currency: string },
  provider: PaymentProvider,
  form: FormState,
) {
  const terms = provider.mode === 'off' ? undefined : await findTerms(db, workspace.id, provider);
  const card =
    provider.mode === 'off' ? undefined : await findSavedCard(db, workspace.id, provider);
  const { currency } = await catalogueIn(
    db,
    workspace.currency,
    form.values['currency'] ?? terms?.currency,
  );
  const packages = await packagesOnSale(db, currency);
  return {
    off_reason: whyNotOffered(provider),
    ...{ terms, currency, packages, form },
    simulated: provider.mode === 'simulated',
    card: card && shownCard(card),
    month: terms && (await monthOfTerms(db, terms)),
    charges: await lastCharges(db, workspace.id),
    values: { ...proposed(packages, terms), ...form.values },
    sign: currencySign(currency),
    currency_name: currencyName(currency),
    nonce: randomUUID(),
  };
}

/** In a line or two, for the page on which people buy: whether it is on. */
export async function autoTopUpInShort(
  db: Db,
  workspaceId: string,
  provider: PaymentProvider,
): Promise<AutoTopUp | undefined> {
  return provider.mode === 'off' ? undefined : findTerms(db, workspaceId, provider);
}

/** The charge that waits for the owner of the card, if there is one. */
export async function waitingCharge(db: Db, workspaceId: string): Promise<string | undefined> {
  const charges = await lastCharges(db, workspaceId);
  return charges.find(({ state }) => state === 'waits')?.id;
}

export function shownCard(card: SavedCard) {
  const month = String(card.exp_month).padStart(2, '0');
  return { name: nameOfCard(card), valid_until: `${month}/${String(card.exp_year).slice(-2)}` };
}

async function monthOfTerms(db: Db, terms: AutoTopUp) {
  const month = await monthOf(db, terms.workspace_id);
  const charged_minor = await chargedIn(db, terms, month);
  const isReached = charged_minor + terms.price_minor > terms.monthly_limit_minor;
  return { ...month, charged_minor, reached: isReached };
}

async function lastCharges(db: Db, workspaceId: string) {
  const rows = await db
    .selectFrom('payments')
    .select(['id', 'status', 'failure', 'total_minor', 'currency', 'created_at'])
    .select(sql<string>`catalogue->>'name'`.as('sold'))
    .where('workspace_id', '=', workspaceId)
    .where('auto_top_up', '=', sql<boolean>`true`)
    .orderBy('id', 'desc')
    .limit(CHARGES_SHOWN)
    .execute();
  return rows.map(({ status, failure, ...row }) => ({
    ...row,
    state: status === 'pending' && failure === WAITS_FOR_OWNER ? ('waits' as const) : status,
  }));
}

function proposed(packages: readonly Package[], terms: AutoTopUp | undefined) {
  const agreed = packages.find(({ id }) => id === terms?.package_id);
  const chosen = agreed ?? packages.find(({ popular }) => popular) ?? packages[0];
  if (chosen === undefined) return {};
  const isAgreed = terms?.currency === chosen.currency;
  const limit = isAgreed
    ? terms.monthly_limit_minor
    : chosen.price_minor * PROPOSED_PACKAGES_A_MONTH;
  return {
    below: terms === undefined ? PROPOSED_BELOW : plain(terms.below_micro),
    package: chosen.code,
    limit: writtenMoney(limit, chosen.currency),
  };
}

/** As it is typed: without commas. */
function plain(micro: bigint): string {
  return formatCredits(micro).replaceAll(',', '').replace(/\.00$/, '');
}
