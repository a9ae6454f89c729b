import { randomBytes, randomUUID } from 'node:crypto';
import request, { type Response, type Test } from 'supertest';
import { inWorkspace } from '../../src/lib/database.ts';
import { type NewApiKey, createApiKey, scopesFor } from '../../src/workspaces/api-keys.ts';
import { expectDescribed } from './described.ts';
import type { TestProgram } from './program.ts';
import { CREDIT } from './wallet-states.ts';

/** A new key, of the service unless a workspace is named. */
export async function newKey(
  { database }: TestProgram,
  more: Partial<NewApiKey> = {},
): Promise<string> {
  const scopes = scopesFor(more.workspace_id ?? null);
  const key = { name: 'test', workspace_id: null, livemode: true, scopes, ...more };
  const { app } = database.connections;
  const made = await (key.workspace_id === null
    ? app.transaction().execute((trx) => createApiKey(trx, key))
    : inWorkspace(app, key.workspace_id, (trx) => createApiKey(trx, key)));
  return made.secret;
}

/**
 * A request as a product sends it; `idempotencyKey` is a new one unless given. The answer is held
 * against the description of the API.
 */
export function send(
  program: TestProgram,
  key: string,
  path: string,
  body: unknown,
  idempotencyKey: string = randomUUID(),
): Test {
  return request(program.url)
    .post(`/api/v1${path}`)
    .set('Authorization', `Bearer ${key}`)
    .set('Idempotency-Key', idempotencyKey)
    .send(body as object)
    .expect((answer) => {
      expectDescribed('post', path, answer);
    });
}

/** A read as a product sends it; what is undefined in the query is left out. */
export function get(
  program: TestProgram,
  key: string,
  path: string,
  query: Record<string, string | undefined> = {},
): Test {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return request(program.url)
    .get(`/api/v1${path}`)
    .query(Object.fromEntries(given))
    .set('Authorization', `Bearer ${key}`)
    .expect((answer) => {
      expectDescribed('get', path, answer);
    });
}

/** What a read is answered with. */
export async function read(
  program: TestProgram,
  key: string,
  path: string,
  query: Record<string, string | undefined> = {},
): Promise<ApiBody> {
  return bodyOf(await get(program, key, path, query).expect(200));
}

/** What tests look at in an answer: the members of a problem, or of many answers. */
export interface ApiBody extends Record<string, unknown> {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  debits?: Record<string, unknown>[];
  entries?: Record<string, unknown>[];
  lots?: Record<string, unknown>[];
  holds?: Record<string, unknown>[];
  usage?: Record<string, unknown>[];
  next_cursor?: string | null;
}

export function bodyOf(answer: Response): ApiBody {
  return answer.body as ApiBody;
}

export interface TestCustomer {
  external_id: string;
  wallet_id: string;
  workspace_id: string;
  /** What is stored of the wallet, as [available, held, debt] in credits. */
  stored(): Promise<[number, number, number]>;
}

/** A customer whom a product has named before, with so many credits. */
export async function newCustomer(
  program: TestProgram,
  credits: bigint,
  livemode = true,
): Promise<TestCustomer> {
  const external_id = `customer-${randomBytes(6).toString('hex')}`;
  const service = await newKey(program, { livemode });
  const order = { customer: external_id, operation: 'image.generate', quantity: '1' };
  await send(program, service, '/debits', order).expect(402);
  const [found] = await program.database.query<{ wallet_id: string; workspace_id: string }>(
    `select w.id as wallet_id, w.workspace_id from workspaces s
     join wallets w on w.workspace_id = s.id and w.livemode = $2 where s.external_id = $1`,
    [external_id, livemode],
  );
  if (found === undefined) throw new Error(`there is no customer ${external_id}`);
  if (credits > 0n) {
    await program.ledger.execute({
      kind: 'grant',
      wallet_id: found.wallet_id,
      amount_micro: credits * CREDIT,
      source: 'purchase',
      expires_at: null,
      key: { namespace: 'test', key: 'credits' },
      asked: { actor_kind: 'system' },
    });
  }
  return {
    external_id,
    ...found,
    stored: async () => {
      const [row] = await program.database.query<Record<'available' | 'held' | 'debt', string>>(
        'select available, held, debt from wallets where id = $1',
        [found.wallet_id],
      );
      const credit = Number(CREDIT);
      return [
        Number(row?.available) / credit,
        Number(row?.held) / credit,
        Number(row?.debt) / credit,
      ];
    },
  };
}

/** The time of all holds of a wallet is over; nothing has been written of it. */
export async function lapseHolds(
  { database }: TestProgram,
  { wallet_id }: TestCustomer,
): Promise<void> {
  await database.query(
    `with lapsed as (update holds set expires_at = now() where wallet_id = $1 and open)
     update wallets set next_due_at = now() where id = $1`,
    [wallet_id],
  );
}
