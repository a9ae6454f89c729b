import { z } from 'zod';
import { askAsStaff } from '../../billing/staff-requests.ts';
import { staffMay } from '../../core/staff-functions.ts';
import { inWorkspace } from '../../lib/database.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import { findAccount } from '../../workspaces/customers.ts';
import { decimalAmount, textField } from '../fields.ts';
import { signedInEndpoint } from './endpoint.ts';

export const postStaffGrant = signedInEndpoint({
  id: 'admin_credits_grant',
  method: 'post',
  path: '/api/admin/credits/grant',
  scope: undefined,
  summary: 'Gives a workspace credits: for the staff, within what each may give in a day.',
  request: z.strictObject({
    workspace: textField(100).meta({ description: 'The slug of the workspace.' }),
    amount: decimalAmount,
    reason: textField(500),
    request_id: z.uuid().meta({ description: 'Sent again, it is the same request.' }),
  }),
  example: {
    workspace: 'ada-byron-4e5fb1',
    amount: '25',
    reason: 'For the outage of Tuesday',
    request_id: '0198b2c4-7f3e-7a11-9d52-6c1f0b8e4a77',
  },
  status: 200,
  response: z.strictObject({
    state: z.enum(['done', 'waits']).meta({ description: 'waits: somebody else has to approve.' }),
    request: z.string(),
  }),
  handle: async ({ connections }, { asker, request, origin }) => {
    const person = asker.member?.person;
    if (person === undefined || person.staff_role === null) throw notFound('endpoint');
    if (!staffMay(person.staff_role, 'credits.grant')) {
      throw new AppError(403, 'role', 'Your role does not allow this. Nothing was changed.');
    }
    const account = await findAccount(connections.staff, { slug: request.workspace }, true);
    if (account === undefined) throw notFound('workspace');
    const { workspace_id, wallet_id } = account;
    const outcome = await inWorkspace(connections.app, workspace_id, (trx) =>
      askAsStaff(trx, {
        wish: {
          ...{ kind: 'grant', workspace_id, wallet_id, expires_at: null },
          amount_micro: request.amount,
        },
        reason: request.reason,
        nonce: request.request_id,
        staff_id: person.id,
        origin,
      }),
    );
    if (outcome.outcome === 'refused') {
      throw new AppError(422, 'not_possible', outcome.sentence);
    }
    return { status: 200, body: { state: outcome.outcome, request: outcome.request_id } };
  },
});
