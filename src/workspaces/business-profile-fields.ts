import { z } from 'zod';
import { BRAND_VOICES, type GoalTerms, OTHER_INDUSTRY } from '../core/business-profiles.ts';
import type { Industry } from './industries.ts';

export const GOALS_MAX = 8;
/** More than a business counts, and less than a number holds exactly. */
const COUNT_MAX = 1_000_000_000_000;

/** A text of somebody's own, on lines, without characters that cannot be kept or only deceive. */
function textUpTo(most: number) {
  return z
    .string()
    .trim()
    .max(most, `Write at most ${most} characters.`)
    .regex(/^(?:[\r\n\t]|\P{Cc})*$/u, 'Write this without control characters.');
}

/** The code of an industry, or nothing yet. */
export const industryText = textUpTo(60);
/** Of some lines; what is left out is empty. */
export const profileText = textUpTo(500).default('');
const count = z.int('Enter a whole number.').max(COUNT_MAX, 'Enter a smaller number.');

export const idealCustomerShape = {
  roles: profileText,
  companies: profileText,
  places: profileText,
  needs: profileText,
};

const title = textUpTo(120).min(1, 'Say what is to be reached.');
const measure = textUpTo(40).default('');
const target = count.min(1, 'Enter at least 1.').default(1);

export const goalFields = z.strictObject({
  id: z.uuid().optional(),
  title,
  measure: measure.meta({ description: 'What is counted; none: the goal is ticked.' }),
  target,
  reached: count
    .min(0, 'Enter 0 or more.')
    .optional()
    .meta({ description: 'How far it has come; what is known of it, if nothing is said.' }),
});

/** Whether some goals can be told from each other. */
export function areDifferent(
  goals: readonly { id?: string | undefined; title: string }[],
): boolean {
  const ids = goals.flatMap(({ id }) => id ?? []);
  return (
    new Set(ids).size === ids.length &&
    new Set(goals.map((goal) => goal.title)).size === goals.length
  );
}

/** The industries that a business may say it is in: '' for none yet. */
export function isIndustry(code: string, industries: readonly Industry[]): boolean {
  return ['', OTHER_INDUSTRY, ...industries.map((one) => one.code)].includes(code);
}

const goalRows = Object.fromEntries(
  Array.from({ length: GOALS_MAX }, (_, index) =>
    ['id', 'title', 'measure', 'target'].map((name): [string, z.ZodOptional<z.ZodString>] => [
      `goal_${index + 1}_${name}`,
      z.string().optional(),
    ]),
  ).flat(),
);

export const businessProfileForm = z.object({
  industry: industryText.default(''),
  about: profileText,
  brand_voice: z
    .enum(['', ...BRAND_VOICES], 'Choose a voice.')
    .default('')
    .transform((voice) => (voice === '' ? null : voice)),
  ...idealCustomerShape,
  ...goalRows,
});

export const goalProgressForm = z.object({
  reached: z
    .string('Enter a number.')
    .regex(/^\d{1,13}$/, 'Enter a whole number.')
    .transform(Number)
    .pipe(count),
});

type FormGoal = GoalTerms & { id?: string | undefined };

/** The goals of a form, by its rows; a row without a title is none. */
export function goalsIn(values: Readonly<Record<string, string>>): {
  goals: FormGoal[];
  errors: Record<string, string>;
} {
  const goals: FormGoal[] = [];
  const errors: Record<string, string> = {};
  for (let row = 1; row <= GOALS_MAX; row++) {
    const valueOf = (name: string): string => (values[`goal_${row}_${name}`] ?? '').trim();
    if (valueOf('title') === '') continue;
    const [id, wanted] = [valueOf('id'), valueOf('target')];
    const read = goalFields.safeParse({
      ...(id === '' ? {} : { id }),
      title: valueOf('title'),
      measure: valueOf('measure'),
      target: wanted === '' ? 1 : Number(wanted),
    });
    if (read.success) goals.push(read.data);
    else {
      const [issue] = read.error.issues;
      errors[`goal_${row}_${String(issue?.path[0])}`] = issue?.message ?? 'This cannot be read.';
    }
    if (!areDifferent(goals)) errors[`goal_${row}_title`] ??= 'This goal stands here twice.';
  }
  return { goals, errors };
}
