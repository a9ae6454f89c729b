import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, redirectAway } from '../lib/rendering.ts';
import { managersOnly, scopeOf } from '../workspaces/scope.ts';
import { startFreePlan } from './plans/free-plans.ts';
import { type Wish, choosePlan } from './plans/choices.ts';
import { type PlansShown, sendPlans } from './plans/page.ts';
import { type PlanPrice, plansOnSale } from './plans.ts';
import type { PaymentProvider } from './provider.ts';
import { beginSubscription } from './subscriptions/checkout.ts';
import { portalOf } from './subscriptions/portal.ts';
import { subscribedOf } from './subscriptions.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  baseUrl: string;
}

const PlanForm = z.object({
  price: z.uuid('Choose a plan.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});
const NonceForm = z.object({ nonce: z.uuid('This form is too old. Send it again.') });

/** A workspace's plan: seen by its members, changed by owners and admins; mounted under /w/:slug. */
export function planRoutes(dependencies: Dependencies): Router {
  const { connections, provider } = dependencies;
  const router = Router({ mergeParams: true });
  const show = (req: Request, res: Response, shown: PlansShown = {}) =>
    sendPlans(req, res, dependencies, shown);

  router.get('/plans', (req, res) => show(req, res));
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
    const refusal = await chosen(req, res, dependencies, form.data);
    if (refusal !== undefined) await show(req, res, { form: refused(refusal), status: 422 });
  });

  for (const kind of ['cancel', 'resume', 'keep'] as const) {
    router.post(`/plans/${kind}`, async (req, res) => {
      const refusal = await changed(req, res, dependencies, { kind });
      if (refusal !== undefined) await show(req, res, { form: refused(refusal), status: 422 });
    });
  }

  router.post('/plans/portal', async (req, res) => {
    const form = parseForm(NonceForm, req.body);
    if (!form.ok) {
      await show(req, res, { form, status: 422 });
      return;
    }
    if (provider.mode === 'off') throw new AppError(503, 'buying_is_off', provider.reason);
    const { workspace } = scopeOf(req);
    const url = await portalOf(connections, provider, {
      workspace_id: workspace.id,
      nonce: form.data.nonce,
      returnUrl: `${dependencies.baseUrl}${workspace.base}/plans`,
    });
    redirectAway(req, res, url, [provider.checkoutOrigin, 'https://billing.stripe.com']);
  });

  return router;
}

function refused(refusal: string): FormState {
  return { ...EMPTY_FORM, refusal };
}

/** Subscribes, or changes what there is. Answers, or returns why not. */
async function chosen(
  req: Request,
  res: Response,
  dependencies: Dependencies,
  { price, nonce }: z.output<typeof PlanForm>,
): Promise<string | undefined> {
  const { connections, provider, baseUrl } = dependencies;
  const { workspace, person } = scopeOf(req);
  const { plan, current } = await inWorkspace(connections.app, workspace.id, async (trx) => {
    const onSale = await plansOnSale(trx, workspace.currency);
    const { current: known } = await subscribedOf(trx, workspace.id);
    return { plan: onSale.find(({ id }) => id === price), current: known };
  });
  if (plan === undefined) return 'This plan is not on sale any more. Choose another.';
  if (current !== undefined && current.provider !== 'none') {
    return changed(req, res, dependencies, { kind: 'change', to: plan });
  }
  if (plan.price_minor === 0n) return startFree(req, res, connections, plan);
  if (provider.mode === 'off') throw new AppError(503, 'buying_is_off', provider.reason);
  const page = `${baseUrl}${workspace.base}/plans`;
  const origin = originOf(req);
  const wanted = { workspace, person, plan, nonce, origin };
  const begun = await beginSubscription(connections, provider, wanted, {
    returnUrl: `${page}?back=1`,
    cancelUrl: `${page}?left=1`,
  });
  switch (begun.outcome) {
    case 'checkout':
      redirectAway(req, res, begun.url, [provider.checkoutOrigin]);
      return undefined;
    case 'on_its_way':
      redirect(req, res, `${workspace.base}/plans?back=1`);
      return undefined;
    case 'subscribed_already':
      return 'This workspace has a plan, or somebody is taking one. Look again in a minute.';
  }
}

async function startFree(
  req: Request,
  res: Response,
  connections: Connections,
  plan: PlanPrice,
): Promise<string | undefined> {
  const { workspace, person } = scopeOf(req);
  const origin = originOf(req);
  const started = await inWorkspace(connections.app, workspace.id, (trx) =>
    startFreePlan(
      trx,
      { workspace_id: workspace.id, person_id: person.id, plan, origin },
      new Date(),
    ),
  );
  if (started === undefined) return 'This workspace has a plan already.';
  redirect(req, res, `${workspace.base}/plans`);
  return undefined;
}

async function changed(
  req: Request,
  res: Response,
  { connections, provider }: Dependencies,
  wish: Wish,
): Promise<string | undefined> {
  const { workspace, person } = scopeOf(req);
  const made = await choosePlan(
    connections,
    provider.mode === 'off' ? undefined : provider,
    { workspace_id: workspace.id, person_id: person.id },
    wish,
  );
  if (made.outcome === 'refused') return made.sentence;
  redirect(req, res, `${workspace.base}/plans`);
  return undefined;
}
