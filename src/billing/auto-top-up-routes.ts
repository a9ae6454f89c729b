import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, redirectAway, sendPage } from '../lib/rendering.ts';
import { managersOnly, refreshPurse, scopeOf } from '../workspaces/scope.ts';
import { removeCard, startCardSetup, takeBackCard } from './auto-top-up/card-setup.ts';
import { cancelWaiting } from './auto-top-up/charges.ts';
import { ConsentForm, TermsForm, consentSentence, readTerms } from './auto-top-up/consent.ts';
import { autoTopUpPage, shownCard, waitingCharge } from './auto-top-up/page.ts';
import { stop, turnOn, whyNotOffered } from './auto-top-up/terms.ts';
import { startCheckout } from './checkout.ts';
import { findPayment } from './orders.ts';
import { type PaymentProvider, type WorkingProvider, whileBuyingIsOn } from './provider.ts';
import { findSavedCard } from './auto-top-up/saved-cards.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  baseUrl: string;
  /** Who charges, in the sentence that people agree to. */
  seller: string;
}

const SetupForm = z.object({
  nonce: z.uuid('This form is too old. Send it again.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Choose a currency.'),
});

/** Where a workspace agrees to buy credits by themselves, and ends it; mounted under /w/:slug. */
export function autoTopUpRoutes(dependencies: Dependencies): Router {
  const { connections, provider } = dependencies;
  const router = Router({ mergeParams: true });
  router.use('/auto-top-up', managersOnly('Auto top-up is for owners and admins.'));

  router.get('/auto-top-up', (req, res) => sendAutoTopUp(req, res, dependencies));

  router.get('/auto-top-up/consent', async (req, res) => {
    const form = parseForm(TermsForm, req.query);
    if (form.ok) await sendConsent(req, res, dependencies, form);
    else await sendAutoTopUp(req, res, dependencies, form, 422);
  });

  router.post('/auto-top-up', async (req, res) => {
    const form = parseForm(ConsentForm, req.body);
    if (form.ok) await consent(req, res, dependencies, form);
    else await sendAutoTopUp(req, res, dependencies, form, 422);
  });

  router.post('/auto-top-up/off', async (req, res) => {
    const { id } = scopeOf(req).workspace;
    const actor = { kind: 'person', id: scopeOf(req).person.id } as const;
    await here(req, connections, async (trx) => {
      await cancelWaiting(trx, id);
      await stop(trx, id, 'turned_off', { actor, origin: originOf(req) });
    });
    redirect(req, res, pageOf(req));
  });

  router.post('/auto-top-up/confirm', async (req, res) => {
    const { person, workspace } = scopeOf(req);
    const payment = await here(req, connections, async (trx) => {
      const id = await waitingCharge(trx, workspace.id);
      return id === undefined ? undefined : findPayment(trx, id);
    });
    if (payment === undefined) {
      redirect(req, res, pageOf(req));
      return;
    }
    const working = whileBuyingIsOn(provider);
    const url = await startCheckout(connections, working, {
      payment,
      buyer: { name: workspace.name, email: person.email },
      locale: person.locale,
      returnUrl: `${dependencies.baseUrl}${workspace.base}/payments/${payment.id}`,
      cancelUrl: `${dependencies.baseUrl}${pageOf(req)}`,
    });
    redirectAway(req, res, url, [working.checkoutOrigin]);
  });

  router.use(cardRoutes(dependencies));
  return router;
}

function cardRoutes({ connections, provider, baseUrl }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  router.post('/auto-top-up/card', async (req, res) => {
    const form = parseForm(SetupForm, req.body);
    if (!form.ok) throw new AppError(422, 'form_invalid', 'This form is too old. Open it again.');
    const { workspace, person } = scopeOf(req);
    const working = whileOffered(provider);
    const url = await startCardSetup(connections, working, {
      ...{ workspace, email: person.email, ...form.data },
      returnUrl: `${baseUrl}${pageOf(req)}/card`,
      cancelUrl: `${baseUrl}${pageOf(req)}`,
    });
    redirectAway(req, res, url, [working.checkoutOrigin]);
  });

  router.get('/auto-top-up/card', async (req, res) => {
    const session = z
      .string()
      .regex(/^\w{1,255}$/)
      .safeParse(req.query['session']);
    const { id } = scopeOf(req).workspace;
    const isTaken =
      session.success &&
      (await takeBackCard(connections, whileBuyingIsOn(provider), id, session.data));
    if (!isTaken) throw notFound('saved card');
    redirect(req, res, pageOf(req));
  });

  router.post('/auto-top-up/card/remove', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const by = { person_id: person.id, origin: originOf(req) };
    await removeCard(connections, whileBuyingIsOn(provider), workspace.id, by);
    redirect(req, res, pageOf(req));
  });

  return router;
}

