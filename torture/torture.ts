/** Load and faults, and the proof that nothing was lost and nothing counted twice. */
import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, say } from '../src/program.ts';
import { Chance } from './chance.ts';
import { FAULTS } from './faults.ts';
import { type Round, playRound } from './round.ts';
import { openStage } from './stage.ts';

const HELP = `npm run torture -- [options]

  --minutes N    how long (1); each fault that is tried is tried once at least
  --seed S       what is asked and which fault comes when; without it any
  --only FAULT   one fault: ${Object.keys(FAULTS).join(', ')}
  --programs N   web programs that spend at once (3)`;

await runCommand(async (running) => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
      only: { type: 'string' },
      programs: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    return;
  }
  const seed = wholeNumber('seed', values.seed);
  const until = performance.now() + wholeNumber('minutes', values.minutes) * 60_000;
  const names = values.only === undefined ? Object.keys(FAULTS) : [values.only];
  const unknown = names.find((name) => FAULTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`${HELP}\n\nThere is no fault ${unknown}.`);
  say(`seed ${seed}`);
  const folder = await temporaryFolder();
  const played = { rounds: 0, answered: 0 };
  const chance = new Chance(seed);
  const stage = await openStage(running, folder, wholeNumber('programs', values.programs));
  while (played.rounds < names.length || performance.now() < until) {
    const name = names[played.rounds] ?? chance.oneOf(names);
    const fault = FAULTS[name];
    if (fault === undefined || running.ending) break;
    played.rounds += 1;
    const own = chance.another();
    const round = await playRound(stage, fault, own, `round-${played.rounds}`);
    played.answered += round.answered;
    say(`${name}: ${round.happened} ${fault.what}, ${round.answered} commands answered`);
    if (round.violations.length > 0) throw violated(round, { name, seed, folder });
  }
  await running.stop();
  await rm(folder, { recursive: true, force: true });
  say(`seed ${seed}: ${played.rounds} rounds, ${played.answered} commands, 0 violations`);
});

function violated(
  { violations }: Round,
  { name, seed, folder }: { name: string; seed: number; folder: string },
): Error {
  for (const violation of violations) say(`violated: ${violation}`);
  return new Error(
    `seed ${seed}: ${violations.length} violations after ${name}; what was asked and answered is in ${folder}`,
  );
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`${HELP}\n\n--${name} is a whole number.`);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scrip-torture-'));
  await chmod(folder, 0o711);
  return folder;
}
