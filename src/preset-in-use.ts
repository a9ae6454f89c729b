import { sql } from 'kysely';
import type { PresetName } from './core/preset-names.ts';
import type { Db, Trx } from './lib/database.ts';
import type { Preset } from './presets/preset.ts';
import { presets } from './presets/presets.ts';

/** The preset that a database has; undefined before the first was applied. */
export async function presetInUse(db: Db): Promise<string | undefined> {
  const found = await db.selectFrom('preset_in_use').select('preset').executeTakeFirst();
  return found?.preset;
}

/**
 * The preset that a process works with: that of the database, and of a new one the one that is named.
 * @throws Error with a sentence for the operator, when the database has another one
 */
export async function presetFor(db: Db, named: PresetName | undefined): Promise<Preset> {
  const code = await presetInUse(db);
  if (code === undefined) return presets[named ?? 'default'];
  if (named !== undefined && named !== code) {
    throw new Error(
      `SCRIP_PRESET says ${named}, and this database has the preset ${code}. To go over to ${named}, with what ${code} sold taken off sale: npm run cli -- preset ${named}`,
    );
  }
  return presetNamed(code);
}

/** @throws Error with a sentence for the operator */
export function presetNamed(code: string): Preset {
  const preset = Object.values(presets).find((one) => one.code === code);
  if (preset !== undefined) return preset;
  throw new Error(`There is no preset ${code}, but ${Object.keys(presets).join(', ')}.`);
}

/**
 * From now on the database has this preset. Whoever applies one at the same time waits here.
 * @returns the one that it had
 */
export async function choosePreset(trx: Trx, code: string): Promise<string | undefined> {
  await sql`
    insert into preset_in_use (preset) values (${code}) on conflict (singleton) do nothing`.execute(
    trx,
  );
  const { rows } = await sql<{ preset: string }>`
    select preset from preset_in_use for update`.execute(trx);
  const before = rows[0]?.preset;
  if (before === code) return before;
  await trx
    .updateTable('preset_in_use')
    .set({ preset: code, chosen_at: sql<Date>`now()` })
    .execute();
  return before;
}
