import { migrations } from '../migrations/all.ts';
import { parseCredits } from './core/credits.ts';
import { parseDecimal } from './core/decimal.ts';
import { PRICE_DECIMALS, type PriceComponent, QUANTITY_DECIMALS } from './core/price-rules.ts';
import { addFreeAmount } from './billing/free-amounts.ts';
import { addPackage } from './billing/packages.ts';
import { addPlan } from './billing/plans.ts';
import { addPromoCode } from './billing/promo-codes.ts';
import { addReferralTerms } from './billing/referrals.ts';
import { audit } from './lib/audit.ts';
import { type Connections, type Trx, connect } from './lib/database.ts';
import { migrate, pendingMigrations } from './lib/migrate.ts';
import type { Config } from './config.ts';
import type { MilestoneProgramme } from './workspaces/milestones.ts';
import type {
  Preset,
  PresetComponent,
  PresetMilestone,
  PresetPackage,
  PresetPromoCode,
} from './presets/preset.ts';
import { presets } from './presets/presets.ts';
import { addOperation } from './pricing/price-book.ts';

/** Where the program's database is, whoever runs it. */
export interface DatabaseAddress {
  url: string;
  migrationUrl: string;
  appUser: string | undefined;
}

/**
 * Brings a database up to date: the schema, and what the preset sells where it is not on sale yet.
 * Safe to call from several processes at once.
 * @returns the names of the migrations that ran now
 */
export async function prepareDatabase(config: Config, address: DatabaseAddress): Promise<string[]> {
  const ssl = config.databaseSsl === undefined ? {} : { ssl: config.databaseSsl };
  const ran = await migrate({
    url: address.migrationUrl,
    ...ssl,
    ...(address.appUser === undefined ? {} : { appUser: address.appUser }),
    migrations,
  }).catch((error: unknown) => {
    throw new Error('The database could not be brought up to date.', { cause: error });
  });
  const connections = await openConnections(config, address, () => undefined);
  try {
    const preset = presets[config.preset];
    await connections.app.transaction().execute((trx) => applyPreset(trx, preset));
  } finally {
    await connections.close();
  }
  return ran;
}

/**
 * The connections of a process.
 * @throws Error with a sentence for the operator, when the database cannot be reached
 */
export async function openConnections(
  config: Config,
  address: Pick<DatabaseAddress, 'url'>,
  onError: (error: Error) => void,
): Promise<Connections> {
  try {
    return await connect({
      url: address.url,
      ...(config.databaseSsl === undefined ? {} : { ssl: config.databaseSsl }),
      poolMax: config.poolMax,
      onError,
    });
  } catch (error) {
    const which = config.database === undefined ? 'The embedded database' : 'DATABASE_URL';
    throw new Error(`${which} cannot be used.`, { cause: error });
  }
}

/** Whether the schema is as new as this program needs it; a newer one serves as well. */
export async function isUpToDate(connections: Connections): Promise<boolean> {
  return (await pendingMigrations(connections.app, migrations)).length === 0;
}

/** @throws Error with a sentence for the operator, when the schema is older than this program */
export async function requireSchema(connections: Connections): Promise<void> {
  const pending = await pendingMigrations(connections.app, migrations);
  if (pending.length === 0) return;
  throw new Error(
    `The database is older than this program: it lacks ${pending.join(', ')}. Run node src/migrate.ts first, or set MIGRATE_ON_BOOT=1.`,
  );
}

