import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { COUNTRIES, isCountry } from '../core/countries.ts';
import { TAX_ID_KINDS, readTaxId } from '../core/tax-ids.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import { managersOnly, refreshPurse, scopeOf } from '../workspaces/scope.ts';
import { type BillingDetails, billingDetailsOf, keepBillingDetails } from './billing-details.ts';

interface Dependencies {
  connections: Connections;
}

const ADDRESS_LINES_MAX = 6;
const LINE_MAX = 100;
const ADDRESS_TOO_LONG = `Give the address in up to ${ADDRESS_LINES_MAX} lines of ${LINE_MAX} letters.`;

/** Lines without blank ones at their ends and between them, and without what no printer prints. */
const lines = z
  .string()
  .max(1_000, ADDRESS_TOO_LONG)
  .transform((text) =>
    text
      .split(/\r\n|\r|\n/)
      .map((line) => line.replace(/[\p{Cc}\s]+/gu, ' ').trim())
      .filter((line) => line !== ''),
  );

const DetailsForm = z.object({
  legal_name: lines
    .transform((found) => found.join(' '))
    .refine((name) => name !== '', 'Enter the name that the invoice is to carry.')
    .refine((name) => name.length <= 200, 'Enter a name of at most 200 letters.'),
  address: lines
    .refine((found) => found.length > 0, 'Enter the address that the invoice is to carry.')
    .refine(
      (found) => found.length <= ADDRESS_LINES_MAX && found.every((one) => one.length <= LINE_MAX),
      ADDRESS_TOO_LONG,
    )
    .transform((found) => found.join('\n')),
  country: z.string().refine(isCountry, 'Choose a country.'),
  tax_id_kind: z.enum(['none', ...TAX_ID_KINDS], 'Choose a kind.'),
  tax_id: z.string().max(100, 'No tax id is as long as this.').default(''),
});

const KIND_LABELS: Record<z.output<typeof DetailsForm>['tax_id_kind'], string> = {
  none: 'None',
  gstin: 'GSTIN (India)',
  eu_vat: 'VAT id (European Union)',
  other: 'Another',
};

/** Who buys, for the invoices of a workspace; mounted under /w/:slug. */
export function billingDetailsRoutes({ connections }: Dependencies): Router {
  const router = Router({ mergeParams: true });
  const path = '/billing-details';
  router.use(path, managersOnly('Billing details are for owners and admins of the workspace.'));

  router.get(path, async (req, res) => {
    const { id } = scopeOf(req).workspace;
    const known = await inWorkspace(connections.app, id, (trx) => billingDetailsOf(trx, id));
    const form = known === undefined ? EMPTY_FORM : { ...EMPTY_FORM, values: valuesOf(known) };
    sendForm(req, res, form, { kept: req.query['kept'] !== undefined && known !== undefined });
  });

  router.post(path, async (req, res) => {
    const { workspace, person } = scopeOf(req);
    const form = parseForm(DetailsForm, req.body);
    const read = form.ok ? readDetails(form.data) : { ok: false as const, errors: form.errors };
    if (!read.ok) {
      await refreshPurse(connections, res, workspace.id);
      sendForm(req, res, { values: form.values, errors: read.errors }, { status: 422 });
      return;
    }
    const by = { actor: { kind: 'person', id: person.id }, origin: originOf(req) } as const;
    await inWorkspace(connections.app, workspace.id, (trx) =>
      keepBillingDetails(trx, workspace.id, read.details, by),
    );
    redirect(req, res, `${workspace.base}${path}?kept`);
  });

  return router;
}

type Read = { ok: true; details: BillingDetails } | { ok: false; errors: FormState['errors'] };

/** A tax id is read as its kind and country have it, so after these. */
function readDetails({ tax_id_kind, tax_id, ...rest }: z.output<typeof DetailsForm>): Read {
  if (tax_id_kind === 'none') {
    if (tax_id.trim() === '') {
      return { ok: true, details: { ...rest, tax_id: null, tax_id_kind: null } };
    }
    return { ok: false, errors: { tax_id_kind: 'Choose which kind of tax id it is.' } };
  }
  const read = readTaxId(tax_id_kind, tax_id, rest.country);
  if (!read.ok) return { ok: false, errors: { tax_id: read.sentence } };
  return { ok: true, details: { ...rest, tax_id: read.tax_id, tax_id_kind } };
}

function valuesOf(details: BillingDetails): Record<string, string> {
  const { tax_id, tax_id_kind, ...rest } = details;
  return { ...rest, tax_id: tax_id ?? '', tax_id_kind: tax_id_kind ?? 'none' };
}

function sendForm(
  req: Request,
  res: Response,
  form: FormState,
  { kept = false, status = 200 }: { kept?: boolean; status?: number },
): void {
  const kinds = Object.entries(KIND_LABELS).map(([value, label]) => ({ value, label }));
  sendPage(
    req,
    res,
    'billing/billing-details',
    { form, kept, kinds, countries: COUNTRIES },
    status,
  );
}
