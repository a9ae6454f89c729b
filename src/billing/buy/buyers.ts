import type { Request, RequestHandler } from 'express';
import { isManager } from '../../core/roles.ts';
import { AppError } from '../../lib/errors.ts';
import { scopeOf } from '../../workspaces/scope.ts';
import type { Buyer } from '../orders.ts';

/** A customer who came by a link is no person of ours, whoever else is signed in in the browser. */
export function buyerOf(req: Request): Buyer {
  if (req.customer !== undefined) return { kind: 'customer', id: req.customer.id };
  return { kind: 'person', id: scopeOf(req).person.id };
}

/** Owners and admins buy for a workspace, as a customer does who came by a link. */
export function mayBuy({ workspace }: Request): boolean {
  return workspace === undefined || isManager(workspace.role);
}

/** Lets nobody else order. @throws AppError 403 `role` */
export const buyersOnly: RequestHandler = (req, _res, next) => {
  if (mayBuy(req)) next();
  else
    throw new AppError(403, 'role', 'Owners and admins of the workspace buy. Nothing was ordered.');
};
