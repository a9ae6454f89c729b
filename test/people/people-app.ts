import { randomInt } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import request from 'supertest';
import { type Trx, enterWorkspace } from '../../src/lib/database.ts';
import { AppError } from '../../src/lib/errors.ts';
import { sameOrigin, signedIn } from '../../src/lib/guards.ts';
import { newId } from '../../src/lib/ids.ts';
import { sessions } from '../../src/lib/sessions.ts';
import { findSession, identifyPerson } from '../../src/people/identify.ts';
import { DEFAULT_TEXTS } from '../../src/presets/default.ts';
import type { PeopleOptions } from '../../src/people/options.ts';
import { peopleRoutes } from '../../src/people/people-routes.ts';
import { securityRoutes } from '../../src/people/security/security-routes.ts';
import { type NewPerson, createPerson, hashPassword } from '../../src/people/people.ts';
import type { TestDatabase } from '../support/database.ts';

export const BASE_URL = 'http://scrip.test';
export const PASSWORD = 'violet anchor tuesday';

/** The parts of people in a small program, in the order in which the real one mounts them. */
export function peopleApp(database: TestDatabase, changes: Partial<PeopleOptions> = {}): Express {
  const { connections } = database;
  const app = express();
  app.set('trust proxy', 1);
  app.use(
    sessions({
      ...{ pool: connections.plain, find: findSession(connections.plain) },
      ...{ secrets: ['new', 'old'], secure: 'auto', prune: false },
    }),
  );
  app.use(identifyPerson());
  app.use((req, res, next) => {
    Object.assign(res.locals, {
      path: req.path,
      seller: 'the test',
      texts: DEFAULT_TEXTS,
      notices: [],
      workspaces: [],
      workspace: undefined,
      person: req.user,
      mails: true,
    });
    next();
  });
  app.use(sameOrigin(BASE_URL), express.urlencoded({ extended: false }));
  const people: PeopleOptions = {
    product: 'Scrip',
    connections,
    baseUrl: BASE_URL,
    encryptionKeys: ['the secret of the tests'],
    adminEmails: [],
    mails: true,
    welcomeMicro: () => Promise.resolve(5_000_000n),
    onPersonCreated: makeWorkspace,
    closing: { endingWith: () => Promise.resolve([]), close: () => Promise.resolve() },
    homeOf: (id) => Promise.resolve(`/home-of/${id}`),
    ...changes,
  };
  app.use(peopleRoutes(people));
  app.use(securityRoutes(people));
  app.get('/me', signedIn, (req, res) => {
    res.json(req.user);
  });
  app.post('/things', signedIn, (_req, res) => {
    res.json({ done: true });
  });
  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (error instanceof AppError) res.status(error.status).json({ code: error.code });
    else next(error);
  });
  return app;
}

/** What the real program makes with a person, without the wallet. */
export async function makeWorkspace(trx: Trx, person: NewPerson): Promise<void> {
  const id = newId();
  await enterWorkspace(trx, id);
  await trx
    .insertInto('workspaces')
    .values({ id, kind: 'personal', name: person.name, slug: id })
    .execute();
  await trx
    .insertInto('memberships')
    .values({ workspace_id: id, person_id: person.id, role: 'owner' })
    .execute();
}

/** A browser with its own cookies and address, on our own pages. */
export function visitor(app: Express, ip = randomIp()) {
  return request.agent(app).set('Origin', BASE_URL).set('X-Forwarded-For', ip);
}

export function randomIp(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
}

export function randomEmail(): string {
  return `ada.${newId()}@example.com`;
}

/** Somebody with an account and the password above. */
export async function somebody(
  database: TestDatabase,
  person: { email?: string; verified?: boolean; google_subject?: string; password?: string } = {},
) {
  const { email = randomEmail(), verified = false, google_subject, password = PASSWORD } = person;
  const password_hash = await hashPassword(password);
  return database.connections.app.transaction().execute((trx) =>
    createPerson(
      trx,
      {
        email,
        name: 'Ada Lovelace',
        password_hash,
        verified,
        ...(google_subject === undefined ? {} : { google_subject }),
      },
      makeWorkspace,
    ),
  );
}

/** The session cookies of an answer, as a Cookie header would carry them. */
export function cookiesOf(answer: request.Response): string {
  const set: unknown = answer.headers['set-cookie'];
  const cookies = Array.isArray(set) ? set.map(String) : [];
  return cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; ');
}
