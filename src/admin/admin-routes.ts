import { Router } from 'express';
import type { PaymentProvider } from '../billing/provider.ts';
import type { Connections } from '../lib/database.ts';
import { redirect } from '../lib/rendering.ts';
import { paymentRoutes } from './payment-routes.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { staffScope } from './staff-scope.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
}

/** What the staff see and do; mounted under /admin, for people who are signed in. */
export function adminRoutes(dependencies: Dependencies): Router {
  const router = Router();
  router.use(staffScope());
  router.get('/', (req, res) => {
    redirect(req, res, '/admin/payments');
  });
  router.use(paymentRoutes(dependencies));
  router.use(reconciliationRoutes(dependencies));
  return router;
}
