import { z } from 'zod';
import { AppError } from '../../lib/errors.ts';
import { deletePerson, deletionForm } from '../../people/deletion.ts';
import { keepProfile, profileForm } from '../../people/profile.ts';
import type { Asker } from './asker.ts';
import { type SignedInServices, signedInEndpoint, workspaceField } from './endpoint.ts';

const ProfileAnswer = z.strictObject({
  id: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  name: z.string(),
  time_zone: z.string(),
  locale: z.string(),
  picture_url: z.string().nullable(),
  workspace: z.strictObject({ slug: z.string(), name: z.string(), role: z.string() }),
});

/** Who is signed in, and the workspace that is asked about. */
export function profileOf(asker: Asker, { baseUrl }: SignedInServices) {
  const { person, workspace } = memberOf(asker);
  const { id, email, email_verified, name, time_zone, locale, picture_id } = person;
  const { slug, role } = workspace;
  return {
    ...{ id, email, email_verified, name, time_zone, locale },
    picture_url: picture_id === null ? null : `${baseUrl}/pictures/${picture_id}`,
    workspace: { slug, name: workspace.name, role },
  };
}

const read = {
  method: 'get',
  scope: undefined,
  summary: 'Who is signed in.',
  request: z.strictObject(workspaceField),
  example: {},
  status: 200,
  response: ProfileAnswer,
} as const;

export const getUserProfile = signedInEndpoint({
  ...read,
  id: 'user_profile',
  path: '/api/v1/user/profile',
  handle: (services, { asker }) =>
    Promise.resolve({ status: 200, body: profileOf(asker, services) }),
});

export const getProfile = signedInEndpoint({
  ...read,
  id: 'profile',
  path: '/api/user/profile',
  handle: getUserProfile.handle,
});

export const putUserProfile = signedInEndpoint({
  id: 'user_profile_change',
  method: 'put',
  path: '/api/v1/user/profile',
  scope: undefined,
  summary: 'Changes what a person says of themselves.',
  request: profileForm,
  example: { name: 'Ada Byron', time_zone: 'Europe/London', locale: 'en-GB' },
  status: 200,
  response: ProfileAnswer,
  handle: async (services, { asker, request, origin }) => {
    const { person, workspace } = memberOf(asker);
    await services.connections.app
      .transaction()
      .execute((trx) => keepProfile(trx, person, request, origin));
    const changed = { ...asker, member: { person: { ...person, ...request }, workspace } };
    return { status: 200, body: profileOf(changed, services) };
  },
});

export const deleteUserProfile = signedInEndpoint({
  id: 'user_profile_delete',
  method: 'delete',
  path: '/api/v1/user/profile',
  scope: undefined,
  summary: 'Deletes the account: what is personal goes, and what the books need stays without it.',
  request: deletionForm,
  example: { email: 'ada@example.com', consent: 'yes' },
  status: 200,
  response: z.strictObject({ deleted: z.literal(true) }),
  needs_recent_sign_in: true,
  handle: async ({ connections, closing }, { asker, request, origin }) => {
    const { person } = memberOf(asker);
    await connections.app
      .transaction()
      .execute((trx) => deletePerson(trx, person, request, { closing, origin }));
    return { status: 200, body: { deleted: true } };
  },
});

/** @throws AppError 403 for a key: it is a program's, and nobody's profile */
function memberOf({ member }: Asker): NonNullable<Asker['member']> {
  if (member !== undefined) return member;
  throw new AppError(403, 'person_needed', 'Only somebody who is signed in does that.');
}
