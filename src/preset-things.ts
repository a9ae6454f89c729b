import { toldFreeAmount } from './billing/free-amounts.ts';
import {
  changePackage,
  addPackage,
  packageVersions,
  toldPackage,
} from './billing/package-versions.ts';
import { addPlan, changePlan, planVersions, toldPlan } from './billing/plan-versions.ts';
import { toldReferral } from './billing/referrals.ts';
import { type Version, newestVersion } from './core/versions.ts';
import {
  type CatalogueItem,
  addCatalogueItem,
  catalogueVersions,
  changeCatalogueItem,
} from './lib/catalogue-versions.ts';
import { type Change, type Changed, type Told, toldSame } from './lib/changes.ts';
import type { Trx } from './lib/database.ts';
import { toldAlertDefaults } from './ledger/alert-defaults.ts';
import { catalogueItemsOf, componentOf, packageTermsOf, planTermsOf } from './preset-terms.ts';
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
import { toldIndustry } from './workspaces/industries.ts';
import { toldMilestone, toldReward } from './workspaces/milestone-programme.ts';
import { toldWelcome } from './workspaces/welcome-terms.ts';

/** One thing of a preset, beside what the database has of it. */
export interface Brought {
  label: string;
  known: { version: number; made_by: string } | undefined;
  isSame: boolean;
  add: () => Promise<boolean>;
  change: (change: Change) => Promise<Changed>;
}

/** What is on sale and the preset does not have. */
export interface LeftOver extends Pick<Brought, 'label' | 'change'> {
  known: { version: number; made_by: string };
}

/** What a preset has of a kind, and what is on sale of it besides. */
export interface Things {
  brought: Brought[];
  left: LeftOver[];
}

/** All things of a preset that have versions, a kind after the other. */
export async function thingsOf(trx: Trx, preset: Preset): Promise<Things[]> {
  return [
    await operationsOf(trx, preset),
    await packagesOf(trx, preset),
    await plansOf(trx, preset),
    await itemsOf(trx, preset),
  ];
}

export function nameOf({ code, version }: Preset): string {
  return `preset ${code} ${version}`;
}

export function madeBy(preset: Preset) {
  return { made_by: nameOf(preset) };
}

async function operationsOf(trx: Trx, preset: Preset): Promise<Things> {
  const operations = await storedOperations(trx);
  const prices = (await listPrices(trx)).filter(({ scope }) => scope === 'general');
  const brought = preset.operations.flatMap((one, position): Brought[] => {
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
  const left = leftOver(operations, preset.operations).map((known): LeftOver => {
    const { code, name, description, unit, position } = known;
    const wording = { code, name, description, unit, position, active: false };
    return {
      label: `operation ${code}`,
      known,
      change: (change) => changeOperation(trx, wording, change),
    };
  });
  return { brought, left };
}

/** The newest of each that is on sale and has no code of the preset's. */
function leftOver<One extends { code: string; active: boolean }>(
  known: readonly One[],
  ofPreset: readonly { code: string }[],
): One[] {
  const codes = new Set(ofPreset.map(({ code }) => code));
  return known.filter(({ code, active }) => active && !codes.has(code));
}

function newestOfEach<One extends Version & { code: string }>(versions: readonly One[]): One[] {
  const codes = new Set(versions.map(({ code }) => code));
  return [...codes].flatMap(
    (code) => newestVersion(versions.filter((one) => one.code === code)) ?? [],
  );
}

async function packagesOf(trx: Trx, preset: Preset): Promise<Things> {
  const versions = await packageVersions(trx);
  const brought = preset.packages.map((one, position): Brought => {
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
  const left = leftOver(newestOfEach(versions), preset.packages).map((known): LeftOver => ({
    label: `package ${known.code}`,
    known,
    change: (change) => changePackage(trx, known.code, { ...known, active: false }, change),
  }));
  return { brought, left };
}

async function plansOf(trx: Trx, preset: Preset): Promise<Things> {
  const versions = await planVersions(trx);
  const brought = preset.plans.map((one, position): Brought => {
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
  const left = leftOver(newestOfEach(versions), preset.plans).map((known): LeftOver => ({
    label: `plan ${known.code}`,
    known,
    change: (change) => changePlan(trx, known.code, { ...known, active: false }, change),
  }));
  return { brought, left };
}

const TELL: Record<CatalogueItem['kind'], (item: CatalogueItem) => Told> = {
  welcome: toldWelcome,
  step: toldMilestone,
  achievement: toldMilestone,
  completion: toldReward,
  alert_defaults: toldAlertDefaults,
  benchmark: toldBenchmark,
  own_amount: toldFreeAmount,
  referral: toldReferral,
  industry: toldIndustry,
};

async function itemsOf(trx: Trx, preset: Preset): Promise<Things> {
  const versions = await catalogueVersions(trx);
  const items = catalogueItemsOf(preset);
  const label = ({ kind, code }: CatalogueItem): string => `${kind.replace('_', ' ')} ${code}`;
  const brought = items.map((item): Brought => {
    const { kind, code } = item;
    const tell = TELL[kind];
    const known = newestVersion(versions.filter((one) => one.kind === kind && one.code === code));
    return {
      label: label(item),
      known,
      isSame: known !== undefined && toldSame(tell(known), tell(item)),
      add: () => addCatalogueItem(trx, { ...item, ...madeBy(preset) }),
      change: (change) => changeCatalogueItem(trx, item, change, tell),
    };
  });
  const kinds = [...new Set(versions.map(({ kind }) => kind))];
  const left = kinds.flatMap((kind) => {
    const known = newestOfEach(versions.filter((one) => one.kind === kind));
    return leftOver(
      known,
      items.filter((one) => one.kind === kind),
    ).map((one): LeftOver => ({
      label: label(one),
      known: one,
      change: (change) => changeCatalogueItem(trx, { ...one, active: false }, change, TELL[kind]),
    }));
  });
  return { brought, left };
}
