import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testDatabase, verifyAndDrop } from '../support/database.ts';
import { command } from './commands.ts';
import { type Server, startServer } from './started.ts';

const Held = z.looseObject({ hold_id: z.uuid() });

/** What later versions may do to a schema: columns more in every table, and a migration of theirs. */
const LATER = `
  do $$ declare one text; begin
    for one in select relname from pg_class join pg_namespace n on n.oid = relnamespace
      where n.nspname = 'public' and relkind = 'r' and relname not like 'kysely_%'
    loop
      execute format('alter table %I add column later_note text, '
        'add column later_count bigint not null default 7', one);
    end loop;
  end $$;
  insert into kysely_migration (name, timestamp) values ('999-later', now()::text)`;

test('attack 60: servers of an older version spend side by side on a newer schema, and the books are right', async () => {
  const database = await testDatabase();
  const settings = { DATABASE_URL: database.url };
  const before = await startServer({ ...settings, MIGRATE_ON_BOOT: '1' });
  const { out } = await command(['create-key', '--name', 'Our product'], settings);
  const key = /^scrip_live_\S+$/m.exec(out)?.[0] ?? '';
  const call = async ({ url }: Server, path: string, body: object) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Idempotency-Key': randomUUID(),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const customer = 'user-42';
  const use = { customer, operation: 'message.send', quantity: '1' };
  const grant = { customer, amount: '50', source: 'welcome' };
  expect(await call(before, '/grants', grant)).toMatchObject({ status: 201 });
  expect(await call(before, '/debits', use)).toMatchObject({ status: 201 });

  await database.query(LATER);
  const beside = await startServer(settings);
  const asked = Array.from({ length: 60 }, async (_, index) => {
    const server = index % 2 === 0 ? before : beside;
    if (index % 3 === 0) return call(server, '/debits', use);
    const held = await call(server, '/holds', { ...use, quantity: '2', ttl_seconds: 600 });
    if (held.status !== 201) return held;
    const { hold_id } = Held.parse(JSON.parse(held.text));
    const other = server === before ? beside : before;
    return call(other, `/holds/${hold_id}/capture`, { customer, quantity: '1' });
  });
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
  // 21 debits and 40 captures of one message each.
  const [wallet] = await database.query(
    `select w.available as left, w.held from wallets w join workspaces s on s.id = w.workspace_id
     where s.external_id = $1 and w.livemode`,
    [customer],
  );
  expect(wallet).toEqual({ left: '43900000', held: '0' });
  await Promise.all([before.stop(), beside.stop()]);
  await verifyAndDrop(database);
});
