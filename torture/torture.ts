/** Load and faults, and the proof that nothing was lost and nothing counted twice. */
import { randomInt } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Running, runCommand, say } from '../src/program.ts';
import { Chance } from './chance.ts';
import { FAULTS, FAULT_NAMES, type FaultName } from './faults.ts';
import { Postgres } from './postgres.ts';
import { release, verify } from './programs.ts';
import { killPurchases } from './purchases.ts';
import { type Answers, type Round, playRound } from './round.ts';
import { openStage } from './stage.ts';

const HELP = `npm run torture -- [options]
npm run torture -- billing [--kills N] [--seed S]

  --minutes N    how long (1); each fault that is tried is tried once at least
  --seed S       what is asked and which fault comes when; without it any
  --only FAULT   one fault: ${FAULT_NAMES.join(', ')}
  --programs N   web programs that spend at once (3)

  billing        kills a program in the middle of purchases, and reconciles
  --kills N      how often (200)`;

await runCommand(async (running) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '200' },
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
  const [scene, ...others] = positionals;
  if (others.length > 0 || (scene !== undefined && scene !== 'billing')) {
    throw new Error(`${HELP}\n\nThere is no ${positionals.join(' ')}.`);
  }
  const until = performance.now() + wholeNumber('minutes', values.minutes) * 60_000;
  const tried = FAULT_NAMES.filter((name) => values.only === undefined || name === values.only);
  if (tried.length === 0) throw new Error(`${HELP}\n\nThere is no fault ${values.only}.`);
  say(`seed ${seed}`);
  let failed = false;
  const folder = await running.start(temporaryFolder, async (one) => {
    if (!failed) await rm(one, { recursive: true, force: true });
  });
  const programs = wholeNumber('programs', values.programs);
  const kills = wholeNumber('kills', values.kills);
  try {
    if (scene === 'billing') await torturePurchases(running, { seed, kills, folder });
    else await torture(running, { seed, until, tried, folder, programs });
  } catch (error) {
    // What breaks because a signal takes the parts away is no news.
    failed = !running.ending;
    throw error;
  }
});

interface Options {
  seed: number;
  until: number;
  tried: readonly FaultName[];
  folder: string;
  programs: number;
}

async function torture(
  running: Running,
  { seed, until, tried, folder, programs }: Options,
): Promise<void> {
  const chance = new Chance(seed);
  const stage = await openStage(running, folder, programs);
  if (stage.disk === undefined) say('no disk can be mounted here: a full one is told, not real');
  const answered = new Map<string, Answers>();
  let rounds = 0;
  let playing: Promise<Round> | undefined;
  const stopping = new AbortController();
  // Before anything is taken from under it, a round that is played comes to its end.
  await running.start(
    () => Promise.resolve(),
    async () => {
      stopping.abort();
      await playing?.catch(() => undefined);
    },
  );
  while (rounds < tried.length || performance.now() < until) {
    const name = tried[rounds] ?? chance.oneOf(tried);
    rounds += 1;
    const fault = FAULTS[name];
    playing = playRound(stage, fault, chance.another(), `round-${rounds}`, {
      stopping: stopping.signal,
    });
    const round = await playing;
    if (stopping.signal.aborted) return;
    addTo(answered, round.answered);
    const { commands, done } = sumOf(round.answered);
    say(`${name}: ${round.happened} ${fault.what}; ${commands} commands answered, ${done} done`);
    if (round.violations.length > 0) throw violated(round, { name, seed, folder });
  }
  await verify(stage.postgres.url);
  for (const [kind, { done, refused }] of answered) {
    say(`${kind}: ${done} done, ${refused} refused`);
  }
  say(`seed ${seed}: ${rounds} rounds, ${sumOf(answered).commands} commands, 0 violations`);
}

async function torturePurchases(
  running: Running,
  { seed, kills, folder }: { seed: number; kills: number; folder: string },
): Promise<void> {
  const data = path.join(folder, 'postgres');
  await mkdir(data);
  await chmod(data, 0o711);
  const postgres = await running.start(
    () => Postgres.start(data),
    (one) => one.stop(),
  );
  await release(postgres.url);
  const place = {
    databaseUrl: postgres.url,
    query: (text: string) => postgres.query(text),
    folder,
  };
  const told = (done: number): void => {
    if (done % 10 === 0) say(`${done} kills`);
  };
  const killed = await killPurchases(running, place, { kills, chance: new Chance(seed), told });
  const { ordered, paid, taken_minor, reconciled, violations } = killed;
  say(`${ordered} orders, ${paid} paid, ${taken_minor} cents taken; ${reconciled} by reconciling`);
  for (const violation of violations) say(`violated: ${violation}`);
  if (violations.length > 0) {
    throw new Error(`seed ${seed}: ${violations.length} violations; the log is in ${folder}`);
  }
  say(`seed ${seed}: ${kills} kills, 0 violations`);
}

function addTo(all: Map<string, Answers>, more: ReadonlyMap<string, Answers>): void {
  for (const [kind, { done, refused }] of more) {
    const before = all.get(kind) ?? { done: 0, refused: 0 };
    all.set(kind, { done: before.done + done, refused: before.refused + refused });
  }
}

function sumOf(answered: ReadonlyMap<string, Answers>): { commands: number; done: number } {
  const all = [...answered.values()];
  const done = all.reduce((sum, one) => sum + one.done, 0);
  return { commands: all.reduce((sum, one) => sum + one.refused, done), done };
}

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
