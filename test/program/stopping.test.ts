import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  type Customer,
  type Server,
  commandsIn,
  dataFolder,
  familyOf,
  follow,
  run,
  serverOf,
  signUp,
  startServer,
  survivorsOf,
} from './started.ts';

const data = await dataFolder();

/** A form that is on its way: its head has arrived, its body comes when the test says so. */
function halfSent(server: Server, customer: Customer) {
  const body = new URLSearchParams({
    operation: 'image.generate',
    quantity: '1',
    nonce: randomUUID(),
  }).toString();
  const sent: ClientRequest = request(`${server.url}/w/${customer.slug}/use`, {
    method: 'POST',
    headers: {
      cookie: customer.cookie,
      origin: server.url,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  sent.on('error', () => undefined);
  const answer = new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  const arrived = new Promise<void>((resolve) => sent.once('continue', resolve));
  sent.flushHeaders();
  return { arrived, answer, finish: () => sent.end(body) };
}

async function opened(server: Server): Promise<Socket> {
  const socket = connect(Number(server.port), '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Resolves when nobody listens any more. */
async function isClosed(server: Server): Promise<void> {
  const refused = async (): Promise<boolean> =>
    fetch(`${server.url}/healthz`).then(
      () => false,
      () => true,
    );
  await expect.poll(refused, { timeout: 10_000, interval: 10 }).toBe(true);
}

describe('a server that is told to stop', () => {
  test('attack 60: answers what it has begun, is not ready meanwhile, and leaves no process behind', async () => {
    const server = await startServer({ DATA_DIR: data });
    const family = familyOf(server.child.pid);
    expect(family.length).toBeGreaterThan(2);
    const customer = await signUp(server.browser());
    const form = halfSent(server, customer);
    await form.arrived;
    // As browsers open them ahead of need.
    const silent = await opened(server);
    const hungUp = new Promise((resolve) => silent.resume().once('close', resolve));
    const asking = await opened(server);
    asking.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n');
    await fetch(`${server.url}/healthz`);

    server.child.kill('SIGTERM');
    await isClosed(server);
    await hungUp;
    asking.write('\r\n');
    expect(await text(asking)).toMatch(/^HTTP\/1.1 503 [^]*stopping/);
    form.finish();
    const answer = await form.answer;
    answer.resume();
    expect(answer.statusCode).toBe(303);
    expect(answer.headers).toMatchObject({
      connection: 'close',
      location: `/w/${customer.slug}/use?entry=2&outcome=charged`,
    });
    expect(await server.ended).toMatchObject({ code: 0, err: '' });
    expect(survivorsOf(family)).toEqual([]);
    expect(commandsIn(data)).toEqual([]);
  });

  test('by Ctrl-C at npm start, ends in order too', async () => {
    const npm = follow(
      spawn('npm', ['start'], {
        detached: true,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          DATA_DIR: data,
          PORT: '0',
        },
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
    await npm.says('Scrip is ready: ');
    const server = serverOf(npm);
    const family = familyOf(npm.child.pid);
    // A terminal tells the whole group; npm passes it on, so that it arrives twice.
    process.kill(-Number(npm.child.pid), 'SIGINT');
    expect((await server.ended).code).toBe(0);
    expect(survivorsOf(family)).toEqual([]);
    expect(commandsIn(data)).toEqual([]);
  });

  test('a second time, ends at once whatever it waits for', async () => {
    const server = await startServer({ DATA_DIR: data });
    const family = familyOf(server.child.pid);
    const form = halfSent(server, await signUp(server.browser()));
    await form.arrived;
    const insisting = setInterval(() => server.child.kill('SIGTERM'), 100);
    expect((await server.ended).code).toBe(1);
    clearInterval(insisting);
    // PostgreSQL was told to end with it; nobody waited for that.
    await expect.poll(() => survivorsOf(family), { timeout: 10_000 }).toEqual([]);
  });

  test('while it starts, ends what it has started', async () => {
    const fresh = await dataFolder();
    const program = run(['src/server.ts'], { DATA_DIR: fresh, PORT: '0' });
    await expect
      .poll(() => commandsIn(fresh).length, { timeout: 15_000, interval: 10 })
      .toBeGreaterThan(0);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null, out: '', err: '' });
    expect(commandsIn(fresh)).toEqual([]);
  });
});
