import { z } from 'zod';
import { BRAND_VOICES } from '../../core/business-profiles.ts';
import { isManager } from '../../core/roles.ts';
import { inWorkspace, readWorkspace } from '../../lib/database.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import {
  GOALS_MAX,
  areDifferent,
  goalFields,
  idealCustomerShape,
  industryText,
  isIndustry,
  profileText,
} from '../../workspaces/business-profile-fields.ts';
import {
  type BusinessProfile,
  keepBusinessProfile,
  readBusinessProfile,
} from '../../workspaces/business-profile.ts';
import { type Industry, industriesNow } from '../../workspaces/industries.ts';
import { programmeNow } from '../../workspaces/milestone-programme.ts';
import { rewardWorkspace } from '../../workspaces/milestones.ts';
import { invalidField } from '../fields.ts';
import { type SignedInServices, signedInEndpoint, workspaceField } from './endpoint.ts';

const IdealCustomer = z.strictObject({
  roles: z.string(),
  companies: z.string(),
  places: z.string(),
  needs: z.string(),
});
const Goal = z.strictObject({ title: z.string(), measure: z.string(), target: z.int() });

const ProfileAnswer = z.strictObject({
  industry: z.string().meta({ description: 'The code of an industry, `other`, or empty.' }),
  about: z.string(),
  brand_voice: z.enum(BRAND_VOICES).nullable(),
  ideal_customer: IdealCustomer,
  goals: z.array(Goal.extend({ id: z.string(), reached: z.int(), done: z.boolean() })),
  industries: z
    .array(
      z.strictObject({
        code: z.string(),
        name: z.string(),
        brand_voice: z.enum(BRAND_VOICES),
        ideal_customer: IdealCustomer,
        goals: z.array(Goal),
      }),
    )
    .meta({ description: 'What businesses of an industry usually say, to begin from.' }),
});

export const getBusinessProfile = signedInEndpoint({
  id: 'user_business_profile',
  method: 'get',
  path: '/api/v1/user/business-profile',
  scope: 'balance:read',
  summary: 'What a business says of itself, and how far it has come with its goals.',
  request: z.strictObject(workspaceField),
  example: {},
  status: 200,
  response: ProfileAnswer,
  handle: async (services, { asker: { workspace_id } }) => {
    const industries = await industriesOf(services);
    const profile = await readWorkspace(services.connections.app, workspace_id, (trx) =>
      readBusinessProfile(trx, workspace_id),
    );
    return { status: 200, body: answerOf(profile, industries) };
  },
});

export const putBusinessProfile = signedInEndpoint({
  id: 'user_business_profile_change',
  method: 'put',
  path: '/api/v1/user/business-profile',
  scope: undefined,
  summary: 'Keeps what a business says of itself, all of it: what is left out is empty.',
  request: z.strictObject({
    industry: industryText.meta({ description: 'The code of an industry, `other`, or empty.' }),
    about: profileText,
    brand_voice: z.enum(BRAND_VOICES).nullable().default(null),
    ideal_customer: z.strictObject(idealCustomerShape).prefault({}),
    goals: z
      .array(goalFields)
      .max(GOALS_MAX)
      .refine(areDifferent, 'Give each goal once.')
      .default([])
      .meta({ description: 'A goal is known by its id, or else by its title.' }),
  }),
  example: {
    industry: 'software',
    about: 'Invoices that write themselves',
    brand_voice: 'friendly',
    ideal_customer: {
      roles: 'Founders',
      companies: 'Up to 50 people',
      places: 'India',
      needs: 'Less time on invoices',
    },
    goals: [{ title: 'Book demos', measure: 'demos', target: 30, reached: 4 }],
  },
  status: 200,
  response: ProfileAnswer,
  handle: async (services, { asker: { workspace_id, member }, request, origin }) => {
    if (member === undefined) throw new Error('a key was let through');
    if (!isManager(member.workspace.role)) {
      const why = 'The business profile is for owners and admins of the workspace.';
      throw new AppError(403, 'role', why);
    }
    const industries = await industriesOf(services);
    if (!isIndustry(request.industry, industries)) {
      throw invalidField('industry', 'Give the code of an industry, or `other`.');
    }
    const { app } = services.connections;
    const deed = { workspace_id, by: member.person.id, origin };
    await inWorkspace(app, workspace_id, (trx) => keepBusinessProfile(trx, deed, request));
    await rewardWorkspace(app, workspace_id, await programmeNow(services.catalogue));
    const profile = await readWorkspace(app, workspace_id, (trx) =>
      readBusinessProfile(trx, workspace_id),
    );
    return { status: 200, body: answerOf(profile, industries) };
  },
});

/** @throws AppError 404 where the seller asks nobody for a profile */
async function industriesOf({ catalogue }: SignedInServices): Promise<Industry[]> {
  const industries = await industriesNow(catalogue);
  if (industries.length === 0) throw notFound('business profile');
  return industries;
}

function answerOf(profile: BusinessProfile, industries: readonly Industry[]) {
  return {
    ...profile,
    goals: profile.goals.map((goal) => ({ ...goal, done: goal.reached >= goal.target })),
    industries: industries.map(({ code, name, brand_voice, ideal_customer, goals }) => ({
      ...{ code, name, brand_voice, ideal_customer, goals },
    })),
  };
}
