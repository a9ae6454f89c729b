import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  aPurchase,
  connect,
  openEndpoint,
  press,
  SECRET_KEY,
  WEBHOOK_SECRET,
} from './stripe-shop.ts';

const PROGRAM = path.resolve('stand-ins/stripe/server.ts');
const message = z.strictObject({ listening: z.url() });

function argumentsFor(webhookUrl: string, ...more: string[]): string[] {
  const needed = ['--webhook-url', webhookUrl, '--webhook-secret', WEBHOOK_SECRET];
  return [...needed, '--secret-key', SECRET_KEY, ...more];
}

/** Starts the program and waits for its line; answers the process and where it listens. */
async function start(webhookUrl: string, ...more: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...argumentsFor(webhookUrl, ...more)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) {
    return { child, url: message.parse(JSON.parse(line)).listening };
  }
  throw new Error('The program ended without saying where it listens');
}

/** Resolves with the exit code and the signal that ended the process. */
function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve([child.exitCode, child.signalCode]);
    } else {
      child.once('exit', (code, signal) => resolve([code, signal]));
    }
  });
}

test('a payment made just before the program was killed is delivered after a restart', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stand-in-'));
  const state = path.join(folder, 'state.json');
  await using silent = await openEndpoint(() => 500);
  const first = await start(silent.url, '--state', state);
  const session = await connect(first.url).checkout.sessions.create(aPurchase());
  await press(session, 'pay', 'at_once');
  first.child.kill('SIGKILL');
  await exitOf(first.child);

  await using endpoint = await openEndpoint(() => 200);
  const second = await start(endpoint.url, '--state', state);
  const types = (await endpoint.arrived(3)).map(({ type }) => type);
  expect(types).toContain('checkout.session.completed');
  second.child.kill('SIGTERM');
  expect(await exitOf(second.child)).toEqual([0, null]);
  await rm(folder, { recursive: true });
});

test('SIGTERM stops it cleanly while a browser keeps its connection open', async () => {
  const { child, url } = await start('http://127.0.0.1:9/webhook', '--port', '0');
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) => {
    get(`${url}/payment-page.css`, { agent }, (response) => {
      response.resume().on('end', resolve);
    });
  });
  child.kill('SIGTERM');
  expect(await exitOf(child)).toEqual([0, null]);
  agent.destroy();
});

test('started by a parent it tells where it listens, and ends when the parent lets go', async () => {
  const child = fork(PROGRAM, argumentsFor('http://127.0.0.1:9/webhook'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { listening } = await new Promise<z.output<typeof message>>((resolve) => {
    child.once('message', (sent) => resolve(message.parse(sent)));
  });
  expect((await fetch(`${listening}/_control/settings`)).status).toBe(200);
  child.disconnect();
  expect(await exitOf(child)).toEqual([0, null]);
});

test('a port that is taken and arguments that are missing are told in one sentence', async () => {
  const { child, url } = await start('http://127.0.0.1:9/webhook');
  const { port } = new URL(url);
  const tell = async (args: string[]): Promise<[string, unknown]> => {
    const refused = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [said, [code]] = await Promise.all([text(refused.stderr), exitOf(refused)]);
    return [said, code];
  };
  expect(await tell(argumentsFor('http://127.0.0.1:9/webhook', '--port', port))).toEqual([
    `Port ${port} on 127.0.0.1 is already in use: choose another port, or stop the program that holds it.\n`,
    1,
  ]);
  const [usage, code] = await tell(['--port', '0']);
  expect(usage).toMatch(/^Usage: node stand-ins\/stripe\/server\.ts .*\n$/);
  expect(code).toBe(1);
  child.kill('SIGTERM');
  await exitOf(child);
});
