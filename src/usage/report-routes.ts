import { type Request, type Response, Router } from 'express';
import { instantOf } from '../core/instant.ts';
import { dayAt } from '../core/usage-ranges.ts';
import { walletIdOf } from '../ledger/wallets.ts';
import { type Connections, inWorkspace, readWorkspace } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import { type Reader, showFor } from '../lib/formatting.ts';
import { readerOf, sendPage, wantsPart } from '../lib/rendering.ts';
import { shownIn } from '../workspaces/scope.ts';
import { ExportsAtOnce } from './exports/at-once.ts';
import { ENTRY_COLUMNS, entryRows } from './exports/entries-file.ts';
import { type ExportFile, type FileFormat, sendFile } from './exports/files.ts';
import { usageColumns, usageRows } from './exports/usage-columns.ts';
import { entryFilterOf, parseFilters, urlWith } from './filters.ts';
import { choicesOf } from './reports/names.ts';
import { groupsFor, usageControls, usagePage } from './reports/page.ts';
import { type UsageQuery, readUsageQuery } from './reports/query.ts';
import { usageReportOf } from './reports/usage-report.ts';

/** So many of a group are told apart on the page; in a file, as many as one could want to look at. */
const SHOWN_MOST = 10;
const FILED_MOST = 10_000;

/** What was used of a wallet, as a page and as files: to members and to a customer's visitors. */
export function reportRoutes({ connections }: { connections: Connections }): Router {
  const router = Router({ mergeParams: true });
  const atOnce = new ExportsAtOnce();

  router.get('/usage', async (req, res) => {
    const asked = askedOf(req, res);
    const { query } = asked.read.ok ? asked.read : {};
    const found = await readReport(connections, req, asked, query, SHOWN_MOST);
    const workspace = shownIn(req);
    const form = { values: asked.read.values, errors: asked.read.ok ? {} : asked.read.errors };
    const controls = usageControls(workspace, query, form, found.choices);
    const report =
      found.report && usagePage(workspace, found.report, found.choices, showFor(asked.reader));
    if (query !== undefined && wantsPart(req)) res.set('HX-Push-Url', addressOf(req, query));
    sendPage(req, res, 'usage/usage', { controls, report }, asked.read.ok ? 200 : 422);
  });

  for (const format of ['csv', 'json'] as const) {
    router.get(`/usage.${format}`, async (req, res) => {
      const asked = askedOf(req, res);
      if (!asked.read.ok) throw refused(asked.read.errors);
      const { query } = asked.read;
      const { report, choices } = await readReport(connections, req, asked, query, FILED_MOST);
      if (report === undefined) throw new Error('there is no report of a good query');
      const rows = usageRows(report, choices);
      const { days } = query;
      await send(res, format, {
        name: `usage-${shownIn(req).slug}-${days.from}-to-${days.to}`,
        columns: usageColumns(query.group),
        pages: [rows],
        about: { ...days, time_zone: asked.reader.time_zone, ...query.filters, group: query.group },
      });
    });

    router.get(`/history.${format}`, async (req, res) => {
      const workspace = shownIn(req);
      const form = parseFilters(req.query);
      if (!form.ok) throw refused(form.errors);
      const { time_zone: zone } = readerOf(res);
      const filter = entryFilterOf(form.data, zone);
      const wallet_id = await inWorkspace(connections.app, workspace.id, (trx) =>
        walletIdOf(trx, workspace.id),
      );
      const wallet = { workspace_id: workspace.id, wallet_id };
      await send(res, format, {
        name: `history-${workspace.slug}`,
        columns: ENTRY_COLUMNS,
        pages: entryRows(connections.app, wallet, filter, zone),
        about: { time_zone: zone, ...form.data },
      });
    });
  }

  const send = (res: Response, format: FileFormat, file: Omit<ExportFile, 'format'>) =>
    atOnce.run(res.req.user?.id ?? shownIn(res.req).id, () => sendFile(res, { ...file, format }));

  return router;
}

/** What is asked, in the days of the reader's zone. */
function askedOf(req: Request, res: Response) {
  const reader = readerOf(res);
  const now = new Date();
  const read = readUsageQuery(req.query, dayAt(reader.time_zone, instantOf(now)));
  if (read.ok && !groupsFor(shownIn(req)).includes(read.query.group)) {
    read.query.group = 'operation';
  }
  return { reader, now, read };
}

/** The choices of the form, and the report of a good query: all of one moment. */
async function readReport(
  connections: Connections,
  req: Request,
  { reader, now }: { reader: Reader; now: Date },
  query: UsageQuery | undefined,
  most: number,
) {
  const workspace = shownIn(req);
  return readWorkspace(connections.app, workspace.id, async (trx) => {
    const choices = await choicesOf(trx, workspace.id, workspace.kind !== 'external');
    if (query === undefined) return { choices, report: undefined };
    const walletId = await walletIdOf(trx, workspace.id);
    const asked = { zone: reader.time_zone, now, most };
    return { choices, report: await usageReportOf(trx, walletId, query, asked) };
  });
}

function addressOf(req: Request, { range, days, group, filters }: UsageQuery): string {
  const asked = range === undefined ? days : { range };
  return urlWith(`${shownIn(req).base}/usage`, { ...asked, ...filters, group });
}

/** A file has no fields at which to say what is wrong. */
function refused(errors: Record<string, string>): AppError {
  const said = Object.entries(errors).map(([field, sentence]) => `${field}: ${sentence}`);
  return new AppError(422, 'invalid_filter', said.join(' '));
}
