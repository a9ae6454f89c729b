import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../src/ledger/rollups.ts';
import { addManyDebits } from '../support/many-entries.ts';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type Story, storyOf } from '../support/stories.ts';
import { newWallet } from '../support/wallets.ts';

let program: TestProgram;
let ada: Customer;
let story: Story;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  ada = await program.signUp();
  story = await storyOf(program, ada.email);
});
afterAll(() => program.stop());

async function history(query: string, status = 200, base = story.base): Promise<string> {
  return (await ada.browser.get(`${base}/history${query}`).expect(status)).text;
}

/** The numbers of the entries that a page shows, in its order. */
function shown(html: string): bigint[] {
  const ledger = html.slice(html.indexOf('class="tbl ledger"'));
  const links = ledger.matchAll(/<th scope="row"><a href="[^"]*\/history\/(\d+)"/g);
  return [...links].map(([, seq = '']) => BigInt(seq));
}

function named(...names: string[]): bigint[] {
  const seqs = names.map((name) => story.seqs[name] ?? 0n);
  return seqs.sort((one, other) => (one < other ? 1 : -1));
}

function linkOf(html: string, rel: 'prev' | 'next'): string | undefined {
  const href = new RegExp(`href="([^"]*)" rel="${rel}"`).exec(html)?.[1];
  return href?.replaceAll('&amp;', '&').replace(/^.*\/history/, '');
}

describe('L8: the history, by filters in its address', () => {
  test.each([
    ['?kind=hold', () => named('hold', 'lapsed hold', 'open hold')],
    ['?operation=voice.call&kind=usage', () => named('capture', 'refund')],
    ['?customer=user-42', () => [...named('debit'), ...[]]],
    ['?kind=clawback&from=2026-10-01&to=2026-10-31', () => named('clawback', 'clawback again')],
    ['?text=Two+COVERS', () => named('debit')],
    ['?text=cover-7&kind=debit', () => named('debit')],
    ['?kind=&operation=&text=provider&from=', () => named('import')],
  ])('%s shows these alone, rolled up or not', async (query, wanted) => {
    expect(shown(await history(query))).toEqual(expect.arrayContaining(wanted()));
    const before = shown(await history(query));
    await rollUp(program.database.connections.ledgerJobs);
    expect(shown(await history(query))).toEqual(before);
  });

  test('by the key and by the member who asked', async () => {
    const byKey = shown(await history(`?key=${story.key_id}`));
    expect(byKey).toEqual(expect.arrayContaining(named('hold', 'capture', 'debit')));
    expect(byKey).not.toContain(story.seqs['by person']);
    const member = await history(`?member=${story.person_id}&kind=debit`);
    expect(shown(member)).toEqual(named('by person'));
    expect(member).toMatch(/Image<\/a>/);
  });

  test('keeps the balance after each entry, and what was chosen in the form', async () => {
    const html = await history('?kind=clawback&text=');
    expect(textOf(html)).toMatch(/Taken back: opening balance .*? −100\.00 −5\.00/);
    expect(html).toContain('<option value="clawback" selected>');
  });

  test.each([
    ['kind=nonsense', 'kind'],
    ['key=1', 'key'],
    ['member=me', 'member'],
    ['from=2026-02-30', 'from'],
    ['from=2026-10-05&to=2026-10-01', 'to'],
    ['text=x', 'text'],
    ['kind=debit&kind=hold', 'kind'],
    [`operation=${'a'.repeat(101)}`, 'operation'],
    ['customer=%00', 'customer'],
  ])('%s is refused at the field, and no entries are shown', async (query, field) => {
    const html = await history(`?${query}`, 422);
    expect(html).toContain(`id="f-${field}-error"`);
    expect(shown(html)).toEqual([]);
  });

  test('says so where nothing fits, with a way to all entries', async () => {
    for (const query of ['?text=nowhere', '?kind=debit&from=2199-01-01', "?text=%25'--"]) {
      const html = await history(query);
      expect(html).toContain('No such entries');
      expect(html).toContain(`href="${story.base}/history"`);
    }
  });

  test('answers htmx with the part alone', async () => {
    const { text } = await ada.browser
      .get(`${story.base}/history?kind=debit`)
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' })
      .expect(200);
    expect(text).toMatch(/^\s*<div id="history">/);
    expect(shown(text)).toEqual(shown(await history('?kind=debit')));
  });
});

describe('in a wallet of many entries', () => {
  const MANY = 60_000;
  let base: string;
  beforeAll(async () => {
    const { database, ledger } = program;
    const wallet = await newWallet(database);
    base = `/w/${wallet.workspace_id}`;
    await database.query(
      "insert into memberships (workspace_id, person_id, role) values ($1, $2, 'owner')",
      [wallet.workspace_id, story.person_id],
    );
    const details = { description: 'A needle' };
    await ledger.execute(wallet.grant(1_000n, { details }));
    await addManyDebits(database, wallet.id, MANY);
    await ledger.execute(wallet.refund(7n));
    await rollUp(database.connections.ledgerJobs);
  });

  test('pages go on under a filter in both directions, and say where they end', async () => {
    const first = await history('?kind=debit', 200, base);
    const older = await history(linkOf(first, 'next') ?? '', 200, base);
    expect(linkOf(older, 'prev')).toMatch(/^\?kind=debit&after=\d+$/);
    expect(shown(await history(linkOf(older, 'prev') ?? '', 200, base))).toEqual(shown(first));
    const all = [...shown(first), ...shown(older)];
    expect(all).toEqual(all.map((_seq, index) => BigInt(MANY + 1 - index)));
    expect(shown(await history('?kind=refund', 200, base))).toEqual([BigInt(MANY + 2)]);
    expect(shown(await history('?kind=grant', 200, base))).toEqual([1n]);
  });

  test('a text is looked for in some of them at once; the page says how far, and goes on', async () => {
    const first = await history('?text=needle', 200, base);
    expect(shown(first)).toEqual([]);
    expect(textOf(first)).toMatch(/Nothing back to \d+ \w+ \d{4}/);
    const next = /href="([^"]*)">Go on/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { text } = await ada.browser.get(next).expect(200);
    expect(shown(text)).toEqual([1n]);
  });
});
