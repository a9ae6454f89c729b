import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Worker, startWorker } from '../../src/lib/jobs.ts';
import { createLog } from '../../src/lib/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let worker: Worker;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await worker.stop();
  await database.drop();
});

test('jobs go on when the database could not write down that one was done or had failed', async () => {
  const ran: string[] = [];
  const done = { name: 'test.done', run: () => Promise.resolve(void ran.push('test.done')) };
  const failed = {
    name: 'test.failed',
    run: () => {
      ran.push('test.failed');
      return Promise.reject(new Error('this job fails'));
    },
  };
  const last = { name: 'test.last', run: () => Promise.resolve(void ran.push('test.last')) };
  const { plain } = database.connections;
  worker = await startWorker(plain, [done, failed, last], createLog('silent'));
  // A sequence counts also what is rolled back.
  await database.query('create sequence refusals');
  await database.query('grant all on sequence refusals to public');
  await database.query(`create function refuse() returns trigger language plpgsql as $$
    begin
      perform nextval('refusals');
      raise exception 'no room' using errcode = 'disk_full';
    end $$`);
  for (const { name } of [done, failed, last]) {
    await database.query('alter sequence refusals restart');
    await database.query(`create trigger refuse before delete or update of last_error
      on graphile_worker._private_jobs for each row execute function refuse()`);
    await database.query('select graphile_worker.add_job($1)', [name]);
    await expect.poll(() => refusals(), { timeout: 15_000 }).toBe(true);
    await database.query('drop trigger refuse on graphile_worker._private_jobs');
    expect(ran).toContain(name);
  }
});

test('what is done every few seconds goes on after a fault, and ends with the worker', async () => {
  let runs = 0;
  const often = {
    name: 'test.often',
    every_seconds: 0.001,
    run: () => {
      runs += 1;
      return runs === 1 ? Promise.reject(new Error('this time it fails')) : Promise.resolve();
    },
  };
  const { plain } = database.connections;
  const other = await startWorker(plain, [often], createLog('silent'));
  await expect.poll(() => runs).toBeGreaterThan(2);
  await other.stop();
});

async function refusals(): Promise<boolean> {
  const [row] = await database.query<{ is_called: boolean }>('select is_called from refusals');
  return row?.is_called === true;
}
