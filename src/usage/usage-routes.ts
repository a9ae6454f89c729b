import { type Request, type Response, Router } from 'express';
import { shortestDecimal } from '../core/decimal.ts';
import { QUANTITY_DECIMALS } from '../core/price-rules.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryBySeq } from '../ledger/entries.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage, sendParts, wantsPart } from '../lib/rendering.ts';
import { pricedOperations } from '../pricing/price-book.ts';
import { budgetsOfMember } from '../workspaces/member-budgets.ts';
import { refreshPurse, scopeOf } from '../workspaces/scope.ts';
import { wordingFor, titleOf } from './entry-rows.ts';
import { seqOf } from './pages.ts';
import { type SpendOutcome, spend } from './spend.ts';
import {
  type OperationGroup,
  UseForm,
  type UseResult,
  blockedOf,
  shortageOf,
  usePage,
} from './use-page.ts';

interface Dependencies {
  connections: Connections;
  ledger: Ledger;
  texts: { groups: readonly OperationGroup[] };
}

/** The page of a workspace that spends credits; mounted under /w/:slug. */
export function usageRoutes(dependencies: Dependencies): Router {
  const { connections } = dependencies;
  const router = Router({ mergeParams: true });

  router.get('/use', async (req, res) => {
    const { entered, ...result } = (await outcomeOf(req, connections)) ?? {};
    const form = { ...EMPTY_FORM, values: entered ?? enteredBefore(req) };
    await sendUse(req, res, dependencies, form, result);
  });

  router.post('/use', async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const form = parseForm(UseForm, req.body);
    if (!form.ok) {
      await sendUse(req, res, dependencies, { ...form }, {}, 422);
      return;
    }
    const outcome = await spend(dependencies, {
      ...form.data,
      workspace_id: workspace.id,
      asked: { actor_kind: 'person', actor_id: person.id },
      request_id: originOf(req).request_id,
    });
    await answerSpend(req, res, dependencies, outcome, form.values);
  });

  return router;
}

/** Without htmx a charge answers by a redirect, so that loading the page again charges nothing. */
async function answerSpend(
  req: Request,
  res: Response,
  dependencies: Dependencies,
  outcome: SpendOutcome,
  values: FormState['values'],
): Promise<void> {
  const { workspace, person } = scopeOf(req);
  const { base } = workspace;
  const form = { values, errors: {} };
  if (outcome.outcome === 'insufficient_credits') {
    const shortage = shortageOf(outcome, base, values);
    await sendUse(req, res, dependencies, form, { shortage }, 402);
    return;
  }
  if (outcome.outcome === 'budget_reached') {
    const blocked = blockedOf(outcome, person.id);
    await sendUse(req, res, dependencies, form, { blocked }, 402);
    return;
  }
  const kind = outcome.replayed ? 'replayed' : 'charged';
  if (!wantsPart(req)) {
    redirect(req, res, `${base}/use?entry=${outcome.seq}&outcome=${kind}`);
    return;
  }
  const shown = {
    kind,
    title: outcome.operation.name,
    amount_micro: outcome.amount_micro,
    href: `${base}/history/${outcome.seq}`,
    available_micro: outcome.available_after,
  };
  await sendUse(req, res, dependencies, form, { outcome: shown });
}

/** The page, or for htmx its form and the purse, always with a fresh balance and a new nonce. */
async function sendUse(
  req: Request,
  res: Response,
  dependencies: Dependencies,
  form: FormState,
  result: Omit<UseResult, 'budgets'> = {},
  status = 200,
): Promise<void> {
  const { connections, texts } = dependencies;
  const { workspace, person } = scopeOf(req);
  await refreshPurse(connections, res, workspace.id);
  const { operations, budgets } = await inWorkspace(connections.app, workspace.id, async (trx) => ({
    operations: await pricedOperations(trx, workspace.id),
    budgets: await budgetsOfMember(trx, workspace.id, person.id),
  }));
  const data = usePage(operations, texts.groups, form, { ...result, budgets });
  if (wantsPart(req)) {
    sendParts(
      res,
      [
        { view: 'usage/_use', data },
        { view: '_purse-update', data: {} },
      ],
      status,
    );
  } else {
    sendPage(req, res, 'usage/use', data, status);
  }
}

/** What somebody had entered who comes back, from buying credits say. */
function enteredBefore({ query }: Request): Record<string, string> {
  const { operation, quantity } = query;
  return {
    ...(typeof operation === 'string' ? { operation } : {}),
    ...(typeof quantity === 'string' ? { quantity } : {}),
  };
}

/**
 * What the redirect after a charge tells, and what had been entered: read from the entry, so that a
 * made-up URL shows nothing.
 */
async function outcomeOf(req: Request, connections: Connections) {
  const { workspace } = scopeOf(req);
  const seq = seqOf(req.query['entry']);
  if (seq === undefined) return undefined;
  return inWorkspace(connections.app, workspace.id, async (trx) => {
    const walletId = await walletIdOf(trx, workspace.id);
    const entry = await entryBySeq(trx, walletId, seq);
    if (entry?.kind !== 'debit') return undefined;
    const outcome = {
      kind: req.query['outcome'] === 'replayed' ? 'replayed' : 'charged',
      title: titleOf(entry, await wordingFor(trx, walletId, [entry])),
      amount_micro: entry.amount_micro,
      href: `${workspace.base}/history/${seq}`,
      available_micro: entry.available_after_micro,
    };
    const { operation, quantity } = entry;
    const entered = {
      operation: operation ?? '',
      quantity: quantity === null ? '' : shortestDecimal(quantity, QUANTITY_DECIMALS),
    };
    return { outcome, entered };
  });
}
