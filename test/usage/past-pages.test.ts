import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCredits } from '../../src/core/credits.ts';
import { rollUpTo } from '../../src/ledger/rollups.ts';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { type Story, storyOf } from '../support/stories.ts';

let program: TestProgram;
let ada: Customer;
let story: Story;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  ada = await program.signUp();
  await readsIn('Europe/Berlin');
  story = await storyOf(program, ada.email);
});
afterAll(() => program.stop());

function readsIn(zone: string): Promise<unknown> {
  return program.database.query('update people set time_zone = $2 where email = $1', [
    ada.email,
    zone,
  ]);
}

async function page(path: string, status = 200): Promise<string> {
  const { text } = await ada.browser.get(`${story.base}/history/${path}`).expect(status);
  return text;
}

/** The rows of the table with this caption: what each is called, and its last figure. */
function rowsOf(html: string, caption: string): [string, bigint][] {
  const table = html.slice(html.indexOf(caption)).split('</table>')[0] ?? '';
  return [...table.matchAll(/<tr[^>]*><th scope="row"[^>]*>(.*?)<\/th>(.*?)<\/tr>/gs)].map(
    ([, name = '', cells = '']) => {
      const figures = [...cells.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, figure]) => figure);
      const figure = (figures.at(-1) ?? '').replace('−', '-').replace(/[+,]/g, '');
      return [textOf(name).trim(), parseCredits(figure) ?? -1n];
    },
  );
}

const SUM = 'What changed the balance';

/** Opening, and all that changed it. */
function addUp(rows: [string, bigint][]): { sum: bigint; closing: bigint } {
  const closing = rows.at(-1)?.[1] ?? -1n;
  return { sum: rows.slice(0, -1).reduce((total, [, micro]) => total + micro, 0n), closing };
}

describe('the statement of a month', () => {
  test('L8: opens, tells by kind what changed the balance, adds up to what it closes with', async () => {
    const html = await page('statement?month=2026-10');
    const rows = rowsOf(html, SUM);
    expect(rows[0]).toEqual(['Opening balance', 0n]);
    expect(rows.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'Usage',
        'Welcome credits',
        'Promotion',
        'Refund',
        'Adjustment',
        'Expiry',
        'Debt',
      ]),
    );
    const { sum, closing } = addUp(rows);
    expect(sum).toBe(closing);
    expect(closing).toBe(38_000_000n);
    const spent = rowsOf(html, 'Credits by operation');
    expect(addUp(spent)).toEqual({ sum: 29_000_000n, closing: 29_000_000n });
    expect(textOf(html)).toContain('From 1 October 2026 to 31 October 2026');
  });

  test('is the same from rollups as from entries, and the next one opens with its closing', async () => {
    const before = await page('statement?month=2026-10');
    const target = { wallet_id: story.wallet.id, upto_seq: story.seqs['sent'] ?? 0n };
    await rollUpTo(program.database.connections.ledgerJobs, [target]);
    const after = await page('statement?month=2026-10');
    expect(rowsOf(after, SUM)).toEqual(rowsOf(before, SUM));
    const november = rowsOf(await page('statement?month=2026-11'), SUM);
    expect(november[0]).toEqual(['Opening balance', addUp(rowsOf(after, SUM)).closing]);
    expect(addUp(november).sum).toBe(addUp(november).closing);
  });

  test('is a month of the reader, whose clocks may have been put back in it', async () => {
    const closing: Record<string, bigint> = {};
    for (const zone of ['Asia/Kolkata', 'Europe/Berlin']) {
      await readsIn(zone);
      const html = await page('statement?month=2026-10');
      expect(textOf(html)).toContain('From 1 October 2026 to 31 October 2026');
      closing[zone] = addUp(rowsOf(html, SUM)).closing;
    }
    // The last image was at half past eleven in Berlin, and in the next month in Kolkata.
    expect(closing).toEqual({ 'Asia/Kolkata': 41_000_000n, 'Europe/Berlin': 38_000_000n });
  });

  test('of this month goes until now, and says so', async () => {
    const html = await page('statement');
    expect(textOf(html)).toMatch(/From 1 \w+ \d{4} to \d+ \w+ \d{4}, \d\d:\d\d/);
    const { sum, closing } = addUp(rowsOf(html, SUM));
    expect(sum).toBe(closing);
    expect(closing).toBe(44_000_000n);
  });

  test('of no month is refused at the field', async () => {
    for (const month of ['2026-13', 'October', '', '2026-10&month=2026-11', '2199-01']) {
      const html = await page(`statement?month=${month}`, 422);
      expect(html).toContain('f-month-error');
      expect(html).not.toContain(SUM);
    }
  });
});

describe('the balance at a moment', () => {
  test('is what was available, held and owed by clocks of the reader, and which credits that was', async () => {
    // The hold of 3 October, 08:00 UTC, is open at noon in Berlin.
    const text = textOf(await page('balance?at=2026-10-03T12:00'));
    expect(text).toContain('Available on 3 October 2026, 12:00:00 Berlin 97 .00');
    expect(text).toContain('Held for work in progress 11.00 Owed 0.00 Balance 108.00');
    expect(text).toContain('Available and held 108.00');
    const owing = textOf(await page('balance?at=2026-10-08T12:00'));
    expect(owing).toMatch(/Owed −\d+\.00/);
  });

  test('before the first entry is nothing, and agrees with the statement at the end of a month', async () => {
    const before = textOf(await page('balance?at=2026-01-01T00:00'));
    expect(before).toContain('Before the first entry.');
    const end = textOf(await page('balance?at=2026-10-31T23:59:59'));
    expect(end).toContain('Balance 38.00');
  });

  test('says of a time that clocks showed twice, or never, which moment it took', async () => {
    expect(textOf(await page('balance?at=2026-10-25T02:30'))).toContain('showed this time twice');
    expect(textOf(await page('balance?at=2026-03-29T02:30'))).toContain('never showed this time');
  });

  test('of no moment, or one to come, is refused at the field with what was entered', async () => {
    for (const at of ['2026-02-30T10:00', 'yesterday', '2199-01-01T00:00']) {
      const html = await page(`balance?at=${at}`, 422);
      expect(html).toContain('f-at-error');
      expect(html).toContain(`value="${at}"`);
    }
    expect(await page('balance')).not.toContain('f-at-error');
  });
});

test('the past of somebody else answers like what is not there', async () => {
  const eve = await program.signUp('Eve');
  for (const path of ['statement', 'balance?at=2026-10-05T12:00']) {
    await eve.browser.get(`${story.base}/history/${path}`).expect(404);
  }
});
