import type { PaymentProvider } from '../billing/provider.ts';
import type { Finding } from '../core/findings.ts';
import type { Connections } from '../lib/database.ts';
import { flaggedEvents } from '../billing/stripe-events.ts';
import type { VerifyingOptions } from '../people/standing.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { driftRoutes } from './drift-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { approvalRoutes } from './approval-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { blockedDomainRoutes } from './blocked-domain-routes.ts';
import { bulkGrantRoutes } from './bulk-grant-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { stripeEventRoutes } from './stripe-event-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { staffMemberRoutes } from './staff-member-routes.ts';
import { paymentRoutes } from './payment-routes.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { promoCodeRoutes } from './promo-routes.ts';
import { StaffRoutes } from './staff-routes.ts';
import { staffScope } from './staff-scope.ts';
import { welcomeRoutes } from './welcome-routes.ts';

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  verifying: VerifyingOptions;
  /** Looks at the installation without asking anybody outside. */
  examine: () => Promise<Finding[]>;
}

/** What the staff see and do; mounted under /admin, for people who are signed in. */
export function adminRoutes(dependencies: Dependencies): StaffRoutes {
  const routes = new StaffRoutes();
  routes.router.use(staffScope(dependencies.connections));
  routes.get('/', 'look', (req, res) => {
    redirect(req, res, '/admin/overview');
  });
  routes.include(overviewRoutes(dependencies));
  routes.include(driftRoutes(dependencies));
  routes.include(customerRoutes(dependencies));
  routes.include(bulkGrantRoutes(dependencies));
  routes.include(paymentRoutes(dependencies));
  routes.include(reconciliationRoutes(dependencies));
  routes.get('/flagged', 'look', async (req, res) => {
    const events = await flaggedEvents(dependencies.connections.staff);
    sendPage(req, res, 'admin/flagged', { events });
  });
  routes.include(stripeEventRoutes(dependencies));
  routes.include(deliveryRoutes(dependencies));
  routes.get('/health', 'look', async (req, res) => {
    sendPage(req, res, 'admin/health', { findings: await dependencies.examine() });
  });
  routes.include(promoCodeRoutes(dependencies));
  routes.include(catalogueRoutes(dependencies));
  routes.include(approvalRoutes(dependencies));
  routes.include(welcomeRoutes(dependencies));
  routes.include(blockedDomainRoutes(dependencies));
  routes.include(staffMemberRoutes(dependencies));
  routes.include(auditRoutes(dependencies));
  return routes;
}
