import type { Request } from 'express';
import { z } from 'zod';
import { newestVersion, versionAt } from '../../core/versions.ts';
import type { Connections } from '../../lib/database.ts';
import { notFound } from '../../lib/errors.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { StaffRoutes } from '../staff-routes.ts';
import { changedMeanwhile, withdrawnBy } from './beginning.ts';
import { CODES, ItemPages } from './item-pages.ts';
import { type CatalogueKind, type Listed, calledIn, changesOf } from './kinds.ts';

/** The pages of one kind of thing: all of them, and each with its form, what is to come, and history. */
export function itemRoutes<Terms>(
  kind: CatalogueKind<Terms>,
  { connections }: { connections: Connections },
): StaffRoutes {
  const routes = new StaffRoutes();
  const pages = new ItemPages(kind, connections);
  const { home } = pages;

  routes.get(`/catalogue/${kind.path}`, 'look', async (req, res) => {
    if (kind.only !== undefined) {
      redirect(req, res, `${home}/${kind.only}`);
      return;
    }
    const versions = await kind.versions(connections.staff);
    const now = new Date();
    const items = [...Map.groupBy(versions, ({ code }) => code).values()].flatMap((all) =>
      listed(kind, all, now),
    );
    items.sort((one, other) => one.position - other.position);
    sendPage(req, res, 'admin/catalogue/list', { kind, home, items });
  });
  if (kind.only === undefined) {
    routes.get(`/catalogue/${kind.path}/new`, 'catalogue.change', (req, res) =>
      pages.show(req, res, {}),
    );
    routes.post(`/catalogue/${kind.path}`, 'catalogue.change', (req, res, staff) =>
      pages.save(req, res, staff),
    );
  }
  routes.get(`/catalogue/${kind.path}/:code`, 'look', (req, res) =>
    pages.show(req, res, { code: codeIn(req, kind) }),
  );
  routes.post(`/catalogue/${kind.path}/:code`, 'catalogue.change', (req, res, staff) =>
    pages.save(req, res, staff, codeIn(req, kind)),
  );
  routes.post(
    `/catalogue/${kind.path}/:code/withdraw`,
    'catalogue.change',
    async (req, res, staff) => {
      const code = codeIn(req, kind);
      const versions = await kind.versions(connections.staff, code);
      const coming = changesOf(kind, versions, new Date());
      const planned = coming.find(({ version }) => String(version) === bodyText(req, 'planned'));
      const newest = newestVersion(versions);
      if (planned === undefined || newest === undefined) throw notFound(kind.subject);
      const before = versionAt(versions, new Date(planned.valid_from.getTime() - 1));
      const by = withdrawnBy(req, staff);
      // What was never in use before is not in use then either.
      const stated = before ?? { ...planned, active: false };
      const outcome = await connections.app.transaction().execute((trx) =>
        kind.change(trx, code, stated, {
          ...{ after_version: newest.version, valid_from: planned.valid_from, by },
        }),
      );
      if (outcome === 'changed_meanwhile') throw changedMeanwhile();
      redirect(req, res, `${home}/${code}`);
    },
  );
  return routes;
}

function codeIn<Terms>(req: Request, { codes = CODES }: CatalogueKind<Terms>): string {
  const code = req.params['code'];
  if (typeof code !== 'string' || !codes.pattern.test(code)) throw notFound();
  return code;
}

function bodyText(req: Request, name: string): string {
  const body = z.record(z.string(), z.unknown()).safeParse(req.body).data ?? {};
  const text = body[name];
  return typeof text === 'string' ? text : '';
}

function listed<Terms>(kind: CatalogueKind<Terms>, versions: Listed<Terms>[], now: Date) {
  const current = versionAt(versions, now);
  const coming = changesOf(kind, versions, now);
  const shown = current ?? coming[0] ?? newestVersion(versions);
  if (shown === undefined) return [];
  const values = kind.values(shown.terms);
  return [
    {
      code: shown.code,
      called: calledIn(values, shown.code),
      sentence: kind.sentence(shown.terms),
      position: Number(values['position'] ?? 0),
      state: shown === coming[0] ? 'planned' : shown.active ? 'active' : 'retired',
      changes_at: coming[0]?.valid_from,
    },
  ];
}