/** Puts on sale what a preset has and the database has not. What is there stays as it is. */
export async function applyPreset(trx: Trx, preset: Preset): Promise<void> {
  const made_by = `preset ${preset.code} ${preset.version}`;
  const added: string[] = [];
  for (const [position, operation] of preset.operations.entries()) {
    const components = operation.components.map(componentOf);
    const isNew = await addOperation(trx, { ...operation, components, position, made_by });
    if (isNew) added.push(`operation ${operation.code}`);
  }
  for (const [position, one] of preset.packages.entries()) {
    const isNew = await addPackage(trx, {
      code: one.code,
      name: one.name,
      credits_micro: creditsOf(one.credits),
      bonus_micro: creditsOf(one.bonus ?? '0'),
      expires_after_days: one.expires_after_days ?? null,
      bonus_expires_after_days: one.bonus_expires_after_days ?? null,
      popular: one.popular ?? false,
      prices: pricesOf(one),
      position,
      made_by,
    });
    if (isNew) added.push(`package ${one.code}`);
  }
  for (const { price_per_credit, expires_after_days, ...limits } of preset.free_amounts) {
    const isNew = await addFreeAmount(trx, {
      ...limits,
      price_per_credit_micro: decimalOf(price_per_credit, 6),
      expires_after_days: expires_after_days ?? null,
      made_by,
    });
    if (isNew) added.push(`amounts in ${limits.currency}`);
  }
  for (const [position, one] of preset.plans.entries()) {
    const { credits, rollover_cap, trial_days, members_max, ...plan } = one;
    const isNew = await addPlan(trx, {
      ...plan,
      credits_micro: credits === undefined ? null : creditsOf(credits),
      rollover_cap_micro: rollover_cap === undefined ? null : creditsOf(rollover_cap),
      trial_days: trial_days ?? 0,
      limits: members_max === undefined ? {} : { members_max },
      position,
      made_by,
    });
    if (isNew) added.push(`plan ${plan.code}`);
  }
  for (const one of preset.promo_codes ?? []) {
    if ((await addPromoCode(trx, { ...promoTermsOf(one), made_by })) !== undefined) {
      added.push(`promo code ${one.code}`);
    }
  }
  if (preset.referrals !== undefined) {
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
  if (added.length === 0) return;
  await audit(trx, {
    actor: { kind: 'system' },
    action: 'preset.applied',
    subject: { kind: 'preset', id: preset.code },
    after: { version: preset.version, added },
  });
}

/** What everybody gets who joins. */
export function welcomeOf(preset: Preset) {
  const { credits, expires_after_days, guard } = preset.welcome;
  return { amount_micro: creditsOf(credits), expires_after_days, guard };
}

/** What a preset leads people to do, and gives for it. */
export function milestonesIn({ first_steps, achievements }: Preset): MilestoneProgramme {
  const rewarded = <Kind extends 'step' | 'achievement'>(kind: Kind, one: PresetMilestone) => {
    const { code, title, when, credits } = one;
    return { kind, code, title, when, reward_micro: creditsOf(credits ?? '0') };
  };
  return {
    steps: (first_steps?.steps ?? []).map((one) => ({ ...rewarded('step', one), page: one.page })),
    completion_micro: creditsOf(first_steps?.completion_credits ?? '0'),
    achievements: (achievements ?? []).map((one) => rewarded('achievement', one)),
  };
}

/** An amount of a preset in micro-credits; a preset that says something else is a bug. */
export function creditsOf(text: string): bigint {
  const amount = parseCredits(text);
  if (amount === undefined) throw new Error(`a preset has no amount of credits in "${text}"`);
  return amount;
}

function pricesOf({ prices }: PresetPackage) {
  return Object.entries(prices).map(([currency, price_minor]) => ({ currency, price_minor }));
}

function promoTermsOf(one: PresetPromoCode) {
  const { code, name, kind, credits } = one;
  return {
    ...{ code, name, kind, credits: credits === undefined ? null : creditsOf(credits) },
    percent: one.percent ?? null,
    packages: one.packages ?? null,
    plans: one.plans ?? null,
    first_purchase_only: one.first_purchase_only ?? false,
    starts_at: one.starts_at ?? null,
    ends_at: one.ends_at ?? null,
    total_limit: one.total_limit ?? null,
    person_limit: one.person_limit ?? 1,
    expires_after_days: one.expires_after_days ?? null,
  };
}

function componentOf(component: PresetComponent): PriceComponent {
  const { price, step, ...rest } = component;
  return {
    ...rest,
    price_pico: decimalOf(price, PRICE_DECIMALS),
    ...(step === undefined ? {} : { step: decimalOf(step, QUANTITY_DECIMALS) }),
  };
}

function decimalOf(text: string, decimals: number): bigint {
  const value = parseDecimal(text, decimals);
  if (value === undefined || value < 0n) throw new Error(`a preset has no number in "${text}"`);
  return value;
}
