import { asStaff } from './admin-scenes.ts';
import { type Scene, send } from './arrivals.ts';

const HOME = '/admin/catalogue';

/** What the staff change of what is sold, given and told. */
export const catalogueScenes: Scene[] = [
  {
    name: 'catalogue packages',
    says: 'Packages',
    open: (visit, program) => asStaff(visit, program, `${HOME}/packages`),
  },
  {
    name: 'catalogue plan',
    says: 'team',
    open: async (visit, program) => {
      await asStaff(visit, program, `${HOME}/plans/team`);
      await visit.page.getByText('Trial', { exact: true }).waitFor();
    },
  },
  {
    name: 'catalogue price tried',
    says: 'Price of',
    open: async (visit, program) => {
      await asStaff(visit, program, `${HOME}/operations/voice.call/price`);
      await send(visit, { 'Try on the last days': '30' }, 'Try it');
      await visit.page.getByText('What it comes to').waitFor();
    },
  },
  {
    name: 'catalogue first steps',
    says: 'First steps',
    open: (visit, program) => asStaff(visit, program, `${HOME}/steps`),
  },
];
