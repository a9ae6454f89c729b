import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inWorkspace } from '../../src/lib/database.ts';
import { rewardAll } from '../../src/workspaces/milestone-jobs.ts';
import {
  type MilestoneProgramme,
  rewardWorkspace,
  tellStep,
} from '../../src/workspaces/milestones.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { milestonesIn } from '../../src/preset-terms.ts';
import { presets } from '../../src/presets/presets.ts';
import { spendMessages } from '../browser/scenes.ts';

let program: TestProgram;

beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

const CREDIT = 1_000_000n;
const programme = milestonesIn(presets.default);

function step(code: string, credits: bigint): MilestoneProgramme['steps'][number] {
  const when = { kind: 'told' } as const;
  return { kind: 'step', code, title: code, when, reward_micro: credits * CREDIT, page: '/' };
}

/** First steps of which only a product knows that they are done. */
const told: MilestoneProgramme = {
  steps: [step('business-info', 100n), step('goals', 100n), step('icp', 100n)],
  completion_micro: 200n * CREDIT,
  achievements: [],
};

async function tell(ada: Customer, code: string): Promise<void> {
  await inWorkspace(program.database.connections.app, ada.workspace_id, (trx) =>
    tellStep(trx, ada.workspace_id, told, code),
  );
}

describe('first steps', () => {
  test('L3: are rewarded once each, however often they are repeated or raced', async () => {
    const ada = await program.signUp();
    const before = await ada.available();
    for (const code of ['business-info', 'goals']) await tell(ada, code);
    await Promise.all(Array.from({ length: 30 }, () => tell(ada, 'icp')));
    await tell(ada, 'goals');
    expect(await ada.available()).toBe(before + 500n * CREDIT);
  });

  test('are left for later, and taken up again', async () => {
    const ada = await program.signUp();
    const page = await ada.browser.get(`/w/${ada.slug}/start`).expect(200);
    expect(page.text).toContain('1 of 3 done');
    await ada.browser.post(`/w/${ada.slug}/start/leave`).expect(303);
    const left = await ada.browser.get(`/w/${ada.slug}/start`);
    expect(left.text).toContain('Show them on the overview again');
    await ada.browser.post(`/w/${ada.slug}/start/resume`).expect(303);
    const eve = await program.signUp('Eve');
    await eve.browser.post(`/w/${ada.slug}/start/leave`).expect(404);
  });
});

describe('L12: achievements', () => {
  test('give their credits once, by whichever process sees them', async () => {
    const ada = await program.signUp();
    for (let n = 0; n < 100; n += 1) await spendMessages(program, ada, 1, `message ${n}`);
    const before = await ada.available();
    const { connections } = program.database;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        rewardWorkspace(connections.app, ada.workspace_id, programme),
      ),
    );
    expect(await ada.available()).toBe(before + 5n * CREDIT);
    const history = await ada.browser.get(`/w/${ada.slug}/history`);
    expect(history.text).toContain('A hundred messages');
  });

  test('count units, however many a charge has: a hundred, not a hundred charges', async () => {
    const ada = await program.signUp();
    const operations = ['message.send', 'image.generate'];
    const hundred: MilestoneProgramme = {
      steps: [],
      completion_micro: 0n,
      achievements: [
        {
          ...{ kind: 'achievement', code: 'hundred', title: 'A hundred' },
          when: { kind: 'used', operations, quantity: 100n },
          reward_micro: 50n * CREDIT,
        },
      ],
    };
    const reward = () =>
      rewardWorkspace(program.database.connections.app, ada.workspace_id, hundred);
    await spendMessages(program, ada, 99, 'many');
    await reward();
    const before = await ada.available();
    await spendMessages(program, ada, 1, 'the last');
    await Promise.all([reward(), reward()]);
    expect(await ada.available()).toBe(before - CREDIT / 10n + 50n * CREDIT);
  });

  test('are seen by the job, in workspaces in which something was done', async () => {
    const ada = await program.signUp();
    await spendMessages(program, ada, 1, 'first');
    await program.database.query(`update people set email_verified_at = now() where email = $1`, [
      ada.email,
    ]);
    await rewardAll(program.database.connections, programme);
    const reached = await program.database.query(
      'select code from milestones where workspace_id = $1 order by code',
      [ada.workspace_id],
    );
    expect(reached).toEqual([{ code: 'spend' }, { code: 'verify' }]);
  });
});
