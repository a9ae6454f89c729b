import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { parseCredits } from '../../core/credits.ts';
import { type Connections, inWorkspace } from '../../lib/database.ts';
import { sendPage } from '../../lib/rendering.ts';
import { refreshPurse, shownIn } from '../../workspaces/scope.ts';
import type { Package } from '../packages.ts';
import type { PaymentProvider } from '../provider.ts';
import { mayBuy } from './buyers.ts';
import { catalogueIn } from './catalogue.ts';
import { returnPath } from './return-paths.ts';

/**
 * Credits ran out in the middle of work: what is missing, the package to buy for it, and the way
 * back. A page of its own, or for htmx the dialog over the work.
 */
export async function sendRunOut(
  req: Request,
  res: Response,
  { connections, provider }: { connections: Connections; provider: PaymentProvider },
): Promise<void> {
  const workspace = shownIn(req);
  const { available_micro } = await refreshPurse(connections, res, workspace.id);
  const { packages } = await inWorkspace(connections.app, workspace.id, (trx) =>
    catalogueIn(trx, workspace.currency, undefined),
  );
  const { needed } = req.query;
  const needed_micro = (typeof needed === 'string' ? parseCredits(needed) : undefined) ?? 0n;
  const missing_micro = needed_micro > available_micro ? needed_micro - available_micro : 0n;
  sendPage(req, res, 'billing/run-out', {
    ...{ needed_micro, available_micro, missing_micro },
    may_buy: mayBuy(req),
    offer: provider.mode === 'off' ? undefined : packageFor(packages, missing_micro),
    off_reason: provider.mode === 'off' ? provider.reason : undefined,
    simulated: provider.mode === 'simulated',
    back: returnPath(workspace.base, req.query['back']),
    nonce: randomUUID(),
  });
}

/** The smallest package with which the work can go on, else the largest there is. */
export function packageFor(packages: readonly Package[], missing: bigint): Package | undefined {
  const bySize = [...packages].sort((one, other) => (sizeOf(one) < sizeOf(other) ? -1 : 1));
  return bySize.find((one) => sizeOf(one) >= missing) ?? bySize.at(-1);
}

function sizeOf(one: Package): bigint {
  return one.credits_micro + one.bonus_micro;
}
