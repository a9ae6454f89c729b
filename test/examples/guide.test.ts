import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import request from 'supertest';
import { afterAll, expect, test, vi } from 'vitest';
import { type Program, dataFolder, follow, freePort, serverOf } from '../program/started.ts';
import { hiddenField } from '../support/program.ts';

/** What docs/guide.md has to be done: a command, one that goes on, or a file. */
interface Block {
  language: string;
  does: string;
  text: string;
}

/** The fenced blocks, in their order. */
function blocksOf(guide: string): Block[] {
  return [...guide.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(
    ([, language = '', does = '', text = '']) => ({ language, does, text }),
  );
}

const root = path.join(import.meta.dirname, '../..');
const started: Program[] = [];

/** Ends what a shell has started, too. */
async function end({ child, ended }: Program): Promise<void> {
  const runs = child.exitCode === null && child.signalCode === null;
  if (child.pid !== undefined && runs) process.kill(-child.pid, 'SIGTERM');
  await ended;
}
afterAll(() => Promise.all(started.map(end)));

/** A project as somebody has who cloned it, and a shell that stays open in it. */
async function newcomer() {
  const folder = path.join(await dataFolder(), 'scrip');
  await mkdir(folder);
  const names = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const name of names.split('\0').filter(Boolean)) {
    await cp(path.join(root, name), path.join(folder, name));
  }
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  // What is installed is that of the tests, and is not to be installed anew.
  await writeFile(path.join(folder, 'scripts/setup.mjs'), '');
  await writeFile(path.join(folder, 'exports.sh'), '');
  const shell = (text: string): ChildProcess =>
    spawn('bash', ['-ec', `. ./exports.sh\n${text}\nexport -p > exports.sh`], {
      ...{ cwd: folder, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0' },
    });
  return { folder, shell };
}

/** Buys the small package at the simulated payment page, as somebody does who opens the link. */
async function buy(url: string, link: string): Promise<void> {
  const browser = request.agent(url).set('Origin', url);
  const opened = await browser.get(link.replace(/^https?:\/\/[^/]+/, '')).expect(303);
  const page = String(opened.headers['location']);
  const nonce = hiddenField((await browser.get(page).expect(200)).text, 'nonce');
  const order = await browser.post(page).type('form').send({ package: 'small', nonce }).expect(303);
  await fetch(`${String(order.headers['location'])}/pay`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ delivery: 'at_once' }),
  });
}

test(
  'docs/guide.md does what it says, block by block, with a preset of its own',
  { timeout: 300_000 },
  async () => {
    const blocks = blocksOf(await readFile(path.join(root, 'docs/guide.md'), 'utf8'));
    const { folder, shell } = await newcomer();
    const ports: [string, string][] = [
      ['3100', await freePort()],
      ['3200', await freePort()],
    ];
    let url = '';
    let server: Program | undefined;
    const here = (text: string): string =>
      ports
        .reduce((all, [said, free]) => all.replaceAll(said, free), text)
        .replaceAll('http://localhost:3000', url);
    for (const { language, does, text } of blocks) {
      if (language === 'ts') {
        const [, name = ''] = /^file=(\S+)$/.exec(does) ?? [];
        await writeFile(path.join(folder, name), here(text));
      } else if (does === 'server') {
        if (server !== undefined) await end(server);
        server = follow(shell(text));
        started.push(server);
        await server.says('Scrip is ready: ');
        ({ url } = serverOf(server));
      } else if (does === 'background') {
        // The example listens where its page says, and not on any free port.
        const program = follow(shell(`unset PORT\n${here(text)}`));
        started.push(program);
        await program.says('listening');
      } else {
        const { code, out, err } = await follow(shell(here(text))).ended;
        expect({ text, code, out, err }).toMatchObject({ code: 0 });
      }
    }
    const link = /http[^"]*\/c\?link=[^"]*/.exec(
      await readFile(path.join(folder, 'link.txt'), 'utf8'),
    )?.[0];
    await buy(url, link ?? '');
    const hooks = started.find((program) => program.said().out.includes('webhooks'));
    await vi.waitFor(
      () => expect(hooks?.said().out).toContain('credits.purchased: 100 for user-42'),
      {
        timeout: 30_000,
      },
    );
  },
);
