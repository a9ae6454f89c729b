import { type Request, type Response, Router } from 'express';
import { timeZones } from '../core/time-zones.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { type FormState, parseForm } from '../lib/forms.ts';
import { originOf, signedIn } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { uploadedFile } from '../lib/uploads.ts';
import { ACCOUNT_PLACES } from './account-places.ts';
import { localeChoices } from './locales.ts';
import type { PeopleOptions } from './options.ts';
import { personOf } from './person-of.ts';
import {
  PICTURE_BYTES_MAX,
  findPicture,
  keepPicture,
  pictureFrom,
  removePicture,
} from './pictures.ts';
import { keepProfile, profileForm } from './profile.ts';

/** The pages where somebody sees and changes what is theirs: /account, and their picture. */
export function accountRoutes({ connections }: Pick<PeopleOptions, 'connections'>): Router {
  const router = Router();
  const db = connections.app;

  function show(req: Request, res: Response, form?: FormState, status = 200): void {
    const person = personOf(req);
    const { name, time_zone, locale } = person;
    sendPage(
      req,
      res,
      'people/account',
      {
        account_places: ACCOUNT_PLACES,
        form: form ?? { values: { name, time_zone, locale }, errors: {} },
        kept: req.query['kept'] === 'yes',
        locales: localeChoices(new Date()),
        zones: timeZones(),
      },
      status,
    );
  }

  router.get('/account', signedIn, (req, res) => {
    show(req, res);
  });

  router.post('/account', signedIn, async (req, res) => {
    const form = parseForm(profileForm, req.body);
    if (!form.ok) {
      show(req, res, form, 422);
      return;
    }
    const person = personOf(req);
    await db.transaction().execute((trx) => keepProfile(trx, person, form.data, originOf(req)));
    redirect(req, res, '/account?kept=yes');
  });

  router.post('/account/picture', signedIn, async (req, res) => {
    const person = personOf(req);
    try {
      const file = await uploadedFile(req, { field: 'picture', bytes_max: PICTURE_BYTES_MAX });
      if (file === undefined) throw new AppError(422, 'picture', 'Choose a file first.');
      const image = await pictureFrom(file);
      await db.transaction().execute((trx) => keepPicture(trx, person.id, image));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { name, time_zone, locale } = person;
      const errors = { picture: error.message };
      show(req, res, { values: { name, time_zone, locale }, errors }, error.status);
      return;
    }
    redirect(req, res, '/account?kept=yes');
  });

  router.post('/account/picture/remove', signedIn, async (req, res) => {
    const person = personOf(req);
    await db.transaction().execute((trx) => removePicture(trx, person.id));
    redirect(req, res, '/account?kept=yes');
  });

  router.get('/pictures/:id', signedIn, async (req, res) => {
    const { id } = req.params;
    const image = /^[0-9a-f-]{36}$/.test(String(id))
      ? await findPicture(db, String(id))
      : undefined;
    if (image === undefined) throw notFound('picture');
    res.set('Cache-Control', 'private, max-age=31536000, immutable').type('webp').send(image);
  });

  return router;
}
