import { type Scene, asNewCustomer } from './arrivals.ts';
import { signIn } from '../support/browser.ts';

/** What a business says of itself. */
export const businessScenes: Scene[] = [
  {
    name: 'business profile, filled in from an industry',
    says: 'Business profile',
    open: (visit, program) => asNewCustomer(visit, program, '/business?industry=software'),
  },
  {
    name: 'business profile with goals',
    says: 'Business profile',
    open: async (visit, program) => {
      const customer = await program.signUp('Grace Hopper');
      await customer.browser
        .put('/api/v1/user/business-profile')
        .send({
          ...{ industry: 'agency', about: 'Campaigns for small brands', brand_voice: 'friendly' },
          goals: [
            { title: 'Talk to new brands', measure: 'calls', target: 40, reached: 12 },
            { title: 'Publish a case study', reached: 1 },
          ],
        })
        .expect(200);
      await signIn(visit, program, customer);
      await visit.page.goto(`/w/${customer.slug}/business`);
    },
  },
];
