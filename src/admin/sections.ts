/** A page that the admin area's navigation leads to. */
export interface AdminPage {
  label: string;
  href: string;
}

/** The admin area as its navigation has it: a section in the header, its pages as tabs below. */
export const ADMIN_SECTIONS: readonly {
  label: string;
  pages: readonly [AdminPage, ...AdminPage[]];
}[] = [
  { label: 'Overview', pages: [{ label: 'Overview', href: '/admin/overview' }] },
  {
    label: 'Customers',
    pages: [
      { label: 'Customers', href: '/admin/customers' },
      { label: 'Grants by file', href: '/admin/bulk-grants' },
    ],
  },
  {
    label: 'Payments',
    pages: [
      { label: 'Payments', href: '/admin/payments' },
      { label: 'Reconciliation', href: '/admin/reconciliation' },
      { label: 'Flagged', href: '/admin/flagged' },
      { label: 'Webhooks in', href: '/admin/stripe-events' },
      { label: 'Webhooks out', href: '/admin/deliveries' },
    ],
  },
  {
    label: 'Catalogue',
    pages: [
      { label: 'Packages', href: '/admin/catalogue/packages' },
      { label: 'Plans', href: '/admin/catalogue/plans' },
      { label: 'Own amounts', href: '/admin/catalogue/own-amounts' },
      { label: 'Operations', href: '/admin/catalogue/operations' },
      { label: 'Codes', href: '/admin/promo-codes' },
      { label: 'Referrals', href: '/admin/catalogue/referrals' },
      { label: 'First steps', href: '/admin/catalogue/steps' },
      { label: 'All steps done', href: '/admin/catalogue/completion' },
      { label: 'Achievements', href: '/admin/catalogue/achievements' },
      { label: 'Welcome', href: '/admin/catalogue/welcome-terms' },
      { label: 'Alerts', href: '/admin/catalogue/alert-defaults' },
      { label: 'Benchmarks', href: '/admin/catalogue/benchmarks' },
      { label: 'Preset', href: '/admin/catalogue/preset' },
    ],
  },
  {
    label: 'Review',
    pages: [
      { label: 'Approvals', href: '/admin/approvals' },
      { label: 'Welcome credits', href: '/admin/welcome' },
      { label: 'Blocked domains', href: '/admin/blocked-domains' },
    ],
  },
  {
    label: 'Staff',
    pages: [
      { label: 'Staff', href: '/admin/staff' },
      { label: 'Audit', href: '/admin/audit' },
    ],
  },
  { label: 'Health', pages: [{ label: 'Health', href: '/admin/health' }] },
];
