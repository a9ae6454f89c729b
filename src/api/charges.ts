import type { Request } from 'express';
import type { Charger, Fault, Order, Reservation } from '../../client/charge.ts';
import { chargesOver } from '../../client/charging.ts';
import { ScripError } from '../../client/problems.ts';
import type { Measured } from '../../client/quantity.ts';
import { mayPass, pause, waitMilliseconds } from '../../client/retries.ts';
import type { Capture, Common, Release } from '../core/commands.ts';
import { parseDecimal } from '../core/decimal.ts';
import { QUANTITY_DECIMALS, type Quantities } from '../core/price-rules.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { refusalOf } from '../lib/error-answers.ts';
import { AppError } from '../lib/errors.ts';
import { originOf } from '../lib/guards.ts';
import { findOperation } from '../pricing/price-book.ts';
import { scopeOf } from '../workspaces/scope.ts';
import { type Done, doneOrThrow } from './answers.ts';
import { holdIdOf } from './holds.ts';

interface Dependencies {
  connections: Connections;
  ledger: Ledger;
  /** Is told what could not be charged, extended or given back when the answer was on its way. */
  onFault: (error: unknown, fault: Fault) => void;
}

/**
 * Charges routes of this program, mounted under /w/:slug, to the workspace: as the client's `charges`
 * does for those of other programs. A refusal is an AppError, and is answered like all others.
 */
export function chargesInside(dependencies: Dependencies): Charger<Request> {
  return chargesOver({
    reserve: (req: Request, order) => reserve(dependencies, req, order),
    refuse: (error, _req, _res, next) => {
      next(error instanceof ScripError ? asAppError(error) : error);
    },
    on_fault: dependencies.onFault,
  });
}

async function reserve(
  { connections, ledger }: Dependencies,
  req: Request,
  { operation, ttl_seconds, key: orderKey, ...most }: Order,
): Promise<Reservation> {
  const { workspace, person } = scopeOf(req);
  const { rule, wallet_id } = await inWorkspace(connections.app, workspace.id, async (trx) => ({
    rule: (await findOperation(trx, workspace.id, operation))?.rule,
    wallet_id: await walletIdOf(trx, workspace.id),
  }));
  const commonOf = (key: string): Common => ({
    wallet_id,
    key: { namespace: 'web', key },
    asked: { actor_kind: 'person', actor_id: person.id },
    details: { request_id: originOf(req).request_id },
  });
  const common = commonOf(orderKey);
  const hold_id = holdIdOf(wallet_id, common.key);
  const { hold, replayed } = doneOrThrow(
    await ledger.execute({
      ...common,
      kind: 'hold',
      ...{ hold_id, operation, rule, ttl_seconds },
      ...exactly(most),
    }),
  );
  if (rule === undefined || hold === undefined) throw new Error('a hold without its price');
  return {
    ...{ hold_id, open: hold.open, captured: hold.captured > 0n, replayed },
    extend: async (seconds, key) => {
      const extend = { ...commonOf(key), kind: 'extend', hold_id, ttl_seconds: seconds } as const;
      return doneOrThrow(await ledger.execute(extend));
    },
    capture: (used, key) => {
      const capture = { ...commonOf(key), kind: 'capture', hold_id, rule } as const;
      return settle({ ...capture, ...exactly(used), allow_partial: true });
    },
    release: (key) => settle({ ...commonOf(key), kind: 'release', hold_id }),
  };

  /** Nobody waits any more: a ledger that is busy is asked again until the hold has lapsed. */
  async function settle(command: Capture | Release): Promise<Done> {
    const until = performance.now() + ttl_seconds * 1_000;
    for (let tries = 1; ; tries++) {
      try {
        return doneOrThrow(await ledger.execute(command));
      } catch (error) {
        if (!mayPass(refusalOf(error).status) || performance.now() > until) throw error;
        await pause(waitMilliseconds(tries, undefined, Math.random()), undefined);
      }
    }
  }
}

function exactly({ quantity, components = {} }: Measured): {
  quantity: bigint;
  components: Quantities;
} {
  const quantities = Object.entries(components).map(([code, one]) => [code, exact(one)] as const);
  return { quantity: exact(quantity), components: new Map(quantities) };
}

/** What the middleware has checked already. */
function exact(quantity: string): bigint {
  const parsed = parseDecimal(quantity, QUANTITY_DECIMALS);
  if (parsed === undefined) throw new Error(`${quantity} is no quantity`);
  return parsed;
}

function asAppError({ status, code, message, retry_after_seconds }: ScripError): AppError {
  return new AppError(status, code, message, { retry_after_seconds });
}
