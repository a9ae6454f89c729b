import { KEPT_BY_PRESET } from '../../core/preset-report.ts';
import type { Connections } from '../../lib/database.ts';
import { presetVersions } from '../../lib/preset-versions.ts';
import { sendPage } from '../../lib/rendering.ts';
import { StaffRoutes } from '../staff-routes.ts';

/** Kinds of the catalogue, as far as it matters where their pages are. */
type Placed = readonly { subject: string; path: string }[];

/** What each version of the preset left alone, as somebody had changed it here. */
export function presetRoutes(kinds: Placed, { connections }: { connections: Connections }) {
  const routes = new StaffRoutes();
  routes.get('/catalogue/preset', 'look', async (req, res) => {
    const versions = (await presetVersions(connections.staff)).map(({ kept, ...version }) => ({
      ...version,
      kept: kept.map((label) => ({ label, href: pageOf(label, kinds) })),
    }));
    sendPage(req, res, 'admin/catalogue/preset', { versions, said: KEPT_BY_PRESET });
  });
  return routes;
}

/** Where the page is of what the report of a preset calls "plan team"; undefined: it has none. */
function pageOf(label: string, kinds: Placed): string | undefined {
  const [, name = '', code = ''] = /^(.+) (\S+)$/.exec(label) ?? [];
  const home = '/admin/catalogue';
  if (name === 'price of') return `${home}/operations/${code}/price`;
  const kind = kinds.find(({ subject }) => subject.replaceAll('_', ' ') === name);
  return kind && `${home}/${kind.path}/${code}`;
}
