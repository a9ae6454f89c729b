import type { Offers } from '../core/recommendations.ts';
import type { Db } from '../lib/database.ts';
import type { ShownWorkspace } from '../workspaces/workspaces.ts';

/** What a workspace can buy and is on, as whoever sells tells it to the pages of usage. */
export interface Selling {
  offers: Offers;
  /** The plan, as the page shows it. */
  current_plan: object | undefined;
  /** Whether credits are bought by themselves; undefined where that is not for who reads. */
  top_up: object | undefined;
}

/** Usage knows nobody who sells: the program gives it this. */
export type ReadSelling = (
  db: Db,
  workspace: ShownWorkspace,
  who: { may_manage: boolean },
) => Promise<Selling>;
