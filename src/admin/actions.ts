import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { StaffFunction } from '../core/staff-functions.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { type Show, showFor } from '../lib/formatting.ts';
import { originOf } from '../lib/guards.ts';
import type { Origin } from '../lib/audit.ts';
import { readerOf, redirect, sendPage } from '../lib/rendering.ts';
import { isFirstTime } from '../people/staff-deeds.ts';
import { type Customer, type Side, customerIn, sideOf } from './customers.ts';
import type { StaffRoutes } from './staff-routes.ts';

/** One thing that is asked for in the form of an action, beside the reason. */
export interface ActionField {
  name: string;
  label: string;
  type: 'credits' | 'day' | 'choice';
  hint?: string;
  /** What stands there at first. */
  value?: string;
  choices?: readonly { value: string; label: string }[];
}

export interface ActionForm {
  title: string;
  /** What it does, for whoever has not done it yet. */
  says: readonly string[];
  fields: readonly ActionField[];
  button: string;
}

/** What an action would change, to be confirmed. */
export interface ActionPreview {
  /** Before and after, as a sum of credits. */
  sum?: { rows: [label: string, micro: bigint, plus?: true][]; total: [string, bigint] };
  /** Before and after, in words. */
  changes?: readonly { label: string; before: string; after: string }[];
  says: readonly string[];
  button: string;
}

/** Why an action cannot be done as it was asked for: one sentence, or one at each field. */
export interface ActionRefused {
  refusal?: string;
  errors?: Record<string, string>;
}

/** Who wants what done to whom. */
export interface Asked {
  req: Request;
  staff: Express.User;
  customer: Customer;
  side: Side;
  show: Show;
}

/** A confirmed form. */
export interface Confirmed {
  reason: string;
  nonce: string;
  origin: Origin;
}

/** Something that staff do to a customer: asked for, seen before and after, confirmed, done once. */
export interface Action<Schema extends z.ZodObject> {
  /** Under the page of the customer. */
  path: string;
  to: StaffFunction;
  /** Whether the test wallet has it too, under /test. */
  for_tests: boolean;
  /** Reasons that are often given, to be chosen. */
  reasons?: readonly string[];
  schema: Schema;
  form(asked: Asked): Promise<ActionForm>;
  preview(asked: Asked, data: z.output<Schema>): Promise<ActionPreview | ActionRefused>;
  /** @returns where to go on, or why it was not done */
  perform(
    asked: Asked,
    data: z.output<Schema>,
    confirmed: Confirmed,
  ): Promise<string | ActionRefused>;
}

const CommonForm = z.object({
  reason: z
    .string('Say why. It is kept with the change.')
    .trim()
    .min(1, 'Say why. It is kept with the change.')
    .max(500, 'At most 500 characters.'),
  confirmed: z.enum(['yes', 'no']).optional().catch(undefined),
  nonce: z.uuid().optional().catch(undefined),
});

/** The pages of an action: its form, what it would change, and the doing of it. */
export function addAction<Schema extends z.ZodObject>(
  routes: StaffRoutes,
  connections: Connections,
  action: Action<Schema>,
): void {
  for (const livemode of action.for_tests ? [true, false] : [true]) {
    const path = `/customers/:id${livemode ? '' : '/test'}/${action.path}`;
    const read = async (req: Request, res: Response, staff: Express.User): Promise<Asked> => {
      const customer = await customerIn(connections.staff, req);
      const show = showFor(readerOf(res));
      return { req, staff, customer, side: sideOf(customer, livemode), show };
    };

    routes.get(path, action.to, async (req, res, staff) => {
      const asked = await read(req, res, staff);
      await sendForm(res, asked, action, EMPTY_FORM);
    });

    routes.post(path, action.to, async (req, res, staff) => {
      const asked = await read(req, res, staff);
      const body = withReason(req.body, action.reasons);
      const common = parseForm(CommonForm, body);
      const own = parseForm(action.schema, body);
      const values = { ...own.values, ...common.values };
      if (!common.ok || !own.ok) {
        const errors = { ...(own.ok ? {} : own.errors), ...(common.ok ? {} : common.errors) };
        return sendForm(res, asked, action, { values, errors });
      }
      const { confirmed, nonce, reason } = common.data;
      if (confirmed === 'no') return sendForm(res, asked, action, { values, errors: {} });
      if (confirmed === 'yes' && nonce !== undefined) {
        const sent = { reason, nonce, origin: originOf(req) };
        const done = await action.perform(asked, own.data, sent);
        if (typeof done === 'string') redirect(req, res, done);
        else await sendForm(res, asked, action, { values, errors: {}, ...done });
        return;
      }
      const preview = await action.preview(asked, own.data);
      if (!('button' in preview)) {
        return sendForm(res, asked, action, { values, errors: {}, ...preview });
      }
      const { title } = await action.form(asked);
      sendPage(req, res, 'admin/action-confirm', {
        ...shown(asked),
        ...{ title, preview, values: { ...own.values, reason }, nonce: randomUUID() },
      });
    });
  }
}

const Reasons = z.looseObject({
  because: z.string().optional().catch(undefined),
  reason: z.string().trim().optional().catch(undefined),
});

/** A reason that was chosen, and what was written beside it, are one. */
function withReason(body: unknown, reasons: readonly string[] = []) {
  const { because, reason, ...rest } = Reasons.parse(body ?? {});
  const chosen = reasons.find((one) => one === because);
  return { ...rest, reason: [chosen, reason].filter(Boolean).join(': ') };
}

/** Runs the work of a confirmed form in a transaction of the customer, unless it was done before. */
export async function doOnce(
  connections: Connections,
  { req, staff, customer }: Asked,
  { nonce, reason }: Confirmed,
  data: Readonly<Record<string, unknown>>,
  work: (trx: Trx) => Promise<void>,
): Promise<void> {
  const content = [req.path, reason, data];
  await inWorkspace(connections.app, customer.id, async (trx) => {
    if (await isFirstTime(trx, { nonce, person_id: staff.id, content })) await work(trx);
  });
}

async function sendForm<Schema extends z.ZodObject>(
  res: Response,
  asked: Asked,
  action: Action<Schema>,
  form: FormState,
): Promise<void> {
  const page = await action.form(asked);
  const refused = form.refusal !== undefined || Object.keys(form.errors).length > 0;
  const data = { ...shown(asked), page, form, reasons: action.reasons ?? [] };
  sendPage(asked.req, res, 'admin/action', data, refused ? 422 : 200);
}

function shown({ req, customer, side }: Asked) {
  return { subject: customer, side, action: `/admin${req.path}` };
}
