import { afterAll, beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../src/ledger/rollups.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { tamperWith } from '../support/database.ts';
import { type Customer, type TestProgram, hiddenField, testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** Takes ten credits of the welcome for spent, or gives them back, behind the program's back. */
async function drift({ wallet_id }: Customer, micro: bigint): Promise<void> {
  await tamperWith(
    program.database,
    `update lots set available = available + ${micro}, consumed = consumed - ${micro}
     where wallet_id = '${wallet_id}' and number = 1;
     update wallets set available = available + ${micro} where id = '${wallet_id}'`,
  );
}

async function putRight(customer: Customer, fields: Record<string, string>): Promise<string> {
  const path = `/admin/drifts/${customer.wallet_id}`;
  const admin = await staffBrowser(program, 'admin');
  const { text } = await admin.get(path).expect(200);
  const nonce = hiddenField(text, 'nonce');
  await admin
    .post(path)
    .type('form')
    .send({ nonce, reason: '', ...fields })
    .expect(422);
  const reason = 'A script went wrong';
  await admin
    .post(path)
    .type('form')
    .send({ nonce, reason, ...fields })
    .expect(303);
  return (await admin.get(path).expect(200)).text;
}

const left = (customer: Customer) =>
  verifyLedger(program.database.connections.staff, [customer.wallet_id]);

test('a wallet that drifted is put back to its entries, and the audit says what was stored', async () => {
  const ada = await program.signUp();
  await drift(ada, -10_000_000n);
  expect(await putRight(ada, { keep: 'entries' })).toContain('This wallet adds up');
  expect(await ada.available()).toBe(50_000_000n);
  expect(await left(ada)).toEqual([]);
  const [event] = await program.database.query(
    `select before->>'available' as before, after->>'available' as after, reason from audit_events
     where action = 'wallet.repaired' and subject_id = $1`,
    [ada.wallet_id],
  );
  expect(event).toEqual({
    ...{ before: '40000000', after: '50000000', reason: 'A script went wrong' },
  });
});

test('what was shown is kept by an adjustment, an entry with the reason', async () => {
  const ada = await program.signUp();
  await drift(ada, -10_000_000n);
  await putRight(ada, { keep: 'shown' });
  expect(await ada.available()).toBe(40_000_000n);
  expect(await left(ada)).toEqual([]);
  const [entry] = await program.database.query(
    `select e.kind, e.amount, d.reason from entries e
     join entry_details d using (wallet_id, seq) where e.wallet_id = $1 order by e.seq desc limit 1`,
    [ada.wallet_id],
  );
  expect(entry).toEqual({
    ...{ kind: 'adjustment', amount: '10000000', reason: 'A script went wrong' },
  });
});

test('rollups that differ are summed up again', async () => {
  const ada = await program.signUp();
  await rollUp(program.database.connections.ledgerJobs);
  const where = `where wallet_id = '${ada.wallet_id}'`;
  await tamperWith(program.database, `update entry_rollups set amount = amount + 1 ${where}`);
  expect(await putRight(ada, {})).toContain('This wallet adds up');
  expect(await left(ada)).toEqual([]);
});

test('what was changed of an entry cannot be put right by another, and the page says so', async () => {
  const ada = await program.signUp();
  const change = (by: string) =>
    tamperWith(
      program.database,
      `update entries set amount = amount ${by} where wallet_id = '${ada.wallet_id}' and seq = 1`,
    );
  await change('+ 1');
  const admin = await staffBrowser(program, 'admin');
  const path = `/admin/drifts/${ada.wallet_id}`;
  const { text } = await admin.get(path).expect(200);
  expect(text).toContain('Something of it cannot be mended by an entry');
  const fields = { nonce: crypto.randomUUID(), reason: 'Try' };
  await admin.post(path).type('form').send(fields).expect(409);
  await change('- 1');
});
