import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { askAsStaff } from '../billing/staff-requests.ts';
import { remediesOf, remedyOf } from '../core/drift.ts';
import { beginBooksAnew } from '../ledger/bookkeeping.ts';
import { proveWallet } from '../ledger/proof.ts';
import { type WalletDrift, mendFromEntries, readDrift } from '../ledger/repair.ts';
import { rollUpAgain } from '../ledger/rollups.ts';
import { type Origin, audit } from '../lib/audit.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { AppError, notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { StaffRoutes, idIn } from './staff-routes.ts';

const RepairForm = z.object({
  keep: z.enum(['entries', 'shown'], 'Choose one of the two.').default('entries'),
  reason: z.string().trim().min(1, 'Say why.').max(500, 'At most 500 characters.'),
  nonce: z.uuid('This form is too old. Send it again.'),
});

/** A wallet that does not add up, and how it is put right; mounted under /admin. */
export function driftRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();

  const pageOf = async (req: Request, form: FormState = EMPTY_FORM) => {
    const wallet_id = idIn(req, 'wallet');
    const drift = await readDrift(connections.staff, wallet_id);
    if (drift === undefined) throw notFound('wallet');
    const violations = await proveWallet(connections, wallet_id);
    const rules = violations.map((one) => ({ ...one, remedy: remedyOf(one.rule) }));
    const remedies = remediesOf(violations.map(({ rule }) => rule));
    return { wallet_id, drift, violations: rules, remedies, nonce: randomUUID(), form };
  };

  routes.get('/drifts/:id', 'ledger.repair', async (req, res) => {
    sendPage(req, res, 'admin/drift', await pageOf(req));
  });

  routes.post('/drifts/:id', 'ledger.repair', async (req, res, staff) => {
    const form = parseForm(RepairForm, req.body);
    const page = await pageOf(req, form.ok ? EMPTY_FORM : form);
    if (!form.ok) {
      sendPage(req, res, 'admin/drift', page, 422);
      return;
    }
    const { wallet_id, drift, remedies } = page;
    if (remedies.length === 0) {
      throw new AppError(409, 'not_repairable', 'There is nothing here that this mends.');
    }
    await inWorkspace(connections.app, drift.workspace_id, async (trx) => {
      const by = { staff_id: staff.id, origin: originOf(req) };
      const isMended = remedies.includes('from_entries');
      const stored = isMended ? await mendFromEntries(trx, wallet_id) : drift;
      const { reason, keep, nonce } = form.data;
      await note(trx, { wallet_id, stored, remedies, reason }, by);
      if (keep === 'shown') await keepShown(trx, wallet_id, stored, { ...by, reason, nonce });
    });
    if (remedies.includes('sum_again')) {
      await rollUpAgain(connections.ledgerJobs, wallet_id);
      await connections.ledgerJobs.transaction().execute(beginBooksAnew);
    }
    redirect(req, res, `/admin/drifts/${wallet_id}`);
  });

  return routes;
}

/** Who does it, and from where. */
interface By {
  staff_id: string;
  origin: Origin;
}

/**
 * Where the customer is to have what was shown, the difference is an adjustment, within what the role
 * may do alone; above, it waits for somebody who approves.
 */
async function keepShown(
  trx: Trx,
  wallet_id: string,
  { workspace_id, available, available_by_entries }: WalletDrift,
  { reason, nonce, staff_id, origin }: By & { reason: string; nonce: string },
): Promise<void> {
  const difference = available - available_by_entries;
  if (difference === 0n) return;
  const of = { workspace_id, wallet_id };
  const outcome = await askAsStaff(trx, {
    wish:
      difference > 0n
        ? { kind: 'grant', ...of, amount_micro: difference, expires_at: null }
        : { kind: 'deduct', ...of, amount_micro: -difference },
    ...{ reason, nonce, staff_id, origin },
  });
  if (outcome.outcome === 'refused') throw new AppError(409, 'refused', outcome.sentence);
}

async function note(
  trx: Trx,
  repair: { wallet_id: string; stored: WalletDrift; remedies: readonly string[]; reason: string },
  { staff_id, origin }: By,
): Promise<void> {
  const { wallet_id, stored, remedies, reason } = repair;
  const { available, held, debt } = stored;
  const { available_by_entries, held_by_entries, debt_by_entries } = stored;
  await audit(trx, {
    workspace_id: stored.workspace_id,
    actor: { kind: 'person', id: staff_id },
    action: 'wallet.repaired',
    subject: { kind: 'wallet', id: wallet_id },
    before: { available: String(available), held: String(held), debt: String(debt) },
    after: {
      available: String(available_by_entries),
      held: String(held_by_entries),
      debt: String(debt_by_entries),
      remedies,
    },
    reason,
    origin,
  });
}
