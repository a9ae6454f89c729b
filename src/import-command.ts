/** What the command line takes in from where a product kept its credits before. */
import type { Config } from './config.ts';
import { decimalCredits } from './core/credits.ts';
import { MOVING_FORMS, type MovingForm, columnName, readLine } from './core/moving-in.ts';
import { linesOfCsv } from './lib/csv.ts';
import { openDatabase } from './open-database.ts';
import { presetFor } from './preset-in-use.ts';
import { type Running, say } from './program.ts';
import { type Count, type Line, type MovedIn, moveIn } from './workspaces/moving-in.ts';

interface ImportValues {
  of?: string | undefined;
  file?: string | undefined;
  packages?: string | undefined;
  system?: string | undefined;
  'dry-run'?: boolean | undefined;
}

/** Takes a file in; with --dry-run only says what it would bring. */
export async function importFile(
  running: Running,
  config: Config,
  values: ImportValues,
): Promise<void> {
  const { file, system = 'former' } = values;
  const apply = values['dry-run'] !== true;
  const form = MOVING_FORMS.find((one) => one === values.of);
  if (form === undefined) throw new Error(`import needs --of, one of ${MOVING_FORMS.join(', ')}.`);
  if (file === undefined) throw new Error('import needs --file FILE, in CSV.');
  if (!/^[\w.-]{1,50}$/.test(system)) throw new Error('--system is a name: letters and digits.');
  const packages = await packagesIn(values.packages);
  const connections = await openDatabase(running, config);
  const { currency } = await presetFor(connections.staff, config.preset);
  const moved = await moveIn(connections, linesOf(file, form, packages), {
    ...{ form, system, currency, apply },
  });
  report(moved, { form, file, system });
}

async function* linesOf(
  file: string,
  form: MovingForm,
  packages: ReadonlyMap<string, string>,
): AsyncGenerator<Line> {
  const now = new Date();
  for await (const read of linesOfCsv(file, columnName)) {
    const { line } = read;
    if ('fault' in read) yield { line, outcome: 'fault', why: read.fault };
    else yield { line, ...readLine(form, { record: read.record, packages, now }) };
  }
}

/** The names of packages, by their ids: a short file. */
async function packagesIn(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (file === undefined) return names;
  for await (const read of linesOfCsv(file, columnName)) {
    if ('fault' in read) throw new Error(`${file}, line ${read.line}: ${read.fault}`);
    const { id, name } = read.record;
    if (id === undefined || name === undefined) {
      throw new Error(`${file} needs the columns id and name.`);
    }
    names.set(id, name);
  }
  return names;
}

function report(
  { counts, faults, sums }: MovedIn,
  { form, file, system }: { form: MovingForm; file: string; system: string },
): void {
  const total = (some: (count: Count) => boolean, of: 'lines' | 'amount' | 'people' = 'lines') =>
    counts.filter(some).reduce((sum, count) => sum + count[of], 0n);
  const isNew = (count: Count) => count.outcome === 'row' && !count.known;
  const isKnown = (count: Count) => count.outcome === 'row' && count.known;
  say(`${file}, as ${form} of ${system}: ${total(() => true)} lines.`);
  for (const { fault, line } of faults) say(`line ${line}: ${fault}`);
  const broken = total(({ outcome }) => outcome === 'fault');
  if (broken > 0n) {
    throw new Error(
      `${broken} lines do not fit, so nothing was taken in. Mend them and ask again.`,
    );
  }
  for (const { outcome, why, lines } of counts) {
    if (outcome === 'left_out') say(`Left out, ${String(why)}: ${lines}.`);
  }
  const credits = (amount: bigint) => `${decimalCredits(amount)} credits`;
  say(`New: ${total(isNew)}, ${credits(total(isNew, 'amount'))}.`);
  say(`Moved in before: ${total(isKnown)}, ${credits(total(isKnown, 'amount'))}.`);
  if (form === 'users') say(`People who are made: ${total(isNew, 'people')}.`);
  if (sums === undefined) {
    say('Nothing was written: without --dry-run it is.');
    return;
  }
  const { in_file, kept, granted = kept } = sums;
  say(`In the file ${credits(in_file)}, taken in ${credits(kept)}, granted ${credits(granted)}.`);
  if (in_file !== kept || kept !== granted) throw new Error('These do not agree.');
}
