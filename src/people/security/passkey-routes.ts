import { type Request, Router } from 'express';
import { z } from 'zod';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { clientOf, originOf } from '../../lib/guards.ts';
import { rateLimit } from '../../lib/rate-limits.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { AppError } from '../../lib/errors.ts';
import type { Answers } from '../answers.ts';
import type { PeopleOptions } from '../options.ts';
import { activePerson } from '../people.ts';
import { personOf } from '../person-of.ts';
import { recordChange } from '../security-mails.ts';
import { openSession } from '../sign-in-session.ts';
import {
  creationOptions,
  keepPasskey,
  readNewPasskey,
  readPasskey,
  requestOptions,
} from './passkeys.ts';
import { recentlyAuthenticated } from './recent.ts';
import { lockWaysIn, remainsWithout } from './ways-in.ts';

declare module 'express-session' {
  interface SessionData {
    /** What a passkey has to sign now. */
    passkey?: { challenge: string; until: number };
  }
}

const CHALLENGE_MS = 5 * 60 * 1000;
const PAGE = '/account/security';
const addForm = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'Name the passkey.')
    .max(100, 'A name has at most 100 characters.'),
  response: z.string().max(15_000),
});
const showForm = z.object({ response: z.string().max(15_000), next: z.unknown().optional() });
const removeForm = z.object({ id: z.uuid() });

/** A passkey signs in: it is something one has, which asked for something that one is or knows. */
export function passkeySignInRoutes(options: PeopleOptions, answers: Answers): Router {
  const router = Router();
  const { connections, baseUrl } = options;
  const pool = connections.plain;
  const tries = rateLimit({ pool, name: 'passkey-client', points: 100, window_seconds: 900 });

  router.post('/sign-in/passkey/options', async (req, res) => {
    await tries.take(clientOf(req));
    const asked = await requestOptions(baseUrl);
    remember(req, asked.challenge);
    res.set('Cache-Control', 'no-store').json(asked);
  });

  router.post('/sign-in/passkey', async (req, res) => {
    const challenge = takeChallenge(req);
    const form = parseForm(showForm, req.body);
    const shown =
      form.ok && challenge !== undefined
        ? await readPasskey(connections.app, baseUrl, challenge, jsonOf(form.data.response))
        : undefined;
    const person = shown && (await activePerson(connections.app, shown.person_id));
    const next = form.values['next'];
    const stands =
      person !== undefined &&
      (await openSession(options, req, res, person, { kind: 'passkey', id: shown?.id ?? '' }));
    if (stands) await answers.goOn(req, res, person, next);
    else await answers.refuse(req, res, '/sign-in', next, NOT_GOOD);
  });

  return router;
}

/** Adding and removing passkeys: /account/security/passkeys. Mounted at /account. */
export function passkeyRoutes({ connections, baseUrl, product }: PeopleOptions): Router {
  const router = Router();
  const db = connections.app;
  router.use('/security/passkeys', recentlyAuthenticated);

  router.get('/security/passkeys', (req, res) => {
    sendPage(req, res, 'people/passkey-add', { form: EMPTY_FORM, path: PAGE });
  });

  router.post('/security/passkeys/options', async (req, res) => {
    const asked = await creationOptions(db, { baseUrl, product }, personOf(req));
    remember(req, asked.challenge);
    res.set('Cache-Control', 'no-store').json(asked);
  });

  router.post('/security/passkeys', async (req, res) => {
    const { id } = personOf(req);
    const challenge = takeChallenge(req);
    const form = parseForm(addForm, req.body);
    const refuse = (state: FormState): void => {
      sendPage(req, res, 'people/passkey-add', { form: state, path: PAGE }, 422);
    };
    if (!form.ok) {
      refuse(form);
      return;
    }
    const { name, response } = form.data;
    const made =
      challenge === undefined
        ? undefined
        : await readNewPasskey(baseUrl, challenge, jsonOf(response));
    if (made === undefined) {
      refuse({ values: form.values, errors: {}, refusal: NOT_GOOD.message });
      return;
    }
    await db.transaction().execute(async (trx) => {
      await keepPasskey(trx, id, name, made);
      await recordChange(trx, personOf(req), 'passkey_added', originOf(req));
    });
    redirect(req, res, `${PAGE}?done=passkey`);
  });

  router.post('/security/passkeys/remove', async (req, res) => {
    const person = personOf(req);
    const form = parseForm(removeForm, req.body);
    const removed =
      !form.ok ||
      (await db.transaction().execute(async (trx) => {
        if (!remainsWithout(await lockWaysIn(trx, person.id), 'passkey')) return false;
        const gone = await trx
          .deleteFrom('passkeys')
          .where('id', '=', form.data.id)
          .where('person_id', '=', person.id)
          .executeTakeFirst();
        if (gone.numDeletedRows === 1n) {
          await recordChange(trx, person, 'passkey_removed', originOf(req));
        }
        return true;
      }));
    redirect(req, res, `${PAGE}?${removed ? 'done=passkey-removed' : 'kept=last-passkey'}`);
  });

  return router;
}

const NOT_GOOD = new AppError(422, 'wrong_passkey', 'This passkey is not known here, or was late.');

function remember(req: Request, challenge: string): void {
  req.session.passkey = { challenge, until: Date.now() + CHALLENGE_MS };
}

/** Each challenge is signed once. */
function takeChallenge(req: Request): string | undefined {
  const { passkey } = req.session;
  delete req.session.passkey;
  return passkey !== undefined && passkey.until > Date.now() ? passkey.challenge : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
