import sharp from 'sharp';
import { type Scene, asNewCustomer, send } from './arrivals.ts';

/** What is somebody's own. */
export const profileScenes: Scene[] = [
  {
    name: 'account',
    says: 'Your account',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto(`${program.url}/account`);
    },
  },
  {
    name: 'account with a picture',
    says: 'Your account',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto(`${program.url}/account`);
      const background = { r: 30, g: 110, b: 80 };
      const create = { width: 400, height: 300, channels: 3 as const, background };
      const buffer = await sharp({ create }).png().toBuffer();
      const file = { name: 'me.png', mimeType: 'image/png', buffer };
      await visit.page.getByLabel('File').setInputFiles(file);
      await visit.page.getByRole('button', { name: 'Keep the picture' }).click();
      await visit.page.getByAltText('Your picture').waitFor();
    },
  },
  {
    name: 'account data',
    says: 'Your data',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto(`${program.url}/account/data`);
      await send(visit, { 'Your e-mail address': 'else@example.com' }, 'Delete the account');
      await visit.page.locator('#refusal').waitFor();
    },
  },
];
