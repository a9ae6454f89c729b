import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rateLimit } from '../../src/lib/rate-limits.ts';
import { type GiveStaffRoleOptions, giveStaffRole } from '../../src/people/staff.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { randomEmail, somebody } from './people-app.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.drop();
});

const give = (options: Pick<GiveStaffRoleOptions, 'who' | 'role'>) =>
  database.connections.app
    .transaction()
    .execute((trx) => giveStaffRole(trx, { ...options, actor: { kind: 'system' } }));

describe('a staff role', () => {
  it('is given by address or by id, in place of the one before, and audited', async () => {
    const person = await somebody(database);
    const who = { email: ` ${person.email.toUpperCase()}` };
    expect(await give({ who, role: 'support' })).toBe(person.id);
    await give({ who: { person_id: person.id }, role: 'admin' });
    const events = await database.query(
      `select before, after from audit_events where action = 'person.staff_role_given'
       and subject_id = $1 order by id`,
      [person.id],
    );
    expect(events).toEqual([
      { before: { staff_role: null }, after: { staff_role: 'support' } },
      { before: { staff_role: 'support' }, after: { staff_role: 'admin' } },
    ]);
  });

  it('is refused to somebody who is not there', async () => {
    await expect(give({ who: { email: randomEmail() }, role: 'admin' })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });
});

describe('a rate limit', () => {
  const options = { name: 'test', points: 2, window_seconds: 60 };

  it('is one for all processes', async () => {
    const pool = database.connections.plain;
    const [one, other] = [rateLimit({ ...options, pool }), rateLimit({ ...options, pool })];
    await one.take('somebody');
    await other.take('somebody');
    await expect(one.take('somebody')).rejects.toMatchObject({ status: 429 });
    await other.take('somebody else');
  });

  it('is counted in memory while the database cannot be reached', async () => {
    const pool = new pg.Pool({ connectionString: 'postgresql://nobody@127.0.0.1:1/none' });
    const limit = rateLimit({ ...options, pool });
    await limit.take('somebody');
    await limit.take('somebody');
    await expect(limit.take('somebody')).rejects.toMatchObject({ code: 'too_many_requests' });
    await pool.end();
  });
});
