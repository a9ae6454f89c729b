import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, redirectAway } from '../lib/rendering.ts';
import { managersOnly, scopeOf } from '../workspaces/scope.ts';
import { startFreePlan } from './plans/free-plans.ts';
import { type Wish, choosePlan } from './plans/choices.ts';
import { type PlansShown, sendPlans } from './plans/page.ts';
import { type PlanPrice, plansOnSale } from './plans.ts';
import { tryPlanPromo } from './promo-codes/plans.ts';
import { type PromoTries, type TryRefused, promoTries } from './promo-codes/tries.ts';
import { type PaymentProvider, type WorkingProvider, whileBuyingIsOn } from './provider.ts';
import { beginSubscription } from './subscriptions/checkout.ts';
import { portalOf } from './subscriptions/portal.ts';
import { subscribedOf } from './subscriptions.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  baseUrl: string;
}

const PlanForm = z.object({
  price: z.uuid('Choose a plan.').optional(),
  promo: z.string().trim().max(60, 'No code is as long.').default(''),
  /** The button that looks at the code. */
  do: z.literal('promo').optional(),
  nonce: z.uuid('This form is too old. Send it again.'),
});
const TypedBefore = z.object({ promo: z.string().trim().max(60).default('').catch('') });
const NonceForm = z.object({ nonce: z.uuid('This form is too old. Send it again.') });

/** A workspace's plan: seen by its members, changed by owners and admins; mounted under /w/:slug. */
export function planRoutes(dependencies: Dependencies): Router {
  const { connections, provider } = dependencies;
  const router = Router({ mergeParams: true });
  const tries = promoTries(connections.plain);
  const show = (req: Request, res: Response, shown: PlansShown = {}) =>
    sendPlans(req, res, dependencies, shown);

  router.get('/plans', (req, res) => {
    // What was typed on the other tab. It is tried when a plan is chosen, not by a link.
    const { promo } = TypedBefore.parse(req.query);
    return show(req, res, promo === '' ? {} : { form: { ...EMPTY_FORM, values: { promo } } });
  });
  router.post(
    '/plans{/*rest}',
    managersOnly('The plan is for owners and admins of the workspace to change.'),
  );

  router.post('/plans', async (req, res) => {
    const form = parseForm(PlanForm, req.body);
    if (!form.ok) {
      await show(req, res, { form, status: 422 });
      return;
    }
    const act = form.data.do === 'promo' ? applied : chosen;
    const shown = await act(req, res, { ...dependencies, tries }, form.data);
    if (shown === undefined) return;
    const { values } = form;
    await show(req, res, { ...shown, form: { errors: {}, ...shown.form, values } });
  });

  for (const kind of ['cancel', 'resume', 'keep'] as const) {
    router.post(`/plans/${kind}`, async (req, res) => {
      const shown = await changed(req, res, dependencies, { kind });
      if (shown !== undefined) await show(req, res, shown);
    });
  }

  router.post('/plans/portal', async (req, res) => {
    const form = parseForm(NonceForm, req.body);
    if (!form.ok) {
      await show(req, res, { form, status: 422 });
      return;
    }
    const { workspace } = scopeOf(req);
    const working = whileBuyingIsOn(provider);
    const url = await portalOf(connections, working, {
      workspace_id: workspace.id,
      nonce: form.data.nonce,
      returnUrl: `${dependencies.baseUrl}${workspace.base}/plans`,
    });
    redirectAway(req, res, url, [working.checkoutOrigin, 'https://billing.stripe.com']);
  });

  return router;
}

interface Choosing extends Dependencies {
  tries: PromoTries;
}

type Form = z.output<typeof PlanForm>;

function refused(refusal: string): PlansShown {
  return { form: { ...EMPTY_FORM, refusal }, status: 422 };
}

