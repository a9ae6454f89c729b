import type { Scene } from './arrivals.ts';

const ERRORS = [
  [403, 'This is not allowed'],
  [422, 'This cannot be taken'],
  [429, 'Too many tries'],
  [503, 'Not available at the moment'],
] as const;

/** Every part in every state, and the pages that say what went wrong. */
export const styleScenes: Scene[] = [
  { name: 'style', says: 'Style', open: ({ page }) => page.goto('/style') },
  ...ERRORS.map(([status, says]) => ({
    name: `error ${status}`,
    says,
    open: ({ page }: Parameters<Scene['open']>[0]) => page.goto(`/style/errors/${status}`),
  })),
];
