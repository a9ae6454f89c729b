import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { refreshPurse, shownIn } from '../workspaces/scope.ts';
import { buyerOf } from './buy/buyers.ts';
import { findRedeemed, redeemPromoCode } from './promo-codes/redemptions.ts';
import { promoTries } from './promo-codes/tries.ts';
import { referralRoutes } from './referral-routes.ts';

const RedeemForm = z.object({
  promo: z.string('Enter a code.').trim().min(1, 'Enter a code.').max(60, 'No code is as long.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** Redeeming codes that give credits at once: for members and for customers. */
export function promoRoutes(dependencies: { connections: Connections; baseUrl: string }): Router {
  const { connections } = dependencies;
  const router = Router({ mergeParams: true });
  const tries = promoTries(connections.plain);

  router.get('/redeem', async (req, res) => {
    const id = z.uuid().safeParse(req.query['redeemed']);
    const { id: workspace_id } = shownIn(req);
    const redeemed = id.success
      ? await inWorkspace(connections.app, workspace_id, (trx) => findRedeemed(trx, id.data))
      : undefined;
    sendRedeem(req, res, { form: EMPTY_FORM, redeemed });
  });

  router.post('/redeem', async (req, res) => {
    const workspace = shownIn(req);
    const { frozen } = await refreshPurse(connections, res, workspace.id);
    const form = parseForm(RedeemForm, req.body);
    if (!form.ok) {
      sendRedeem(req, res, { form }, 422);
      return;
    }
    if (frozen) {
      throw new AppError(403, 'wallet_frozen', 'The wallet is frozen. Nothing was redeemed.');
    }
    const { promo: text, nonce } = form.data;
    const asked = { workspace_id: workspace.id, buyer: buyerOf(req), text, nonce };
    const result = await tries.count(req, res, text, () =>
      inWorkspace(connections.app, workspace.id, (trx) => redeemPromoCode(trx, asked)),
    );
    if (result.outcome === 'refused') {
      const errors = { promo: result.sentence };
      sendRedeem(req, res, { form: { ...form, errors } }, result.status);
      return;
    }
    redirect(req, res, `${workspace.base}/redeem?redeemed=${result.redemption_id}`);
  });

  router.use(referralRoutes(dependencies));
  return router;
}

function sendRedeem(
  req: Request,
  res: Response,
  page: { form: FormState; redeemed?: Awaited<ReturnType<typeof findRedeemed>> },
  status = 200,
): void {
  sendPage(
    req,
    res,
    'billing/redeem',
    { redeemed: undefined, nonce: randomUUID(), ...page },
    status,
  );
}
