import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { audit } from '../lib/audit.ts';
import { parseForm } from '../lib/forms.ts';
import { localPath, originOf } from '../lib/guards.ts';
import { redirect } from '../lib/rendering.ts';
import { endSession } from '../lib/sessions.ts';
import { addressRoutes } from './address-routes.ts';
import { type SignInPage, answersOf } from './answers.ts';
import { signInForm, signOutForm, signUpForm } from './fields.ts';
import { addGoogleRoutes } from './google-routes.ts';
import type { PeopleOptions } from './options.ts';
import type { SignedInPerson } from './people.ts';
import { passwordRoutes } from './password-routes.ts';
import { CODE_PATH, codeSignInRoutes } from './security/code-sign-in-routes.ts';
import { passkeySignInRoutes } from './security/passkey-routes.ts';
import { passwordSignIn } from './sign-in.ts';
import { passwordSignUp } from './sign-up.ts';
import { undoRoutes } from './undo-routes.ts';

type Submit<Schema extends z.ZodObject> = (
  req: Request,
  res: Response,
  data: z.output<Schema>,
) => Promise<SignedInPerson | 'second_step'>;

/**
 * The pages where people come and go: /sign-up, /sign-in, /sign-out, /verify, /forgot, /reset, /undo, and
 * /auth/google where Google is set up. Mount it behind `sessions`, `identifyPerson`, what the layout needs, `sameOrigin` and
 * a form parser (`urlencoded`, not extended).
 */
export function peopleRoutes(options: PeopleOptions): Router {
  const router = Router();
  const answers = answersOf(options);

  function addForm<Schema extends z.ZodObject>(
    page: SignInPage,
    schema: Schema,
    submit: Submit<Schema>,
  ): void {
    router.get(page, async (req, res) => {
      if (req.user === undefined) await answers.show(req, res, page, req.query['next']);
      else redirect(req, res, await options.homeOf(req.user.id));
    });
    router.post(page, async (req, res) => {
      const form = parseForm(schema, req.body);
      const next = form.values['next'];
      if (!form.ok) {
        await answers.show(req, res, page, next, form, 422);
        return;
      }
      let person: SignedInPerson | 'second_step';
      try {
        person = await submit(req, res, form.data);
      } catch (error) {
        await answers.refuse(req, res, page, next, error, form.values);
        return;
      }
      if (person === 'second_step') redirect(req, res, CODE_PATH);
      else await answers.goOn(req, res, person, next);
    });
  }

  addForm('/sign-in', signInForm, passwordSignIn(options));
  addForm('/sign-up', signUpForm, passwordSignUp(options));
  if (options.google !== undefined) addGoogleRoutes(router, options, options.google, answers);
  router.use(codeSignInRoutes(options, answers), passkeySignInRoutes(options, answers));
  router.use(addressRoutes(options), passwordRoutes(options), undoRoutes(options));
  router.post('/sign-out', async (req, res) => {
    const person = req.user;
    req.user = undefined;
    await endSession(req, res);
    if (person !== undefined) await recordSignOut(options, req, person.id);
    const back = localPath(parseForm(signOutForm, req.body).values['next']);
    redirect(req, res, back === '/' ? '/sign-in' : back);
  });
  return router;
}

async function recordSignOut(
  options: PeopleOptions,
  req: Request,
  personId: string,
): Promise<void> {
  await options.connections.app.transaction().execute((trx) =>
    audit(trx, {
      actor: { kind: 'person', id: personId },
      action: 'person.signed_out',
      subject: { kind: 'person', id: personId },
      origin: originOf(req),
    }),
  );
}
