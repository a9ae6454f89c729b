import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { command } from '../program/commands.ts';
import { run } from '../program/started.ts';
import { pathMailedTo } from '../people/mailed.ts';
import { type TestProgram, testProgram } from '../support/program.ts';

let program: TestProgram;
let folder: string;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  folder = await mkdtemp(path.join(tmpdir(), 'scrip-moving-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await program.stop();
});

async function fileOf(text: string): Promise<string> {
  const file = path.join(folder, `${randomUUID()}.csv`);
  await writeFile(file, text);
  return file;
}

/** Takes in a table of a system that nobody else moves in from, unless one is named. */
async function moveIn(of: string, text: string, system: string, more: string[] = []) {
  const words = ['import', '--of', of, '--file', await fileOf(text), '--system', system, ...more];
  return command(words, { DATABASE_URL: program.database.url });
}

const balances = () =>
  program.database.query<{ email: string; available: string }>(
    `select p.email, w.available from people p join memberships m on m.person_id = p.id
     join wallets w on w.workspace_id = m.workspace_id and w.livemode order by p.email`,
  );
const balanceOf = async (email: string) =>
  (await balances()).find((one) => one.email === email)?.available;

const USERS = `\uFEFFid,email,Name,Credits\r\n7,Kay@example.com,"Kay, A.",12.5\r\n8,lee@example.com,"=HYPERLINK(""x"")",0.250000\r\n`;

