import type { Request, Response } from 'express';
import { conversionByWeek } from '../billing/conversion-reports.ts';
import { failedPayments } from '../billing/revenue-reports.ts';
import { sellerOf } from '../billing/seller.ts';
import { stripeEventCounts } from '../billing/stripe-events.ts';
import { instantOf } from '../core/instant.ts';
import { windowOfDays } from '../core/usage-ranges.ts';
import { lastProofs, openDrifts } from '../ledger/proofs-kept.ts';
import { doneUntil } from '../ledger/recording.ts';
import type { Connections } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { showFor } from '../lib/formatting.ts';
import { readJobQueue } from '../lib/job-queue.ts';
import { readMailQueue } from '../lib/mail-queue.ts';
import { readerOf, sendPage } from '../lib/rendering.ts';
import { rangeLinks } from '../usage/day-ranges.ts';
import { ExportsAtOnce, sendFile } from '../usage/exports.ts';
import { undelivered } from '../webhooks/deliveries.ts';
import { countCustomers } from '../workspaces/customer-counts.ts';
import {
  LIABILITY_COLUMNS,
  REVENUE_COLUMNS,
  liabilityRows,
  revenueRows,
} from './accountant-files.ts';
import { readEarnings } from './overview/earnings.ts';
import { type OverviewQuery, overviewUrl, readOverviewQuery } from './overview/query.ts';
import { readRevenue, revenueSection } from './overview/revenue.ts';
import { StaffRoutes } from './staff-routes.ts';

const PAGE = '/admin/overview';

/** What is earned and owed, and whether everything works; mounted under /admin. */
export function overviewRoutes({ connections }: { connections: Connections }): StaffRoutes {
  const routes = new StaffRoutes();
  const atOnce = new ExportsAtOnce();

  routes.get('/overview', 'look', async (req, res) => {
    const { zone, now, read } = await askedOf(req, res, connections);
    const query = read.ok ? read.query : undefined;
    const data = query && (await readOverview(connections, query, zone, now));
    const show = showFor(readerOf(res));
    const controls = {
      ranges: rangeLinks(query?.range, (range) =>
        overviewUrl(PAGE, { range, currency: query?.currency }),
      ),
      form: { values: read.values, errors: read.ok ? {} : read.errors },
      is_open: query?.range === undefined,
      files: {
        day: query && overviewUrl('/admin/revenue-by-day.csv', query),
        month: query && overviewUrl('/admin/revenue-by-month.csv', query),
      },
    };
    const revenue = query && data && revenueSection(data.revenue, query, show, instantOf(now));
    const currencyHref = (currency: string) => overviewUrl(PAGE, { ...query, currency });
    const found = { controls, revenue, currencyHref, data, now };
    sendPage(req, res, 'admin/overview', found, read.ok ? 200 : 422);
  });

  for (const unit of ['day', 'month'] as const) {
    routes.get(`/revenue-by-${unit}.csv`, 'revenue.export', async (req, res, { id }) => {
      const { read } = await askedOf(req, res, connections);
      if (!read.ok) throw refused(read.errors);
      const { days } = read.query;
      const name = `revenue-by-${unit}-${days.from}-to-${days.to}`;
      const pages = revenueRows(connections.staff, days, unit);
      await atOnce.run(id, () => sendFile(res, { ...CSV, name, columns: REVENUE_COLUMNS, pages }));
    });
  }

  routes.get('/liability.csv', 'revenue.export', async (_req, res, { id }) => {
    const name = `liability-${new Date().toISOString().slice(0, 10)}`;
    const pages = liabilityRows(connections.staff);
    await atOnce.run(id, () => sendFile(res, { ...CSV, name, columns: LIABILITY_COLUMNS, pages }));
  });

  return routes;
}

const CSV = { format: 'csv', about: {} } as const;

/** A file has no fields at which to say what is wrong. */
function refused(errors: Record<string, string>): AppError {
  return new AppError(422, 'invalid_days', Object.values(errors).join(' '));
}

/** Days are the seller's, as on invoices: so is every time on these pages. */
async function askedOf(req: Request, res: Response, { staff }: Connections) {
  const { time_zone: zone } = await sellerOf(staff);
  Object.assign(res.locals, { reader: { ...readerOf(res), time_zone: zone } });
  const now = new Date();
  return { zone, now, read: readOverviewQuery(req.query, zone, now) };
}

async function readOverview(
  { staff, app }: Connections,
  query: OverviewQuery,
  zone: string,
  now: Date,
) {
  const window = windowOfDays(zone, query.days);
  return {
    as_of: now,
    revenue: await readRevenue(staff, query, zone),
    earnings: await readEarnings(staff, query.days),
    failed_payments: await failedPayments(staff, window),
    customers: await countCustomers(staff, window),
    cohorts: await conversionByWeek(staff, window, zone),
    stripe_events: await stripeEventCounts(staff, window),
    deliveries: await undelivered(staff, window),
    proofs: await lastProofs(staff),
    drifts: await openDrifts(staff),
    rolled_up_until: await doneUntil(staff, 'rollups'),
    jobs: await readJobQueue(app),
    mails: await readMailQueue(staff),
  };
}