/** Looks at what somebody typed as a promo code, and shows the page with what it adds. */
async function applied(
  req: Request,
  res: Response,
  { connections, tries }: Choosing,
  { promo: text }: Form,
  plan?: PlanPrice,
): Promise<PlansShown> {
  const { workspace, person } = scopeOf(req);
  if (text === '') return {};
  const redeemer = {
    workspace_id: workspace.id,
    buyer: { kind: 'person', id: person.id },
  } as const;
  const tried = await tries.count(req, res, text, () =>
    inWorkspace(connections.app, workspace.id, (trx) =>
      tryPlanPromo(trx, { ...redeemer, text, plan }),
    ),
  );
  return tried.outcome === 'good' ? { promo: tried.promo } : refusedCode(tried);
}

function refusedCode({ field, sentence, status }: TryRefused): PlansShown {
  return { form: { ...EMPTY_FORM, errors: { [field]: sentence } }, status };
}

/** Subscribes, or changes what there is. Answers, or returns the page that says why not. */
async function chosen(
  req: Request,
  res: Response,
  choosing: Choosing,
  form: Form,
): Promise<PlansShown | undefined> {
  const { connections, provider } = choosing;
  const { workspace } = scopeOf(req);
  const { plan, current } = await inWorkspace(connections.app, workspace.id, async (trx) => {
    const onSale = await plansOnSale(trx, workspace.currency);
    const { current: known } = await subscribedOf(trx, workspace.id);
    return { plan: onSale.find(({ id }) => id === form.price), current: known };
  });
  if (form.price === undefined) return refused('Choose a plan.');
  if (plan === undefined) return refused('This plan is not on sale any more. Choose another.');
  if (current !== undefined && current.provider !== 'none') {
    return form.promo === ''
      ? changed(req, res, choosing, { kind: 'change', to: plan })
      : refused('A code adds to a plan that is begun, not to a change. Choose it again without.');
  }
  if (plan.price_minor === 0n) {
    return form.promo === ''
      ? startFree(req, res, connections, plan)
      : applied(req, res, choosing, form, plan);
  }
  return begun(req, res, { ...choosing, provider: whileBuyingIsOn(provider) }, form, plan);
}

async function begun(
  req: Request,
  res: Response,
  { connections, provider, baseUrl, tries }: Choosing & { provider: WorkingProvider },
  { promo, nonce }: Form,
  plan: PlanPrice,
): Promise<PlansShown | undefined> {
  const { workspace, person } = scopeOf(req);
  const page = `${baseUrl}${workspace.base}/plans`;
  const urls = { returnUrl: `${page}?back=1`, cancelUrl: `${page}?left=1` };
  const typed = promo === '' ? undefined : promo;
  const wanted = { workspace, person, plan, promo: typed, nonce, origin: originOf(req) };
  const result = await tries.count(req, res, promo, () =>
    beginSubscription(connections, provider, wanted, urls),
  );
  switch (result.outcome) {
    case 'checkout':
      redirectAway(req, res, result.url, [provider.checkoutOrigin]);
      return undefined;
    case 'on_its_way':
      redirect(req, res, `${workspace.base}/plans?back=1`);
      return undefined;
    case 'subscribed_already':
      return refused(
        'This workspace has a plan, or somebody is taking one. Look again in a minute.',
      );
    case 'refused':
      return refusedCode(result);
  }
}

async function startFree(
  req: Request,
  res: Response,
  connections: Connections,
  plan: PlanPrice,
): Promise<PlansShown | undefined> {
  const { workspace, person } = scopeOf(req);
  const origin = originOf(req);
  const started = await inWorkspace(connections.app, workspace.id, (trx) =>
    startFreePlan(
      trx,
      { workspace_id: workspace.id, person_id: person.id, plan, origin },
      new Date(),
    ),
  );
  if (started === undefined) return refused('This workspace has a plan already.');
  redirect(req, res, `${workspace.base}/plans`);
  return undefined;
}

async function changed(
  req: Request,
  res: Response,
  { connections, provider }: Dependencies,
  wish: Wish,
): Promise<PlansShown | undefined> {
  const { workspace, person } = scopeOf(req);
  const made = await choosePlan(
    connections,
    provider.mode === 'off' ? undefined : provider,
    { workspace_id: workspace.id, person_id: person.id },
    wish,
  );
  if (made.outcome === 'refused') return refused(made.sentence);
  redirect(req, res, `${workspace.base}/plans`);
  return undefined;
}
