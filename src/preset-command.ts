/** What the command line does with presets. */
import { type Applied, applyPreset } from './apply-preset.ts';
import type { Config } from './config.ts';
import { PRESET_REPORT } from './core/preset-report.ts';
import { openMigratedDatabase } from './open-database.ts';
import { presetInUse, presetNamed } from './preset-in-use.ts';
import { type Running, say } from './program.ts';

/** Only looked at, and undone. */
class Undone extends Error {}

/**
 * Applies a preset to the database, or with a dry run only says what that would do. A database that
 * has another one goes over to it.
 * @param name the preset that the database has when it is undefined
 * @throws Error with a sentence for the operator
 */
export async function goOnWithPreset(
  running: Running,
  config: Config,
  name: string | undefined,
  { 'dry-run': dry = false }: { 'dry-run'?: boolean | undefined },
): Promise<void> {
  const named = name === undefined ? undefined : presetNamed(name);
  if (named !== undefined && config.preset !== undefined && config.preset !== named.code) {
    throw new Error(
      `SCRIP_PRESET says ${config.preset}: what is started with it would refuse the preset ${named.code}. Set it to ${named.code}, or take it away, and send this again.`,
    );
  }
  const { app } = await openMigratedDatabase(running, config);
  const before = await presetInUse(app);
  const preset = named ?? presetNamed(before ?? config.preset ?? 'default');
  const applied: Applied[] = [];
  const transaction = app.transaction().execute(async (trx) => {
    applied.push(await applyPreset(trx, preset));
    if (dry) throw new Undone();
  });
  await transaction.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  if (before !== undefined && before !== preset.code) {
    say(`${dry ? 'It would go' : 'It goes'} over from ${before} to ${preset.code}.`);
  }
  for (const one of applied) report(one, dry);
  if (
    applied.every(({ added, changed, retired }) => [...added, ...changed, ...retired].length === 0)
  ) {
    say(`All of ${preset.code} ${preset.version} is on sale, as it is or changed.`);
  } else if (dry) {
    say('Nothing was changed. Without --dry-run it is done.');
  } else if (before !== preset.code) {
    say(
      `The database has the preset ${preset.code} now. Processes that run show it when they are started again.`,
    );
  }
}

function report(applied: Applied, isDry: boolean): void {
  for (const { kind, done, dry } of PRESET_REPORT) {
    for (const label of applied[kind]) say(`${isDry ? dry : done}: ${label}`);
  }
}
