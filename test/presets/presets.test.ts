import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PRESET_NAMES } from '../../src/core/preset-names.ts';
import { seedDemo } from '../../src/demo.ts';
import { presets } from '../../src/presets/presets.ts';
import { newKey, send } from '../support/api.ts';
import { textOf } from '../support/pages.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { CREDIT } from '../support/wallet-states.ts';

const Charged = z.object({ amount: z.string() });

/** What a quantity of an operation costs. */
type Price = readonly [operation: string, quantity: string, amount: string];

const LEADGEN: Price[] = [
  ['lead.address', '1', '2'],
  ['lead.company', '1', '3'],
  ['lead.enriched', '1', '4'],
  ['lead.scored', '2', '10'],
  ['email.send', '1', '1'],
  ['linkedin.send', '1', '2'],
  ['sms.send', '1', '2'],
  ['whatsapp.send', '1', '3'],
  ['voice.call', '1', '5'],
  ['ai.explain_score', '1', '1'],
  ['ai.write', '1', '2'],
];
const RECRUITER: Price[] = [
  ['voice.call', '6.2', '4.5'],
  ['message.send', '1', '0.1'],
  ['file.upload', '2.5', '0.625'],
  ['workflow.run', '1', '0.75'],
  ['call.transcribe', '1', '0.2'],
  ['resume.parse', '1', '0.5'],
  ['candidate.search', '1', '0.3'],
  ['candidate.screen', '1', '1'],
  ['interview.hold', '1', '0.8'],
  ['email.send', '1', '0.05'],
  ['sms.send', '1', '0.15'],
  ['interview.schedule', '1', '0.1'],
  ['report.make', '1', '2'],
  ['data.export', '1', '0.5'],
  ['storage.month', '0.5', '0.2'],
];
const STUDIO: Price[] = [
  ['image.upload', '1', '1'],
  ['image.transform', '1', '1'],
  ['image.remove_background', '1', '1'],
  ['image.generate', '1', '3'],
  ['image.extend', '1', '2'],
  ['video.process', '1', '2'],
];
const INTERIOR: Price[] = ['interior', 'exterior', 'sketch', 'furnish', 'remove', 'video'].map(
  (feature) => [feature, '1', '1'],
);

const PRICES = { leadgen: LEADGEN, interior: INTERIOR, recruiter: RECRUITER, studio: STUDIO };

async function expectPrices(program: TestProgram, prices: readonly Price[]): Promise<void> {
  const key = await newKey(program);
  const customer = 'prices';
  await send(program, key, '/grants', { customer, amount: '100', source: 'promo' }).expect(201);
  const charged: string[][] = [];
  for (const [operation, quantity] of prices) {
    const answer = await send(program, key, '/debits', { customer, operation, quantity });
    charged.push([operation, quantity, Charged.parse(answer.body).amount]);
  }
  expect(charged).toEqual(prices);
}

async function pageOf({ browser, slug }: Customer, path: string): Promise<string> {
  return textOf((await browser.get(`/w/${slug}${path}`).expect(200)).text);
}

describe('on its preset', () => {
  let program: TestProgram;
  afterEach(() => program.stop());

  test('L3, L6, L7: leadgen grants 500, sells its plans in rupees, and charges by depth', async () => {
    program = await testProgram({ preset: presets.leadgen });
    const ada = await program.signUp();
    expect(await ada.available()).toBe(500n * CREDIT);
    await expectPrices(program, PRICES.leadgen);
    const plans = await pageOf(ada, '/plans');
    for (const price of ['₹999.00', '₹2,999.00', '₹9,999.00', '500', '2,000', 'Unlimited']) {
      expect(plans).toContain(price);
    }
  });

  test('I1, I2: interior grants 6, and each feature costs one', async () => {
    program = await testProgram({ preset: presets.interior });
    expect(await (await program.signUp()).available()).toBe(6n * CREDIT);
    await expectPrices(program, PRICES.interior);
  });

  test('R1, R2: recruiter sells five packages with their bonus, and charges fractions', async () => {
    program = await testProgram({ preset: presets.recruiter });
    const ada = await program.signUp();
    await expectPrices(program, PRICES.recruiter);
    const buy = await pageOf(ada, '/buy');
    for (const price of ['$10.00', '$45.00', '$80.00', '$180.00', '$320.00']) {
      expect(buy).toContain(price);
    }
    const rules = presets.recruiter.operations.flatMap(({ components }) => components);
    expect(rules).toHaveLength(16);
  });

  test('S1, S4, S5: studio grants 10 and sells three packages', async () => {
    program = await testProgram({ preset: presets.studio });
    const ada = await program.signUp();
    expect(await ada.available()).toBe(10n * CREDIT);
    await expectPrices(program, PRICES.studio);
    const buy = await pageOf(ada, '/buy');
    for (const price of ['$9.99', '$24.99', '$79.99']) expect(buy).toContain(price);
  });
});

test.each(PRESET_NAMES)(
  'the demo of %s is made of real commands, and some credits are left',
  async (name) => {
    const program = await testProgram({ demo: true, preset: presets[name] });
    await seedDemo(program.database.connections, presets[name]);
    const [wallet] = await program.database.query<{ available: string; debits: string }>(
      `select w.available, count(*) as debits from wallets w join entries e on e.wallet_id = w.id
     where e.kind = 'debit' group by w.id, w.available`,
    );
    expect(Number(wallet?.available)).toBeGreaterThan(0);
    expect(Number(wallet?.debits)).toBeGreaterThan(150);
    await program.stop();
  },
);
