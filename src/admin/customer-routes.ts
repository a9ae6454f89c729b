import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { PaymentProvider } from '../billing/provider.ts';
import { alertPage } from '../alerts/list.ts';
import { audit } from '../lib/audit.ts';
import { type Connections, inWorkspace, readWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { showFor } from '../lib/formatting.ts';
import { EMPTY_FORM, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { readerOf, redirect, sendPage } from '../lib/rendering.ts';
import type { VerifyingOptions } from '../people/standing.ts';
import { isFirstTime } from '../people/staff-deeds.ts';
import { explainEntry } from '../usage/entry-page.ts';
import { ExportsAtOnce, sendFile } from '../usage/files.ts';
import { historyPage } from '../usage/history-page.ts';
import { seqOf } from '../usage/pages.ts';
import { balanceOf } from '../ledger/balances.ts';
import { auditPage } from '../workspaces/audit-reports.ts';
import { keysOf } from '../workspaces/api-key-page.ts';
import { NOTE_LENGTH_MAX, addNote } from '../workspaces/notes.ts';
import { addChargeActions } from './charge-actions.ts';
import { addCreditActions } from './credit-actions.ts';
import { CUSTOMER_COLUMNS, customerRows } from './customer-file.ts';
import { customerPeople } from './customer-people.ts';
import { CUSTOMER_KINDS, CUSTOMER_STATES, CustomerQuery, customerPage } from './customer-search.ts';
import { customerStatistics } from './customer-statistics.ts';
import { customerWallet } from './customer-wallet.ts';
import { type Customer, type Side, asWorkspace, customerIn, sideOf } from './customers.ts';
import { addPersonActions } from './person-actions.ts';
import { addPlanAction } from './plan-action.ts';
import { addSeeing } from './seeing.ts';
import { StaffRoutes } from './staff-routes.ts';
import { addTermsActions } from './terms-actions.ts';

const CUSTOMERS = 50;
const CHANGES = 50;

const NoteForm = z.object({
  note: z
    .string('Write something.')
    .trim()
    .min(1, 'Write something.')
    .max(NOTE_LENGTH_MAX, `At most ${NOTE_LENGTH_MAX} characters.`),
  nonce: z.uuid('This form is too old. Send it again.'),
});

interface Dependencies {
  connections: Connections;
  provider: PaymentProvider;
  verifying: VerifyingOptions;
}

/** All customers, and each with everything that is known of it; mounted under /admin. */
export function customerRoutes({ connections, provider, verifying }: Dependencies): StaffRoutes {
  const routes = new StaffRoutes();
  const atOnce = new ExportsAtOnce();

  routes.get('/customers', 'look', async (req, res) => {
    const filter = CustomerQuery.parse(req.query);
    const { customers, older } = await customerPage(connections.staff, filter, CUSTOMERS);
    const { before, ...chosen } = filter;
    const query = new URLSearchParams(
      Object.entries(chosen).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    sendPage(req, res, 'admin/customers', {
      ...{ customers, kinds: CUSTOMER_KINDS, states: CUSTOMER_STATES },
      values: { q: filter.q ?? '', kind: filter.kind ?? '', state: filter.state ?? '' },
      is_filtered: query.size > 0,
      first_page: before === undefined,
      newest: withQuery('/admin/customers', query),
      older:
        older && withQuery('/admin/customers', new URLSearchParams([...query, ['before', older]])),
      file: withQuery('/admin/customers.csv', query),
    });
  });

  routes.get('/customers.csv', 'customers.export', async (req, res, staff) => {
    const query = CustomerQuery.parse(req.query);
    const pages = customerRows(connections.staff, query);
    const { q, kind = null, state = null } = query;
    const file = { name: 'customers', columns: CUSTOMER_COLUMNS, pages, about: {} };
    await atOnce.run(staff.id, async () => {
      await connections.app.transaction().execute((trx) =>
        audit(trx, {
          actor: { kind: 'person', id: staff.id },
          action: 'customers.exported',
          subject: { kind: 'customers', id: 'all' },
          // What was looked for is a name or an address as a rule, and stays out.
          after: { kind, state, searched: q !== undefined },
          origin: originOf(req),
        }),
      );
      await sendFile(res, { ...file, format: 'csv' });
    });
  });

  routes.post('/customers/:id/notes', 'customers.note', async (req, res, staff) => {
    const customer = await customerIn(connections.staff, req);
    const form = parseForm(NoteForm, req.body);
    if (!form.ok) {
      const side = sideOf(customer, true);
      const page = await customerWallet(connections, customer, side, undefined);
      const data = { ...page, note_form: form, nonce: randomUUID(), tab: 'wallet' };
      sendPage(req, res, 'admin/customer', data, 422);
      return;
    }
    const { nonce, note } = form.data;
    const written = { workspace_id: customer.id, person_id: staff.id, note };
    await inWorkspace(connections.app, customer.id, async (trx) => {
      const deed = { nonce, person_id: staff.id, content: ['note', customer.id, note] };
      if (await isFirstTime(trx, deed)) await addNote(trx, written, originOf(req));
    });
    redirect(req, res, customer.base);
  });

  for (const livemode of [true, false]) walletPages(routes, connections, livemode);
  otherPages(routes, connections);
  addCreditActions(routes, connections);
  addChargeActions(routes, connections);
  addTermsActions(routes, connections);
  addPlanAction(routes, { connections, provider });
  addPersonActions(routes, connections, verifying);
  addSeeing(routes, connections);
  return routes;
}

/** What there is of the live wallet and, under /test, of the test wallet. */
function walletPages(routes: StaffRoutes, connections: Connections, livemode: boolean): void {
  const base = livemode ? '/customers/:id' : '/customers/:id/test';
  const found = async (req: Request): Promise<{ customer: Customer; side: Side }> => {
    const customer = await customerIn(connections.staff, req);
    return { customer, side: sideOf(customer, livemode) };
  };

  routes.get(base, 'look', async (req, res) => {
    const { customer, side } = await found(req);
    const lots = z.coerce.number().int().positive().safeParse(req.query['lots']).data;
    const page = await customerWallet(connections, customer, side, lots);
    const data = { ...page, note_form: EMPTY_FORM, nonce: randomUUID(), tab: 'wallet' };
    sendPage(req, res, 'admin/customer', data);
  });

  routes.get(`${base}/statistics`, 'look', async (req, res) => {
    const { customer, side } = await found(req);
    const page = await customerStatistics(connections, customer, side);
    sendPage(req, res, 'admin/customer-statistics', {
      ...page,
      subject: customer,
      side,
      tab: 'statistics',
    });
  });

  routes.get(`${base}/history`, 'look', async (req, res) => {
    const { customer, side } = await found(req);
    const asked = { query: req.query, zone: readerOf(res).time_zone };
    const { status, ...page } = await inWorkspace(connections.app, customer.id, async (trx) => {
      const balance = await balanceOf(trx, customer.id, livemode);
      if (balance === undefined) throw new Error(`customer ${customer.id} has no wallet`);
      return historyPage(trx, asWorkspace(customer, side), balance, asked);
    });
    const data = { ...page, files: undefined, subject: customer, side, tab: 'history' };
    sendPage(req, res, 'admin/customer-history', data, status);
  });

  routes.get(`${base}/history/:seq`, 'look', async (req, res) => {
    const { customer, side } = await found(req);
    const seq = seqOf(req.params['seq']);
    const show = showFor(readerOf(res));
    const { wallet_id } = side.wallet;
    const page = await readWorkspace(connections.app, customer.id, async (trx) =>
      seq === undefined
        ? undefined
        : explainEntry(trx, asWorkspace(customer, side), wallet_id, seq, show),
    );
    if (page === undefined) throw notFound('entry');
    sendPage(req, res, 'admin/customer-entry', { ...page, subject: customer, side });
  });
}

/** What is not of a wallet alone, and where links of pages that staff share lead. */
function otherPages(routes: StaffRoutes, connections: Connections): void {
  const show = (
    path: string,
    view: string,
    read: (req: Request, res: Response, customer: Customer, staffId: string) => Promise<object>,
  ): void => {
    routes.get(`/customers/:id/${path}`, 'look', async (req, res, staff) => {
      const customer = await customerIn(connections.staff, req);
      const page = await read(req, res, customer, staff.id);
      sendPage(req, res, view, {
        ...page,
        subject: customer,
        side: sideOf(customer, true),
        tab: path,
      });
    });
  };

  show('people', 'admin/customer-people', async (_req, _res, customer) => ({
    people: await customerPeople(connections, customer),
  }));
  show('keys', 'admin/customer-keys', async (_req, _res, customer) => ({
    keys: await readWorkspace(connections.app, customer.id, (trx) =>
      keysOf(trx, asWorkspace(customer, sideOf(customer, true))),
    ),
  }));
  show('alerts', 'admin/customer-alerts', (req, res, customer, person_id) =>
    readWorkspace(connections.app, customer.id, (trx) =>
      alertPage(
        trx,
        { workspace_id: customer.id, person_id, isManager: true },
        showFor(readerOf(res)),
        z.uuid().safeParse(req.query['before']).data,
      ),
    ),
  );
  show('audit', 'admin/customer-audit', (req, _res, customer) => {
    const { before, after } = req.query;
    const cursor = {
      before: z.uuid().safeParse(before).data,
      after: z.uuid().safeParse(after).data,
    };
    return auditPage(connections.staff, { workspace_id: customer.id }, cursor, CHANGES);
  });

  for (const segment of ['', '/test']) {
    const leads = (path: string, to: (req: Request) => string): void => {
      routes.get(`/customers/:id${segment}${path}`, 'look', (req, res) => {
        redirect(req, res, to(req));
      });
    };
    const paymentOf = (req: Request) => `/admin/payments/${String(req.params['payment'])}`;
    leads('/payments/:payment', paymentOf);
    leads('/payments/:payment/invoice', paymentOf);
    leads('/keys/:key', (req) => `/admin/customers/${String(req.params['id'])}/keys`);
  }
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
