import { type Visit, signIn } from '../support/browser.ts';
import type { TestProgram } from '../support/program.ts';
import { type Story, storyOf } from '../support/stories.ts';
import type { Scene } from './arrivals.ts';

/** Somebody whose wallet has an entry of each kind, on a page of its history. */
async function inStory(
  visit: Visit,
  program: TestProgram,
  path: string | ((story: Story) => string),
): Promise<void> {
  const customer = await program.signUp();
  await signIn(visit, program, customer);
  const story = await storyOf(program, customer.email);
  const place = typeof path === 'string' ? path : path(story);
  await visit.page.goto(`${story.base}/history${place}`);
}

/** The past of a wallet: entries, statements, balances. */
export const historyScenes: Scene[] = [
  {
    name: 'entry of a capture',
    says: 'Voice call, 16 minutes',
    open: (visit, program) => inStory(visit, program, ({ seqs }) => `/${String(seqs['capture'])}`),
  },
  {
    name: 'entry that owes',
    says: 'Taken back',
    open: (visit, program) =>
      inStory(visit, program, ({ seqs }) => `/${String(seqs['clawback again'])}`),
  },
  {
    name: 'history filtered',
    says: 'History',
    open: (visit, program) => inStory(visit, program, '?kind=usage&from=2026-10-01'),
  },
  {
    name: 'history without such entries',
    says: 'History',
    open: (visit, program) => inStory(visit, program, '?kind=transfer_in&text=nowhere'),
  },
  {
    name: 'history refused',
    says: 'History',
    open: (visit, program) => inStory(visit, program, '?from=2026-10-05&to=2026-10-01&text=x'),
  },
  {
    name: 'statement',
    says: 'Statement of October 2026',
    open: (visit, program) => inStory(visit, program, '/statement?month=2026-10'),
  },
  {
    name: 'statement of no month',
    says: 'Statement',
    open: (visit, program) => inStory(visit, program, '/statement?month=October'),
  },
  {
    name: 'balance at a moment',
    says: 'Balance at a moment',
    open: (visit, program) => inStory(visit, program, '/balance?at=2026-10-08T12:00'),
  },
];
