/** What the command line does with presets. */
import type { Config } from './config.ts';
import { openDatabase } from './open-database.ts';
import { type Applied, applyPreset } from './apply-preset.ts';
import { presets } from './presets/presets.ts';
import { type Running, say } from './program.ts';

/** Only looked at, and undone. */
class Undone extends Error {}

/**
 * Says what of the preset is not on sale, and with `apply` puts it there. What is on sale stays as it
 * is: it may have been changed since.
 */
export async function showPreset(
  running: Running,
  config: Config,
  { name, apply = false }: { name?: string | undefined; apply?: boolean | undefined },
): Promise<void> {
  const code = name ?? config.preset;
  const preset = Object.values(presets).find((one) => one.code === code);
  if (preset === undefined) {
    throw new Error(`There is no preset ${code}, but ${Object.keys(presets).join(', ')}.`);
  }
  const { app } = await openDatabase(running, config);
  let applied: Applied = { added: [], changed: [], kept: [] };
  const transaction = app.transaction().execute(async (trx) => {
    applied = await applyPreset(trx, preset);
    if (!apply) throw new Undone();
  });
  await transaction.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  const { added, changed, kept } = applied;
  for (const one of added) say(`${apply ? 'added' : 'missing'}: ${one}`);
  for (const one of changed) say(`${apply ? 'brought up to date' : 'of an older preset'}: ${one}`);
  for (const one of kept) say(`changed since, and stays: ${one}`);
  const count = added.length + changed.length;
  if (count === 0) say(`All of ${code} ${preset.version} is on sale, as it is or changed.`);
  else if (!apply) say(`With --apply these ${count} are put on sale; the rest stays as it is.`);
}
