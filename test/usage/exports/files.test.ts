import { once } from 'node:events';
import { type Server, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { ExportsAtOnce } from '../../../src/usage/exports/at-once.ts';
import { sendFile } from '../../../src/usage/exports/files.ts';
import { type Customer, type TestProgram, testProgram } from '../../support/program.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram({ buying: false });
});
afterAll(() => program.stop());

const grant = (customer: Customer, description: string) =>
  program.ledger.execute({
    kind: 'grant',
    wallet_id: customer.wallet_id,
    amount_micro: 1_500_000n,
    source: 'adjustment',
    expires_at: null,
    key: { namespace: 'test', key: newId() },
    asked: { actor_kind: 'job' },
    details: { description },
  });
const spend = (customer: Customer, quantity: string) =>
  customer.browser
    .post(`/w/${customer.slug}/use`)
    .type('form')
    .send({ operation: 'message.send', quantity, nonce: newId() })
    .expect(303);
const fetchFile = (customer: Customer, path: string) =>
  customer.browser.get(`/w/${customer.slug}/${path}`).expect(200);

describe('files of usage and history', () => {
  test('L8: the history as CSV has every entry, with no text that a spreadsheet would carry out', async () => {
    const ada = await program.signUp();
    for (const text of ['=1+1', '@SUM(A1)', '-2', '+3', '\tx', 'a "quote", and\nmore']) {
      await grant(ada, text);
    }
    await spend(ada, '5');
    const { text, headers } = await fetchFile(ada, 'history.csv');
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="history-${ada.slug}.csv"`,
    });
    expect(text.startsWith('\uFEFFnumber,time_utc,time_local,time_zone,')).toBe(true);
    for (const safe of [",'=1+1,", ",'@SUM(A1),", ",'-2,", ",'+3,", ",'\tx,"]) {
      expect(text).toContain(safe);
    }
    expect(text).toContain(',"a ""quote"", and\nmore",');
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(1 + 8 + 1);
    expect(lines[1]).toMatch(
      /^8,\d{4}-\d\d-\d\dT[\d:.]+Z,\d{4}-\d\d-\d\d [\d:]+,UTC,,debit,Message,/,
    );
    expect(lines[1]).toContain(',message.send,5,0.5,-0.5,58.5,58.5,');
  });

  test('what is filtered on the page is what is in the files, and they agree with each other', async () => {
    const ada = await program.signUp();
    await spend(ada, '5');
    await spend(ada, '7');
    const usage = await fetchFile(ada, 'usage.json?range=7&operation=message.send');
    expect(usage.body).toMatchObject({
      time_zone: 'UTC',
      operation: 'message.send',
      group: 'operation',
      rows: [{ operation: 'Message', operation_id: 'message.send', charges: '2', spent: '1.2' }],
    });
    const table = await fetchFile(ada, 'usage.csv?range=7');
    expect(table.text).toMatch(/,Message,message\.send,2,12,message,1\.2,[\d-]+,[\d-]+,0\r\n$/);
    const entries = await fetchFile(ada, 'history.json?kind=usage&operation=message.send');
    expect(entries.body).toMatchObject({
      kind: 'usage',
      rows: [
        { number: '3', amount: '0.7', balance_change: '-0.7' },
        { number: '2', amount: '0.5', balance_change: '-0.5' },
      ],
    });
    const none = await fetchFile(ada, 'history.json?from=2001-01-01&to=2001-12-31');
    expect(none.body).toEqual({
      ...{ time_zone: 'UTC', from: '2001-01-01', to: '2001-12-31' },
      rows: [],
    });
  });
});

test('more than two files at once are refused to one reader, until one is there', async () => {
  const atOnce = new ExportsAtOnce();
  let finish = (): void => undefined;
  const until = new Promise<void>((resolve) => (finish = resolve));
  const running = [atOnce.run('ada', () => until), atOnce.run('ada', () => until)];
  await expect(atOnce.run('ada', () => until)).rejects.toMatchObject({ status: 429 });
  await atOnce.run('eve', () => Promise.resolve());
  finish();
  await Promise.all(running);
  await atOnce.run('ada', () => Promise.resolve());
});

describe('a reader who goes away', () => {
  let server: Server;
  let ended = Promise.resolve();
  beforeAll(async () => {
    let tell = (): void => undefined;
    ended = new Promise((resolve) => (tell = resolve));
    async function* endless() {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield [{ text: 'x'.repeat(10_000) }];
        }
      } finally {
        tell();
      }
    }
    const file = { name: 'endless', format: 'csv', columns: ['text'], about: {} } as const;
    server = createServer(
      express().get('/', (_req, res) => sendFile(res, { ...file, pages: endless() })),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  test('ends what is read for the file', async () => {
    const { port } = server.address() as AddressInfo;
    const request = get({ port });
    const [answer] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    await once(answer, 'readable');
    request.destroy();
    await ended;
  });
});
