import { z } from 'zod';
import { instantOf, rfc3339 } from '../core/instant.ts';
import { AppError, notFound } from '../lib/errors.ts';
import {
  type CustomerRecord,
  customersAfter,
  findCustomer,
  saveCustomer,
} from '../workspaces/customer-details.ts';
import { LINKED_PAGES } from '../workspaces/customer-links.ts';
import { instantAnswer } from './answers.ts';
import { timeZoneNamed } from '../core/time-zones.ts';
import { requireService } from './caller.ts';
import { type Call, type Services, endpoint } from './endpoint.ts';
import { parse, textField } from './fields.ts';
import { cursorField, cursorOf, limitField, nextCursorAnswer } from './pages.ts';
import { queryOf } from './query.ts';

const timeZoneField = z
  .string()
  .regex(/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/, 'Give a time zone by its name: "Europe/Berlin".')
  .refine(
    (name) => timeZoneNamed(name) !== undefined,
    'There is no such time zone. Give one by its name: "Europe/Berlin".',
  );

const CustomerRequest = z.strictObject({
  customer: textField(255).meta({ description: "The product's own id of its customer." }),
  name: textField(200).optional(),
  email: z
    .email('Give an e-mail address, or null.')
    .max(254, 'Give at most 254 characters.')
    .nullable()
    .optional()
    .meta({ description: 'Where receipts go when they buy; null takes it away.' }),
  time_zone: timeZoneField.optional().meta({
    description:
      'In which their pages tell the time, and, if set before the first entry, days and months are counted.',
  }),
});

const CustomerAnswer = z.strictObject({
  customer: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  time_zone: z.string(),
  currency: z.string(),
  created_at: instantAnswer,
});

export const postCustomer = endpoint({
  id: 'saveCustomer',
  method: 'POST',
  path: '/customers',
  scope: 'customers:write',
  summary:
    'Makes a customer, or changes what is given of one. The same request again changes nothing.',
  request: CustomerRequest,
  example: { customer: 'user-42', name: 'Ada Byron', email: 'ada@example.com' },
  idempotent: 'no',
  status: 200,
  response: CustomerAnswer,
  handle: async ({ connections, currency }, call) => {
    requireService(call.key);
    const { customer, ...details } = parse(CustomerRequest, call.body);
    const saved = await saveCustomer(
      connections,
      {
        ...{ external_id: customer, currency },
        actor: { kind: 'api_key', id: call.key.id },
        origin: { request_id: call.request_id },
      },
      details,
    );
    return { status: 200, body: told(saved) };
  },
});

export const getCustomer = endpoint({
  id: 'customer',
  method: 'GET',
  path: '/customers/:customer',
  scope: 'customers:read',
  summary: 'What is told of a customer.',
  request: z.strictObject({}),
  example: {},
  idempotent: 'no',
  status: 200,
  response: CustomerAnswer,
  handle: async (services, call) => {
    requireService(call.key);
    parse(z.strictObject({}), queryOf(call.query));
    return { status: 200, body: told(await named(services, call)) };
  },
});

const ListRequest = z.strictObject({
  limit: limitField,
  cursor: cursorField('customers', customerIdOf),
});

export const listCustomers = endpoint({
  id: 'customers',
  method: 'GET',
  path: '/customers',
  scope: 'customers:read',
  summary: 'All customers, in the order in which they were made.',
  request: ListRequest,
  example: { limit: '50' },
  idempotent: 'no',
  status: 200,
  response: z.strictObject({
    customers: z.array(CustomerAnswer),
    next_cursor: nextCursorAnswer,
  }),
  handle: async ({ connections }, call) => {
    requireService(call.key);
    const { limit, cursor } = parse(ListRequest, queryOf(call.query));
    const { customers, more } = await customersAfter(connections.staff, { after: cursor, limit });
    const last = more ? customers.at(-1) : undefined;
    const next_cursor = last === undefined ? null : cursorOf('customers', last.workspace_id);
    return { status: 200, body: { customers: customers.map(told), next_cursor } };
  },
});

const LinkRequest = z.strictObject({
  page: z
    .enum(LINKED_PAGES, `Give one of ${LINKED_PAGES.join(', ')}.`)
    .optional()
    .meta({ description: 'Which page it opens; the overview when absent.' }),
  ttl_seconds: z
    .int()
    .min(60, 'Give at least 60 seconds.')
    .max(86_400, 'Give at most 86400 seconds.')
    .optional()
    .meta({ description: 'How long it can be opened: an hour when absent.' }),
});

export const postLink = endpoint({
  id: 'link',
  method: 'POST',
  path: '/customers/:customer/links',
  scope: 'customers:write',
  summary:
    'Signs a short-lived link with which a customer sees balance, history and lots, and buys, without an account.',
  request: LinkRequest,
  example: { page: 'buy' },
  idempotent: 'no',
  status: 201,
  response: z.strictObject({
    customer: z.string(),
    page: z.enum(LINKED_PAGES),
    url: z.url(),
    expires_at: instantAnswer,
  }),
  handle: async (services, call) => {
    requireService(call.key);
    if (!call.key.livemode) {
      throw new AppError(403, 'live_key_needed', 'The pages of a customer show the live wallet.');
    }
    const { page = 'overview', ttl_seconds = 3_600 } = parse(LinkRequest, call.body);
    const { external_id, workspace_id } = await named(services, call);
    const { url, expires_at } = services.links.urlFor(workspace_id, page, ttl_seconds);
    const body = { customer: external_id, page, url, expires_at: rfc3339(instantOf(expires_at)) };
    return { status: 201, body };
  },
});

/** @throws AppError 404 */
async function named({ connections }: Services, { parameter }: Call): Promise<CustomerRecord> {
  const found = await findCustomer(connections.staff, parameter);
  if (found === undefined) throw notFound('customer');
  return found;
}

/** @throws AppError 404 for a customer who is deactivated */
function told(customer: CustomerRecord | undefined) {
  if (customer === undefined) throw notFound('customer');
  const { external_id, name, email, time_zone, currency } = customer;
  const created_at = rfc3339(instantOf(customer.created_at));
  return { customer: external_id, name, email, time_zone, currency, created_at };
}

/** The position in the list of all customers: the id of a workspace. */
function customerIdOf(text: string): string | undefined {
  return z.uuid().safeParse(text).data;
}
