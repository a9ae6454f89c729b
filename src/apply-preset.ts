import { addFreeAmount } from './billing/free-amounts.ts';
import {
  addPackage,
  changePackage,
  packageVersions,
  toldPackage,
} from './billing/package-versions.ts';
import { addPlan, changePlan, planVersions, toldPlan } from './billing/plan-versions.ts';
import { addPromoCode } from './billing/promo-codes.ts';
import { addReferralTerms } from './billing/referrals.ts';
import { newestVersion } from './core/versions.ts';
import { audit } from './lib/audit.ts';
import {
  type CatalogueItem,
  addCatalogueItem,
  catalogueVersions,
  changeCatalogueItem,
} from './lib/catalogue-versions.ts';
import { type Change, type Changed, type Told, toldSame } from './lib/changes.ts';
import type { Trx } from './lib/database.ts';
import { toldAlertDefaults } from './ledger/alert-defaults.ts';
import {
  catalogueItemsOf,
  componentOf,
  creditsOf,
  decimalOf,
  packageTermsOf,
  planTermsOf,
  promoTermsOf,
} from './preset-terms.ts';
import type { Preset } from './presets/preset.ts';
import {
  changeOperation,
  listPrices,
  storedOperations,
  toldOperation,
} from './pricing/operations.ts';
import { addOperation } from './pricing/price-book.ts';
import { publishPrice } from './pricing/price-changes.ts';
import { sameComponents } from './pricing/stored-rules.ts';
import { toldBenchmark } from './usage/benchmark-list.ts';
import { toldMilestone, toldReward } from './workspaces/milestone-programme.ts';
import { toldWelcome } from './workspaces/welcome-terms.ts';

/** What became of each thing that the preset has. */
export interface Applied {
  added: string[];
  changed: string[];
  /** Somebody has changed it here, so that it was left alone. */
  kept: string[];
}

/** One thing of a preset, beside what the database has of it. */
interface Brought {
  label: string;
  known: { version: number; made_by: string } | undefined;
  isSame: boolean;
  add: () => Promise<boolean>;
  change: (change: Change) => Promise<Changed>;
}

/**
 * Puts on sale what a preset has and the database has not, and brings what an older preset made up
 * to this one. What somebody has changed since stays as it is, and is reported.
 */
export async function applyPreset(trx: Trx, preset: Preset): Promise<Applied> {
  const applied: Applied = { added: [], changed: [], kept: [] };
  const things = [
    ...(await operationsOf(trx, preset)),
    ...(await packagesOf(trx, preset)),
    ...(await plansOf(trx, preset)),
    ...(await itemsOf(trx, preset)),
  ];
  for (const thing of things) await bring(preset, thing, applied);
  await addOnly(trx, preset, applied.added);
  const first = await trx
    .insertInto('preset_versions')
    .values({ preset: preset.code, version: preset.version, kept: applied.kept })
    .onConflict((conflict) => conflict.columns(['preset', 'version']).doNothing())
    .executeTakeFirst();
  const isNew = first.numInsertedOrUpdatedRows === 1n;
  if (!isNew && applied.added.length + applied.changed.length === 0) return applied;
  await audit(trx, {
    actor: { kind: 'system' },
    action: 'preset.applied',
    subject: { kind: 'preset', id: preset.code },
    after: { version: preset.version, ...applied },
  });
  return applied;
}

async function bring(preset: Preset, thing: Brought, applied: Applied): Promise<void> {
  const { label, known, isSame, add, change } = thing;
  if (known === undefined) {
    if (await add()) applied.added.push(label);
  } else if (!isSame) {
    const [, code, version] = /^preset (\S+) (\d+)$/.exec(known.made_by) ?? [];
    if (code === undefined) applied.kept.push(label);
    else if (code !== preset.code || Number(version) < preset.version) {
      const by = { ...madeBy(preset), actor: { kind: 'system' }, reason: nameOf(preset) } as const;
      const outcome = await change({ after_version: known.version, by });
      if (outcome === 'changed') applied.changed.push(label);
    }
  }
}

function nameOf({ code, version }: Preset): string {
  return `preset ${code} ${version}`;
}

function madeBy(preset: Preset) {
  return { made_by: nameOf(preset) };
}

