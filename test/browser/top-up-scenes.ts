import { signIn } from '../support/browser.ts';
import { CHOSEN, topUpNow, toppedUp } from '../support/top-ups.ts';
import { type Scene, asNewCustomer } from './arrivals.ts';

/** Credits that are bought by themselves. */
export const topUpScenes: Scene[] = [
  {
    name: 'auto top-up without a card',
    says: 'Auto top-up',
    open: (visit, program) => asNewCustomer(visit, program, '/auto-top-up'),
  },
  {
    name: 'auto top-up to be confirmed',
    says: 'Auto top-up',
    open: async (visit, program) => {
      const customer = await toppedUp(program, { card: 'pm_card_authenticationRequired' });
      await topUpNow(program);
      await signIn(visit, program, customer);
      await visit.page.goto(`/w/${customer.slug}/auto-top-up`);
    },
  },
  {
    name: 'consent to auto top-up',
    says: 'Turn on auto top-up',
    open: async (visit, program) => {
      const customer = await toppedUp(program);
      await signIn(visit, program, customer);
      const query = new URLSearchParams(CHOSEN).toString();
      await visit.page.goto(`/w/${customer.slug}/auto-top-up/consent?${query}`);
    },
  },
];
