import { expect, test } from 'vitest';
import { press } from '../support/forms.ts';
import { testProgram } from '../support/program.ts';
import { staffBrowser } from '../support/staff.ts';
import { newWallet } from '../support/wallets.ts';
import { run } from '../program/started.ts';

const ROWS = 200;
const WAIT = { timeout: 90_000, interval: 20 };

test('killed in the middle, and then done by two workers at once, grants each row once', async () => {
  const program = await testProgram();
  const { database } = program;
  const wallets = [];
  for (let row = 0; row < ROWS; row++) wallets.push(await newWallet(database));
  const admin = await staffBrowser(program, 'admin');
  const rows = ['customer,credits', ...wallets.map(({ workspace_id }) => `${workspace_id},2.5`)];
  const read = await admin.post('/admin/bulk-grants').field('rows', rows.join('\n')).expect(303);
  const page = String(read.headers['location']);
  await press(admin, page, /^Grant/, { reason: 'Ticket 5120' }).then(({ status }) => {
    expect(status).toBe(303);
  });
  const granted = async (): Promise<number> => {
    const [row] = await database.query<{ count: string }>(
      `select count(*) from bulk_grant_rows where state = 'granted'`,
    );
    return Number(row?.count);
  };
  const worker = () => run(['src/worker.ts'], { DATABASE_URL: database.url });

  const killed = worker();
  await expect.poll(granted, WAIT).toBeGreaterThan(0);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const before = await granted();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(ROWS);

  const two = [worker(), worker()];
  await expect.poll(granted, WAIT).toBe(ROWS);
  for (const { child } of two) child.kill('SIGTERM');
  await Promise.all(two.map(({ ended }) => ended));
  const entries = await database.query(
    `select count(*)::int as entries, count(distinct wallet_id)::int as wallets,
       sum(amount)::text as amount from entries where kind = 'adjustment'`,
  );
  expect(entries).toEqual([{ entries: ROWS, wallets: ROWS, amount: '500000000' }]);
  await program.stop();
});
