import { z } from 'zod';
import { decimalCredits } from '../../core/credits.ts';
import { readWorkspace } from '../../lib/database.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import { programmeNow } from '../../workspaces/milestone-programme.ts';
import {
  type MilestoneReport,
  type ShownMilestone,
  milestonesOf,
  rewardWorkspace,
} from '../../workspaces/milestones.ts';
import { creditsAnswer } from '../answers.ts';
import { textField } from '../fields.ts';
import { type SignedInServices, signedInEndpoint, workspaceField } from './endpoint.ts';

const path = '/api/v1/user/onboarding';

const Milestone = z.strictObject({
  code: z.string(),
  title: z.string(),
  reward: creditsAnswer,
  done: z.boolean(),
});

const OnboardingAnswer = z.strictObject({
  steps: z.array(Milestone),
  completion_reward: creditsAnswer,
  completed: z.boolean(),
  achievements: z.array(Milestone),
});

export const getOnboarding = signedInEndpoint({
  id: 'user_onboarding',
  method: 'get',
  path,
  scope: 'balance:read',
  summary: 'The first steps and achievements of a workspace, and what each gives once.',
  request: z.strictObject(workspaceField),
  example: {},
  status: 200,
  response: OnboardingAnswer,
  handle: async (services, { asker }) => ({
    status: 200,
    body: answerOf(await reportOf(services, asker.workspace_id)),
  }),
});

export const postOnboarding = signedInEndpoint({
  id: 'user_onboarding_step',
  method: 'post',
  path,
  scope: 'balance:read',
  summary: 'Has a first step that is done looked at now: its credits come at once, and once.',
  request: z.strictObject({
    step: textField(100).meta({ description: 'The code of a first step.' }),
  }),
  example: { step: 'marketing-goals' },
  status: 200,
  response: OnboardingAnswer,
  handle: async (services, { asker, request }) => {
    const { workspace_id } = asker;
    const programme = await programmeNow(services.catalogue);
    await rewardWorkspace(services.connections.app, workspace_id, programme);
    const report = await reportOf(services, workspace_id);
    const step = report.steps.find(({ code }) => code === request.step);
    if (step === undefined) throw notFound('step');
    if (!step.done) {
      throw new AppError(409, 'step_not_done', `This is to be done first: ${step.title}.`);
    }
    return { status: 200, body: answerOf(report) };
  },
});

async function reportOf(
  { connections, catalogue }: SignedInServices,
  workspaceId: string,
): Promise<MilestoneReport> {
  const programme = await programmeNow(catalogue);
  return readWorkspace(connections.app, workspaceId, (trx) =>
    milestonesOf(trx, workspaceId, programme, ''),
  );
}

function answerOf(report: MilestoneReport): z.output<typeof OnboardingAnswer> {
  return {
    steps: report.steps.map(told),
    completion_reward: decimalCredits(report.completion_micro),
    completed: report.completed,
    achievements: report.achievements.map(told),
  };
}

function told({ code, title, reward_micro, done }: ShownMilestone) {
  return { code, title, reward: decimalCredits(reward_micro), done };
}
