/** The pages of somebody's own account, as its tabs list them. */
export const ACCOUNT_PLACES = [
  { label: 'Profile', href: '/account' },
  { label: 'Security', href: '/account/security' },
  { label: 'Your data', href: '/account/data' },
] as const;