type Chosen<Data> = { data: Data; values: Record<string, string> };

/** Turns it on when the box was ticked beside the sentence that says what was chosen; else asks. */
async function consent(
  req: Request,
  res: Response,
  dependencies: Dependencies,
  form: Chosen<z.output<typeof ConsentForm>>,
): Promise<void> {
  const { connections, provider, seller } = dependencies;
  const { workspace, person } = scopeOf(req);
  const working = whileOffered(provider);
  const isOn = await here(req, connections, async (trx) => {
    const card = await findSavedCard(trx, workspace.id, working);
    const terms = await readTerms(trx, form.data);
    if (card === undefined || 'sentence' in terms) return false;
    const { sold, ...agreed } = terms;
    const sentence = consentSentence(terms, card, seller);
    if (form.data.consent !== 'yes' || form.data.shown !== sentence) return false;
    const consented = {
      ...{ workspace_id: workspace.id, wallet_id: await walletIdOf(trx, workspace.id) },
      ...{ ...agreed, package_id: sold.id, currency: sold.currency },
      ...{ payment_method_id: card.payment_method_id, consent: sentence },
    };
    const by = { person_id: person.id, origin: originOf(req) };
    await cancelWaiting(trx, workspace.id);
    await turnOn(trx, working, consented, by);
    return true;
  });
  if (isOn) redirect(req, res, pageOf(req));
  else await sendConsent(req, res, dependencies, form, 422);
}

/** The sentence with what was chosen, and an empty box beside it. */
async function sendConsent(
  req: Request,
  res: Response,
  dependencies: Dependencies,
  form: Chosen<z.output<typeof TermsForm>>,
  status = 200,
): Promise<void> {
  const { connections, provider, seller } = dependencies;
  const { workspace } = scopeOf(req);
  const working = whileBuyingIsOn(provider);
  const [card, terms] = await here(req, connections, async (trx) => [
    await findSavedCard(trx, workspace.id, working),
    await readTerms(trx, form.data),
  ]);
  if ('sentence' in terms || card === undefined) {
    const errors = 'sentence' in terms ? { [terms.field]: terms.sentence } : {};
    const refusal = card === undefined ? { refusal: 'Save a card first.' } : {};
    await sendAutoTopUp(req, res, dependencies, { ...form, errors, ...refusal }, 422);
    return;
  }
  await refreshPurse(connections, res, workspace.id);
  const { below, package: code, limit, currency } = form.values;
  sendPage(
    req,
    res,
    'billing/auto-top-up-consent',
    {
      sentence: consentSentence(terms, card, seller),
      chosen: { below, package: code, limit, currency },
      ...{ terms, card: shownCard(card), asked_again: status !== 200 },
    },
    status,
  );
}

async function sendAutoTopUp(
  req: Request,
  res: Response,
  { connections, provider }: Dependencies,
  form: FormState = EMPTY_FORM,
  status = 200,
): Promise<void> {
  const { workspace } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const page = await here(req, connections, (trx) => autoTopUpPage(trx, workspace, provider, form));
  sendPage(req, res, 'billing/auto-top-up', page, status);
}

function here<Result>(
  req: Request,
  { app }: Connections,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  return inWorkspace(app, scopeOf(req).workspace.id, work);
}

function pageOf(req: Request): string {
  return `${scopeOf(req).workspace.base}/auto-top-up`;
}

/** For what only makes sense where something can be charged by itself. */
function whileOffered(provider: PaymentProvider): WorkingProvider {
  const reason = whyNotOffered(provider);
  if (reason !== undefined) throw new AppError(503, 'auto_top_up_is_off', reason);
  return whileBuyingIsOn(provider);
}
