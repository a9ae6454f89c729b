import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetEventBodies } from '../../src/billing/stripe-events.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('what old events said is forgotten, not that they came, nor what somebody has to look at', async () => {
  await database.query(
    `insert into stripe_events (id, type, livemode, state, body, created_at, received_at)
     select state || days, 'charge.refunded', false, state, '{"name": "Ada"}', now(),
       now() - days * interval '1 day'
     from unnest(array['done', 'ignored', 'flagged']) state, unnest(array[30, 50]) days`,
  );
  await forgetEventBodies(database.connections.app, new Date(Date.now() - 40 * 86_400_000));
  const found = await database.query<{ id: string; is_kept: boolean }>(
    `select id, body <> '{}' as is_kept from stripe_events order by id`,
  );
  expect(found.map(({ id, is_kept }) => `${id} ${is_kept ? 'kept' : 'forgotten'}`)).toEqual([
    'done30 kept',
    'done50 forgotten',
    'flagged30 kept',
    'flagged50 kept',
    'ignored30 kept',
    'ignored50 forgotten',
  ]);
});