async function operationsOf(trx: Trx, preset: Preset): Promise<Brought[]> {
  const operations = await storedOperations(trx);
  const prices = (await listPrices(trx)).filter(({ scope }) => scope === 'general');
  return preset.operations.flatMap((one, position): Brought[] => {
    const { code, name, description, unit } = one;
    const known = operations.find((operation) => operation.code === code);
    const components = one.components.map(componentOf);
    const wording = { code, name, description, unit, position, active: true };
    const price = newestVersion(prices.filter(({ operation }) => operation === code));
    const made = { ...wording, components, ...madeBy(preset) };
    const operation: Brought = {
      label: `operation ${code}`,
      known,
      isSame: known !== undefined && toldSame(toldOperation(known), toldOperation(wording)),
      add: () => addOperation(trx, made),
      change: (change) => changeOperation(trx, wording, change),
    };
    // With a new operation comes its price.
    if (known === undefined || price === undefined) return [operation];
    const repriced: Brought = {
      label: `price of ${code}`,
      known: price,
      isSame: sameComponents(price.components, components),
      add: () => Promise.resolve(false),
      change: ({ after_version, by }) =>
        publishPrice(trx, { operation: code, components, after_version, ...by }),
    };
    return [operation, repriced];
  });
}

async function packagesOf(trx: Trx, preset: Preset): Promise<Brought[]> {
  const versions = await packageVersions(trx);
  return preset.packages.map((one, position) => {
    const { code } = one;
    const terms = packageTermsOf(one, position);
    const known = newestVersion(versions.filter((version) => version.code === code));
    return {
      label: `package ${code}`,
      known,
      isSame: known !== undefined && toldSame(toldPackage(known), toldPackage(terms)),
      add: () => addPackage(trx, { ...terms, code, ...madeBy(preset) }),
      change: (change) => changePackage(trx, code, terms, change),
    };
  });
}

async function plansOf(trx: Trx, preset: Preset): Promise<Brought[]> {
  const versions = await planVersions(trx);
  return preset.plans.map((one, position) => {
    const { code } = one;
    const terms = planTermsOf(one, position);
    const known = newestVersion(versions.filter((version) => version.code === code));
    return {
      label: `plan ${code}`,
      known,
      isSame: known !== undefined && toldSame(toldPlan(known), toldPlan(terms)),
      add: () => addPlan(trx, { ...terms, code, ...madeBy(preset) }),
      change: (change) => changePlan(trx, code, terms, change),
    };
  });
}

const TELL: Record<CatalogueItem['kind'], (item: CatalogueItem) => Told> = {
  welcome: toldWelcome,
  step: toldMilestone,
  achievement: toldMilestone,
  completion: toldReward,
  alert_defaults: toldAlertDefaults,
  benchmark: toldBenchmark,
};

async function itemsOf(trx: Trx, preset: Preset): Promise<Brought[]> {
  const versions = await catalogueVersions(trx);
  return catalogueItemsOf(preset).map((item) => {
    const { kind, code } = item;
    const tell = TELL[kind];
    const known = newestVersion(versions.filter((one) => one.kind === kind && one.code === code));
    return {
      label: `${kind.replace('_', ' ')} ${code}`,
      known,
      isSame: known !== undefined && toldSame(tell(known), tell(item)),
      add: () => addCatalogueItem(trx, { ...item, ...madeBy(preset) }),
      change: (change) => changeCatalogueItem(trx, item, change, tell),
    };
  });
}

/** What has no versions: it is added where it is missing. */
async function addOnly(trx: Trx, preset: Preset, added: string[]): Promise<void> {
  const made_by = nameOf(preset);
  for (const { price_per_credit, expires_after_days, ...limits } of preset.free_amounts) {
    const isNew = await addFreeAmount(trx, {
      ...limits,
      price_per_credit_micro: decimalOf(price_per_credit, 6),
      expires_after_days: expires_after_days ?? null,
      made_by,
    });
    if (isNew) added.push(`amounts in ${limits.currency}`);
  }
  for (const one of preset.promo_codes ?? []) {
    if ((await addPromoCode(trx, { ...promoTermsOf(one), made_by })) !== undefined) {
      added.push(`promo code ${one.code}`);
    }
  }
  if (preset.referrals === undefined) return;
  const { referrer_credits, referred_credits, expires_after_days, ...terms } = preset.referrals;
  const isNew = await addReferralTerms(trx, {
    ...terms,
    referrer_credits: creditsOf(referrer_credits),
    referred_credits: creditsOf(referred_credits),
    expires_after_days: expires_after_days ?? null,
    made_by,
  });
  if (isNew) added.push('referrals');
}