describe('node src/cli.ts import', () => {
  test('says what users bring, makes them once, and adds only what is new of a grown file', async () => {
    const shown = await moveIn('users', USERS, 'shop', ['--dry-run']);
    expect(shown.out).toContain('New: 2, 12.75 credits.');
    expect(shown.out).toContain('Nothing was written');
    expect(await balanceOf('Kay@example.com')).toBeUndefined();
    expect((await moveIn('users', USERS, 'shop')).out).toContain(
      'In the file 12.75 credits, taken in 12.75 credits, granted 12.75 credits.',
    );
    const again = await moveIn('users', `${USERS}9,mia@example.com,Mia,3\r\n`, 'shop');
    expect(again.out).toContain('New: 1, 3 credits.\nMoved in before: 2, 12.75 credits.');
    expect(await balanceOf('Kay@example.com')).toBe('12500000');
    expect(await balanceOf('lee@example.com')).toBe('250000');
    const entries = await program.database.query(
      `select e.kind, l.source from entries e join lots l using (wallet_id)
       join memberships m on m.workspace_id = e.workspace_id
       join people p on p.id = m.person_id where p.email = 'Kay@example.com'`,
    );
    expect(entries).toEqual([{ kind: 'grant', source: 'import' }]);
  });

  test('who moved in chooses a password by a link, and is shown what came along', async () => {
    await moveIn('users', 'id,email,credits\n1,nia@example.com,5\n', 'studio');
    const log = `id,user_id,type,amount,description,created_at
1,1,purchase,10,Starter,2024-01-05 09:00:00+00
2,1,usage,5.000001,"Two images,\n<b>of a house</b>",2024-02-01T10:00:00Z
3,1,refund,0.000001,,2024-02-02
`;
    const { out } = await moveIn('credit_transactions', log, 'studio');
    expect(out).toContain('In the file 5 credits, taken in 5 credits');
    const browser = program.browser();
    await browser.post('/forgot').type('form').send({ email: 'nia@example.com' }).expect(200);
    // Mailed once the page has answered.
    const reset = await vi.waitFor(() =>
      pathMailedTo(program.database, 'nia@example.com', 'password.reset'),
    );
    const password = 'a password of hers';
    await browser.post(reset).type('form').send({ password }).expect(303);
    const signedIn = await browser
      .post('/sign-in')
      .type('form')
      .send({ email: 'nia@example.com', password })
      .expect(303);
    const home = String(signedIn.headers['location']);
    const page = await browser.get(`${home}/history/moved-in`).expect(200);
    expect(page.text).toContain('&lt;b&gt;of a house&lt;/b&gt;');
    expect(page.text).toContain('−5.000001');
    expect((await browser.get(`${home}/history`).expect(200)).text).toContain('/history/moved-in');
    expect(await balanceOf('nia@example.com')).toBe('5000000');
  });

  test('lots of user_credits keep their source and expiry; what is used up or over stays behind', async () => {
    await moveIn('users', 'id,email\n1,ole@example.com\n', 'rooms');
    const packages = await fileOf('id,name,price\n3,Professional,45.00\n');
    const credits = `id,user_id,package_id,type,credits_total,credits_used,expires_at
1,1,3,purchase,550,49.5,
2,1,,bonus,50,0,2099-01-01T00:00:00+02:00
3,1,3,purchase,10,10,
4,1,3,purchase,10,0,2020-01-01
`;
    const more = ['--packages', packages];
    const { out } = await moveIn('user_credits', credits, 'rooms', more);
    expect(out).toContain('Left out, expired: 1.\nLeft out, used up: 1.\nNew: 2, 550.5 credits.');
    expect(
      await program.database.query(
        `select l.source, l.granted, l.expires_at, d.description from lots l
         join entry_details d on d.wallet_id = l.wallet_id and d.seq = l.entry_seq
         where d.description like '%from rooms' order by l.number`,
      ),
    ).toEqual([
      {
        ...{ source: 'import', granted: '500500000', expires_at: null },
        description: 'Professional, moved in from rooms',
      },
      {
        ...{ source: 'promo', granted: '50000000', description: 'bonus, moved in from rooms' },
        expires_at: new Date('2098-12-31T22:00:00Z'),
      },
    ]);
  });

  test('what was logged and paid is history: it moves nothing, and the same line twice is two', async () => {
    await moveIn('users', 'id,email,credits\n1,pia@example.com,7\n', 'calls');
    const logs = `user_id,action,credits_used,created_at
1,voice call,1.5,2024-03-01
1,voice call,1.5,2024-03-01
`;
    expect((await moveIn('credit_logs', logs, 'calls')).out).toContain('New: 2, -3 credits.');
    const grown = await moveIn('credit_logs', `${logs}1,voice call,1.5,2024-03-01\n`, 'calls');
    expect(grown.out).toContain('New: 1, -1.5 credits.\nMoved in before: 2, -3 credits.');
    const paid = `id,user_id,amount,credits,status,created_at
pi_1,1,10.00,100,completed,2024-02-01
pi_2,1,10.00,100,failed,2024-02-01
`;
    expect((await moveIn('transactions', paid, 'calls')).out).toContain('Left out, failed: 1.');
    expect(await balanceOf('pia@example.com')).toBe('7000000');
    const [row] = await program.database.query(
      "select count(*)::int as lines, sum(amount) as amount from moved_in_rows where system = 'calls' and entry_seq is null",
    );
    expect(row).toEqual({ lines: 4, amount: '95500000' });
  });

  test.each([
    ['an amount below zero', 'users', 'id,email,credits\n1,q@example.com,-3\n', 'below zero'],
    ['a formula', 'users', 'id,email,credits\n1,q@example.com,=1+1\n', '"=1+1" is no amount'],
    ['seven decimals', 'users', 'id,email,credits\n1,q@example.com,0.0000001\n', 'six decimals'],
    ['a quote inside', 'users', 'id,email,name\n1,q@example.com,Q "q"\n', 'Opening Quote'],
    ['thousands', 'users', 'id,email,credits\n1,q@example.com,"1,000"\n', 'is no amount'],
    ['one address twice', 'users', 'id,email\n1,q@example.com\n2,Q@example.com\n', 'in line 2 too'],
    ['no address', 'users', 'id,email\n1,nobody\n', 'not an e-mail address'],
    ['too few columns', 'users', 'id,email,credits\n1,q@example.com\n', 'line 2'],
    ['nobody known', 'credit_logs', 'user_id,credits_used,at\n9,1,2024-01-01\n', 'no account 9'],
    ['a wrong time', 'credit_logs', 'user_id,credits_used,at\n9,1,01/02/2024\n', 'is no time'],
  ])('a line that does not fit is named, and nothing is taken in: %s', async (_, of, text, why) => {
    const { code, out, err } = await moveIn(of, text, 'faulty');
    expect(code).toBe(1);
    expect(out).toMatch(/^line \d+: /m);
    expect(out).toContain(why);
    expect(err).toContain('nothing was taken in');
    expect(await balanceOf('q@example.com')).toBeUndefined();
  });

  test('a balance that was moved in is not moved in again with another amount', async () => {
    await moveIn('users', 'id,email,credits\n1,rob@example.com,30\n', 'twice');
    const { out } = await moveIn('users', 'id,email,credits\n1,rob@example.com,25\n', 'twice');
    expect(out).toContain('line 2: It was moved in before, with another amount');
    expect(await balanceOf('rob@example.com')).toBe('30000000');
  });

  test('credits go to an account that is here only if its address was verified', async () => {
    const [sue, tom] = [await program.signUp('Sue'), await program.signUp('Tom')];
    await program.database.query('update people set email_verified_at = null where email = $1', [
      tom.email,
    ]);
    const text = (email: string) => `id,email,credits\n1,${email.toUpperCase()},5\n`;
    await moveIn('users', text(sue.email), 'sue');
    expect(await sue.available()).toBe(55_000_000n);
    const refused = await moveIn('users', text(tom.email), 'tom');
    expect(refused.out).toContain('has not verified it');
    expect(await tom.available()).toBe(50_000_000n);
  });

  test('killed in the middle it goes on when it is asked again, and gives nothing twice', async () => {
    const lines = Array.from({ length: 120 }, (_, index) => `${index},k${index}@kill.example,1.5`);
    const file = await fileOf(`id,email,credits\n${lines.join('\n')}\n`);
    const words = ['import', '--of', 'users', '--file', file, '--system', 'killed'];
    const settings = { DATABASE_URL: program.database.url };
    const first = run(['src/cli.ts', ...words], settings);
    const taken = async () => {
      const [row] = await program.database.query<{ count: number }>(
        "select count(*)::int from moved_in_rows where system = 'killed'",
      );
      return row?.count ?? 0;
    };
    await expect.poll(taken, { timeout: 50_000, interval: 5 }).toBeGreaterThan(0);
    first.child.kill('SIGKILL');
    await first.ended;
    const before = await taken();
    expect(before % 50).toBe(0);
    const second = await command(words, settings);
    expect(second.out).toContain('In the file 180 credits, taken in 180 credits, granted 180');
    expect(await taken()).toBe(120);
  }, 60_000);
});
