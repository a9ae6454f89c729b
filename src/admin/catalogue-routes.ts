import type { Connections } from '../lib/database.ts';
import { itemRoutes } from './catalogue/item-routes.ts';
import {
  alertDefaultsKind,
  benchmarkKind,
  completionKind,
  welcomeKind,
} from './catalogue/items.ts';
import { achievementKind, stepKind } from './catalogue/milestones.ts';
import { operationKind } from './catalogue/operations.ts';
import { ownAmountKind, referralKind } from './catalogue/money-items.ts';
import { packageKind } from './catalogue/packages.ts';
import { planKind } from './catalogue/plans.ts';
import { presetRoutes } from './catalogue/preset-routes.ts';
import { priceRoutes } from './catalogue/price-routes.ts';
import { StaffRoutes } from './staff-routes.ts';

const KINDS = [
  ...[packageKind, planKind, operationKind, ownAmountKind, referralKind, stepKind, completionKind],
  ...[achievementKind, welcomeKind, alertDefaultsKind, benchmarkKind],
];

/** What is sold, given and told: all of it changed by versions; mounted under /admin. */
export function catalogueRoutes(dependencies: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();
  routes.include(itemRoutes(packageKind, dependencies));
  routes.include(itemRoutes(planKind, dependencies));
  routes.include(priceRoutes(dependencies));
  routes.include(itemRoutes(ownAmountKind, dependencies));
  routes.include(itemRoutes(referralKind, dependencies));
  routes.include(itemRoutes(stepKind, dependencies));
  routes.include(itemRoutes(completionKind, dependencies));
  routes.include(itemRoutes(achievementKind, dependencies));
  routes.include(itemRoutes(welcomeKind, dependencies));
  routes.include(itemRoutes(alertDefaultsKind, dependencies));
  routes.include(itemRoutes(benchmarkKind, dependencies));
  routes.include(presetRoutes(KINDS, dependencies));
  return routes;
}
