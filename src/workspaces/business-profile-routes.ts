import { type Request, type Response, Router } from 'express';
import { BRAND_VOICES, OTHER_INDUSTRY } from '../core/business-profiles.ts';
import type { ReadCatalogue } from '../lib/catalogue-versions.ts';
import { type Connections, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../lib/forms.ts';
import { originOf } from '../lib/guards.ts';
import { redirect, sendPage } from '../lib/rendering.ts';
import {
  GOALS_MAX,
  businessProfileForm,
  goalProgressForm,
  goalsIn,
  isIndustry,
} from './business-profile-fields.ts';
import {
  type BusinessProfile,
  type ProfileDeed,
  keepBusinessProfile,
  readBusinessProfile,
  setGoalReached,
} from './business-profile.ts';
import { type Industry, industriesNow } from './industries.ts';
import { programmeNow } from './milestone-programme.ts';
import { type MilestoneReport, milestonesOf, rewardWorkspace } from './milestones.ts';
import { idIn, managersOnly, scopeOf } from './scope.ts';

interface Dependencies {
  connections: Connections;
  catalogue: ReadCatalogue;
}

/** Empty rows after the goals that there are. */
const ROWS_MORE = 2;

/**
 * What a business says of itself, and how far it has come with its goals; mounted under /w/:slug.
 * Where the seller has no industries to begin from, nobody is asked, and there is no such page.
 */
export function businessProfileRoutes({ connections, catalogue }: Dependencies): Router {
  const router = Router({ mergeParams: true });

  async function industriesOrNone(): Promise<Industry[]> {
    const industries = await industriesNow(catalogue);
    if (industries.length === 0) throw notFound('page');
    return industries;
  }

  async function show(req: Request, res: Response, form: FormState, status = 200): Promise<void> {
    const industries = await industriesOrNone();
    const programme = await programmeNow(catalogue);
    const { workspace } = scopeOf(req);
    const { profile, steps } = await inWorkspace(connections.app, workspace.id, async (trx) => ({
      profile: await readBusinessProfile(trx, workspace.id),
      ...(await milestonesOf(trx, workspace.id, programme, workspace.base)),
    }));
    const data = {
      ...pageOf(req, { industries, profile, steps }, form),
      kept: 'kept' in req.query,
    };
    sendPage(req, res, 'workspaces/business', data, status);
  }

  const managers = managersOnly('The business profile is for owners and admins of the workspace.');

  router.get('/business', (req, res) => show(req, res, EMPTY_FORM));

  router.post('/business', managers, async (req, res) => {
    const industries = await industriesOrNone();
    const form = parseForm(businessProfileForm, req.body);
    const { goals, errors } = goalsIn(form.values);
    if (!isIndustry(form.values['industry'] ?? '', industries)) {
      errors['industry'] = 'Choose an industry of the list.';
    }
    if (!form.ok || Object.keys(errors).length > 0) {
      const faults = { ...(form.ok ? {} : form.errors), ...errors };
      return show(req, res, { values: form.values, errors: faults }, 422);
    }
    const { industry, about, brand_voice, roles, companies, places, needs } = form.data;
    const ideal_customer = { roles, companies, places, needs };
    const { workspace } = scopeOf(req);
    await inWorkspace(connections.app, workspace.id, (trx) =>
      keepBusinessProfile(trx, deedOf(req), {
        ...{ industry, about, brand_voice, ideal_customer, goals },
      }),
    );
    await rewardWorkspace(connections.app, workspace.id, await programmeNow(catalogue));
    redirect(req, res, `${workspace.base}/business?kept`);
  });

  router.post('/business/goals/:id', managers, async (req, res) => {
    await industriesOrNone();
    const form = parseForm(goalProgressForm, req.body);
    const id = idIn(req, 'id', 'goal');
    const { workspace } = scopeOf(req);
    const { goals } = await inWorkspace(connections.app, workspace.id, (trx) =>
      readBusinessProfile(trx, workspace.id),
    );
    if (!goals.some((goal) => goal.id === id)) throw notFound('goal');
    if (!form.ok) {
      const errors = { [`reached_${id}`]: form.errors['reached'] ?? 'Enter a whole number.' };
      return show(req, res, { values: {}, errors }, 422);
    }
    const { reached } = form.data;
    await inWorkspace(connections.app, workspace.id, (trx) =>
      setGoalReached(trx, deedOf(req), { id, reached }),
    );
    redirect(req, res, `${workspace.base}/business#h-goals`);
  });

  return router;
}

function pageOf(
  req: Request,
  read: {
    industries: readonly Industry[];
    profile: BusinessProfile;
    steps: MilestoneReport['steps'];
  },
  form: FormState,
) {
  const { industries, profile, steps } = read;
  const begun = industries.find(({ code }) => code === req.query['industry']);
  const values = { ...valuesOf(profile, begun), ...form.values };
  const path = `${scopeOf(req).workspace.base}/business`;
  return {
    ...{ industries, other: OTHER_INDUSTRY, voices: BRAND_VOICES, begun: begun?.name },
    ...{ form: { ...form, values }, rows: rowsIn(values), goals: profile.goals },
    steps: steps.flatMap((step) => {
      const [page, anchor = ''] = step.href.split('#');
      return page === path ? [{ ...step, anchor }] : [];
    }),
  };
}

function deedOf(req: Request): ProfileDeed {
  const { workspace, person } = scopeOf(req);
  return { workspace_id: workspace.id, by: person.id, origin: originOf(req) };
}

/** What stands in the form: what was said, and where nothing was, what the template says. */
function valuesOf(profile: BusinessProfile, begun: Industry | undefined): Record<string, string> {
  const { industry, about, brand_voice, ideal_customer, goals } = profile;
  const { roles, companies, places, needs } = ideal_customer;
  const from = begun?.ideal_customer;
  const shown = goals.length > 0 ? goals : (begun?.goals ?? []);
  const rows = shown.flatMap((goal, index): [string, string][] => [
    [`goal_${index + 1}_id`, 'id' in goal ? String(goal.id) : ''],
    [`goal_${index + 1}_title`, goal.title],
    [`goal_${index + 1}_measure`, goal.measure],
    [`goal_${index + 1}_target`, String(goal.target)],
  ]);
  return {
    ...{ industry: begun?.code ?? industry, about },
    brand_voice: brand_voice ?? begun?.brand_voice ?? '',
    roles: roles || (from?.roles ?? ''),
    companies: companies || (from?.companies ?? ''),
    places: places || (from?.places ?? ''),
    needs: needs || (from?.needs ?? ''),
    ...Object.fromEntries(rows),
  };
}

/** The numbers of the rows that are shown: those with something in them, and some to add more. */
function rowsIn(values: Readonly<Record<string, string>>): number[] {
  const numbers = Array.from({ length: GOALS_MAX }, (_, index) => index + 1);
  const last = numbers.findLast((row) => (values[`goal_${row}_title`] ?? '') !== '') ?? 0;
  return numbers.slice(0, last + ROWS_MORE);
}
