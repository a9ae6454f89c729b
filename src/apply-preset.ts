import { addPromoCode } from './billing/promo-codes.ts';
import { audit } from './lib/audit.ts';
import type { ChangedBy } from './lib/changes.ts';
import type { Trx } from './lib/database.ts';
import { choosePreset } from './preset-in-use.ts';
import { promoTermsOf } from './preset-terms.ts';
import { type Brought, type LeftOver, madeBy, nameOf, thingsOf } from './preset-things.ts';
import type { Preset } from './presets/preset.ts';

/** What became of each thing that the preset has. */
export interface Applied {
  added: string[];
  changed: string[];
  /** Of the preset that the database had before, and taken off sale. */
  retired: string[];
  /** Somebody has changed it here, so that it was left alone. */
  kept: string[];
}

/**
 * Puts on sale what a preset has and the database has not, and brings what an older preset made up
 * to this one. Where the database had another preset, what that one made is taken off sale. What
 * somebody has changed since stays as it is, and is reported.
 */
export async function applyPreset(trx: Trx, preset: Preset): Promise<Applied> {
  const applied: Applied = { added: [], changed: [], retired: [], kept: [] };
  const before = await choosePreset(trx, preset.code);
  for (const { brought, left } of await thingsOf(trx, preset)) {
    for (const thing of brought) await bring(preset, thing, applied);
    if (before !== preset.code) for (const thing of left) await retire(preset, thing, applied);
  }
  await addPromoCodes(trx, preset, applied.added);
  const first = await trx
    .insertInto('preset_versions')
    .values({ preset: preset.code, version: preset.version, kept: applied.kept })
    .onConflict((conflict) => conflict.columns(['preset', 'version']).doNothing())
    .executeTakeFirst();
  const isNew = first.numInsertedOrUpdatedRows === 1n;
  const { added, changed } = applied;
  if (!isNew && before === preset.code && added.length + changed.length === 0) return applied;
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
      const outcome = await change({ after_version: known.version, by: by(preset) });
      if (outcome === 'changed') applied.changed.push(label);
    }
  }
}

async function retire(preset: Preset, thing: LeftOver, applied: Applied): Promise<void> {
  const { label, known, change } = thing;
  if (!known.made_by.startsWith('preset ')) applied.kept.push(label);
  else {
    const outcome = await change({ after_version: known.version, by: by(preset) });
    if (outcome === 'changed') applied.retired.push(label);
  }
}

function by(preset: Preset): ChangedBy {
  return { ...madeBy(preset), actor: { kind: 'system' }, reason: nameOf(preset) };
}

/** Promo codes are told to people: they are added where they are missing, and left as they are. */
async function addPromoCodes(trx: Trx, preset: Preset, added: string[]): Promise<void> {
  const made_by = nameOf(preset);
  for (const one of preset.promo_codes ?? []) {
    if ((await addPromoCode(trx, { ...promoTermsOf(one), made_by })) !== undefined) {
      added.push(`promo code ${one.code}`);
    }
  }
}
