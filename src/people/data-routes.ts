import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { AppError } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf, signedIn } from '../lib/guards.ts';
import { sendPage } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { ACCOUNT_PLACES } from './account-places.ts';
import type { PeopleOptions } from './options.ts';
import { personOf } from './person-of.ts';
import { recentlyAuthenticated } from './security/recent.ts';
import { deletePerson, deletionForm } from './deletion.ts';
import { personalData } from './personal-data.ts';

/** The pages where somebody takes along what is kept of them, or has it deleted. */
export function dataRoutes(options: PeopleOptions): Router {
  const router = Router();
  const { connections } = options;

  async function show(req: Request, res: Response, form: FormState, status = 200): Promise<void> {
    const ending = await options.closing.endingWith(personOf(req).id);
    const page = { account_places: ACCOUNT_PLACES, path: '/account/data', ending, form };
    sendPage(req, res, 'people/data', page, status);
  }

  router.get('/account/data', signedIn, (req, res) => show(req, res, EMPTY_FORM));

  router.get('/account/data.json', signedIn, recentlyAuthenticated, async (req, res) => {
    const person = personOf(req);
    res.set('Cache-Control', 'no-store').attachment('scrip-account.json').type('json');
    await pipeline(Readable.from(personalData(connections, person.id)), res);
  });

  router.post('/account/delete', signedIn, recentlyAuthenticated, async (req, res) => {
    const form = parseForm(deletionForm, req.body);
    if (!form.ok) {
      await show(req, res, form, 422);
      return;
    }
    const person = personOf(req);
    const { closing } = options;
    try {
      await connections.app
        .transaction()
        .execute((trx) => deletePerson(trx, person, form.data, { closing, origin: originOf(req) }));
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const field = error.code === 'other_address' ? { email: error.message } : {};
      const refused = { ...form, errors: field, refusal: error.message };
      await show(req, res, refused, error.status);
      return;
    }
    await endSession(req, res);
    sendPage(req, res, 'people/deleted', { person: undefined });
  });

  return router;
}
