/** Changes of the plan that a workspace is on, as others than its members make them too. */
export { type Wish, choosePlan } from './plans/choices.ts';
export { startFreePlan } from './plans/free-plans.ts';
