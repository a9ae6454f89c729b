import { z } from 'zod';
import type { StaffFunction } from '../core/staff-functions.ts';
import { type Connections, type Trx, inWorkspace } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import {
  type Standing,
  type StandingDeed,
  type VerifyingOptions,
  deactivatePerson,
  endSessionsByStaff,
  findStanding,
  mailResetByStaff,
  reactivatePerson,
  verifyByHand,
} from '../people/standing.ts';
import { revokeKeysOfPerson } from '../workspaces/reclaimed.ts';
import { type Action, type Asked, addAction, doOnce } from './actions.ts';
import type { StaffRoutes } from './staff-routes.ts';

const NothingForm = z.object({});

/** One thing that is done to a person, which needs no more than a reason. */
interface PersonAction {
  path: string;
  to: StaffFunction;
  title: string;
  says: string;
  button: string;
  change: { label: string; before: string; after: string };
  /** Why there is nothing to do for somebody; undefined when there is. */
  refusalOf: (person: Standing) => string | undefined;
  work: (trx: Trx, deed: StandingDeed) => Promise<void>;
}

/** What staff do to the members of a workspace, as far as it is about how they get in. */
export function addPersonActions(
  routes: StaffRoutes,
  connections: Connections,
  verifying: VerifyingOptions,
): void {
  for (const action of actionsWith(verifying))
    addAction(routes, connections, made(connections, action));
}

function made(connections: Connections, action: PersonAction): Action<typeof NothingForm> {
  const { title, says, button, change } = action;
  const person = (asked: Asked): Promise<Standing> => {
    const id = z.uuid().safeParse(asked.req.params['person']).data;
    if (id === undefined) throw notFound('person');
    return inWorkspace(connections.app, asked.customer.id, (trx) =>
      findStanding(trx, asked.customer.id, id),
    );
  };
  return {
    path: `people/:person/${action.path}`,
    ...{ to: action.to, for_tests: false, schema: NothingForm },
    form: async (asked) => {
      const { name, email } = await person(asked);
      return { title: `${title}: ${name}`, says: [`${email}.`, says], fields: [], button: 'Go on' };
    },
    preview: async (asked) => {
      const refusal = action.refusalOf(await person(asked));
      return refusal === undefined ? { changes: [change], says: [], button } : { refusal };
    },
    perform: async (asked, _form, confirmed) => {
      const { id: person_id } = await person(asked);
      const { reason, origin } = confirmed;
      await doOnce(connections, asked, confirmed, {}, (trx) =>
        action.work(trx, { person_id, by: asked.staff, reason, origin }),
      );
      return `${asked.customer.base}/people`;
    },
  };
}

function actionsWith(verifying: VerifyingOptions): PersonAction[] {
  return [
    {
      ...{ path: 'deactivate', to: 'people.shut_out', title: 'Shut out', button: 'Shut them out' },
      says: 'They can neither sign in nor spend, from this moment on. Their sessions and the keys that they made end, in all their workspaces; keys do not come back. What they have stays.',
      change: { label: 'Signs in and spends', before: 'Yes', after: 'No' },
      refusalOf: ({ deactivated_at }) =>
        deactivated_at === null ? undefined : 'They are shut out.',
      work: async (trx, deed) => {
        await deactivatePerson(trx, deed);
        const by = { revoked_by: deed.by.id, origin: deed.origin };
        await revokeKeysOfPerson(trx, deed.person_id, by);
      },
    },
    {
      ...{
        path: 'reactivate',
        to: 'people.shut_out',
        title: 'Let in again',
        button: 'Let them in',
      },
      says: 'They can sign in and spend again. They make new keys themselves.',
      change: { label: 'Signs in and spends', before: 'No', after: 'Yes' },
      refusalOf: ({ deactivated_at, deleted_at }) => {
        if (deleted_at !== null) return 'The account is deleted: nothing is left to let in.';
        return deactivated_at === null ? 'They are not shut out.' : undefined;
      },
      work: reactivatePerson,
    },
    {
      ...{ path: 'verify', to: 'people.verify_address', title: 'Verify the address' },
      says: 'Only when you know in another way that they read mail at this address.',
      button: 'Verify the address',
      change: { label: 'The address', before: 'Not verified', after: 'Verified by hand' },
      refusalOf: ({ email_verified_at }) =>
        email_verified_at === null ? undefined : 'The address is verified.',
      work: (trx, deed) => verifyByHand(trx, deed, verifying),
    },
    {
      ...{ path: 'reset-password', to: 'people.reset_password', title: 'Start a password reset' },
      says: 'They get the mail that they would ask for themselves, with a link that is good for half an hour. You do not see the link, and the password stays until they choose another.',
      button: 'Send the mail',
      change: { label: 'Link in their mail', before: 'None', after: 'One, for half an hour' },
      refusalOf: ({ deactivated_at }) =>
        deactivated_at === null ? undefined : 'They are shut out: no link lets them in.',
      work: mailResetByStaff,
    },
    {
      ...{ path: 'end-sessions', to: 'people.end_sessions', title: 'Sign out everywhere' },
      says: 'All their sessions end at once. They can sign in again; keys stay.',
      button: 'Sign them out',
      change: { label: 'Sessions', before: 'As listed', after: 'None' },
      refusalOf: () => undefined,
      work: endSessionsByStaff,
    },
  ];
}
