import type { Request } from 'express';
import { scopeOf } from '../../workspaces/scope.ts';
import type { Buyer } from '../orders.ts';

/** A customer who came by a link is no person of ours, whoever else is signed in in the browser. */
export function buyerOf(req: Request): Buyer {
  if (req.customer !== undefined) return { kind: 'customer', id: req.customer.id };
  return { kind: 'person', id: scopeOf(req).person.id };
}
