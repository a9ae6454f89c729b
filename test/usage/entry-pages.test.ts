import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { paidPurchase } from '../support/reversals.ts';
import { type Story, storyOf } from '../support/stories.ts';

let program: TestProgram;
let ada: Customer;
let story: Story;
beforeAll(async () => {
  program = await testProgram();
  ada = await program.signUp();
  story = await storyOf(program, ada.email);
});
afterAll(() => program.stop());

async function pageOf(name: string): Promise<string> {
  const path = `${story.base}/history/${String(story.seqs[name])}`;
  return (await ada.browser.get(path).expect(200)).text;
}

/** The entries to which a page links, as they are called in the story. */
function linkedFrom(html: string): string[] {
  const found = [...html.matchAll(/href="[^"]*\/history\/(\d+)"/g)].map(([, seq = '']) => seq);
  const names = Object.entries(story.seqs).filter(([, seq]) => found.includes(String(seq)));
  return names.map(([name]) => name);
}

describe('the page of an entry', () => {
  test('says in one sentence what made the amount, who paid, by which rule and key, and how it went', async () => {
    expect(textOf(await pageOf('capture'))).toContain(
      '1 call × 1.00 + 16 started minutes × 0.50 = 9.00; 8.00 from Welcome credits, ' +
        '1.00 from What was left with the last provider (opening balance); ' +
        'price rule version 1; key web-prod; hold → longer hold → capture → release → refund.',
    );
  });

  test('links a hold, what became of it and what was given back, in both directions', async () => {
    const family = ['hold', 'extension', 'capture', 'release', 'refund'];
    for (const name of family) {
      const linked = linkedFrom(await pageOf(name));
      expect(linked, name).toEqual(
        expect.arrayContaining(family.filter((other) => other !== name)),
      );
      expect(linked, name).not.toContain('debit');
    }
    const hold = textOf(await pageOf('hold'));
    expect(hold).toContain('Of 11.00 held, 9.00 captured, 2.00 back.');
  });

  test('links a charge to what put it right, a grant to what took it back and what that owed', async () => {
    expect(linkedFrom(await pageOf('debit'))).toContain('correction');
    expect(linkedFrom(await pageOf('correction'))).toContain('debit');
    expect(linkedFrom(await pageOf('import'))).toEqual(
      expect.arrayContaining(['clawback', 'reinstatement', 'clawback again']),
    );
    expect(linkedFrom(await pageOf('reinstatement'))).toContain('import');
    expect(linkedFrom(await pageOf('repayment'))).toContain('bonus');
    expect(linkedFrom(await pageOf('lapse'))).toContain('lapsed hold');
  });

  test('names the key, the member, the claimed customer, the lots and what was said', async () => {
    const html = await pageOf('debit');
    expect(html).toContain(`${story.base}/keys/${story.key_id}`);
    const text = textOf(html);
    for (const said of ['web-prod', 'user-42', 'Two covers', 'cover-7', '[512,1024]', 'req-4711']) {
      expect(text).toContain(said);
    }
    expect(linkedFrom(html)).toEqual(expect.arrayContaining(['welcome', 'import']));
    expect(textOf(await pageOf('by person'))).toContain('By Ada Byron');
  });

  test('of a grant says what became of it, and adds up', async () => {
    const text = textOf(await pageOf('welcome'));
    expect(text).toContain('What became of them Granted 8.00 Spent −8.00 Left 0.00');
  });

  test('of a purchase leads to its payment, invoice and cost', async () => {
    const buyer = await program.signUp();
    const { payment_id } = await paidPurchase(program, buyer);
    const { text: html } = await buyer.browser.get(`/w/${buyer.slug}/history/2`).expect(200);
    for (const path of [payment_id, `${payment_id}/invoice`]) {
      const href = `/w/${buyer.slug}/payments/${path}`;
      expect(html).toContain(`href="${href}"`);
      await buyer.browser.get(href).expect(200);
    }
    expect(textOf(html)).toContain('They cost $45.00 before tax, $0.0900 each.');
  });

  test('of an open hold says until when', async () => {
    expect(textOf(await pageOf('open hold'))).toContain('the rest is held until');
  });
});

describe('S2: an entry is shown as', () => {
  test.each([
    ['import', 'Adjustment'],
    ['welcome', 'Bonus'],
    ['promo', 'Bonus'],
    ['hold', 'Hold'],
    ['extension', 'Hold'],
    ['capture', 'Usage'],
    ['lapse', 'Hold'],
    ['refund', 'Refund'],
    ['debit', 'Usage'],
    ['expiry', 'Expiry'],
    ['adjustment', 'Adjustment'],
    ['taken away', 'Adjustment'],
    ['clawback', 'Reversed payment'],
    ['reinstatement', 'Reversed payment'],
    ['repayment', 'Debt'],
    ['write-off', 'Debt'],
    ['sent', 'Transfer'],
    ['received', 'Transfer'],
  ])('%s: %s', async (name, word) => {
    const html = await pageOf(name);
    expect(/<p class="label">([^<]+)/.exec(html)?.[1]).toBe(word);
  });
});
