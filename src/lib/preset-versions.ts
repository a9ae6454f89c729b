import type { Db } from './database.ts';

/** The versions of presets that the database was brought to, the newest first, and what each left alone. */
export async function presetVersions(db: Db) {
  return db
    .selectFrom('preset_versions')
    .select(['preset', 'version', 'kept', 'applied_at'])
    .orderBy('applied_at', 'desc')
    .orderBy('version', 'desc')
    .limit(100)
    .execute();
}
