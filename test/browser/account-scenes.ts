import { Secret, TOTP } from 'otpauth';
import { expect } from 'vitest';
import type { Visit } from '../support/browser.ts';
import type { Customer, TestProgram } from '../support/program.ts';
import { pathMailedTo } from '../people/mailed.ts';
import { type Scene, asNewCustomer, send } from './arrivals.ts';

const PASSWORD = 'violet anchor tuesday';

/** Somebody who has just made an account by its page. */
async function justSignedUp(visit: Visit): Promise<string> {
  const email = `ada-${performance.now()}@example.com`;
  await visit.page.goto('/sign-up');
  await send(
    visit,
    { Name: 'Ada Byron', 'E-mail': email, Password: PASSWORD },
    'Create the account',
  );
  await visit.page.getByText('not verified yet').waitFor();
  return email;
}

/** Opens the link of the newest mail of a kind. */
async function openMailed(
  { page }: Visit,
  program: TestProgram,
  email: string,
  kind: string,
): Promise<void> {
  await page.goto(await pathMailedTo(program.database, email, kind));
}

/** Somebody new who turned the second step on, at the backup codes. */
async function turnOn(visit: Visit, program: TestProgram): Promise<Customer> {
  const customer = await asNewCustomer(visit, program, '');
  const { page } = visit;
  await page.goto('/account/security/codes');
  const words = (await page.getByRole('region', { name: 'Secret' }).textContent()) ?? '';
  const secret = Secret.fromBase32(words.replaceAll(' ', ''));
  await send(visit, { Code: new TOTP({ secret }).generate() }, 'Turn it on');
  await page.getByText('They are shown only now').waitFor();
  return customer;
}

const hasMail = async (program: TestProgram, email: string, kind: string): Promise<boolean> => {
  const mails = 'select 1 from mails where to_address = $1 and kind = $2';
  return (await program.database.query(mails, [email, kind])).length > 0;
};

/** How people get in and stay in. */
export const accountScenes: Scene[] = [
  { name: 'address not verified', says: 'Overview', open: justSignedUp },
  {
    name: 'verify another link',
    says: 'Verify your e-mail address',
    open: async (visit) => {
      await justSignedUp(visit);
      await visit.page.getByRole('link', { name: 'Verify it' }).click();
      await send(visit, {}, 'Send another link');
      await visit.page.getByText('A new link is on its way').waitFor();
    },
  },
  {
    name: 'verify by the link',
    says: 'Is this your address?',
    open: async (visit, program) => {
      await openMailed(visit, program, await justSignedUp(visit), 'address.verify');
    },
  },
  {
    name: 'verified',
    says: 'Your address is verified',
    open: async (visit, program) => {
      await openMailed(visit, program, await justSignedUp(visit), 'address.verify');
      await send(visit, {}, 'It is mine');
      await visit.page.getByText('and we write to you there').waitFor();
    },
  },
  {
    name: 'link that is over',
    says: 'This link is no longer good',
    open: async (visit) => {
      await justSignedUp(visit);
      await visit.page.goto('/verify/nothing');
    },
  },
  {
    name: 'forgot the password',
    says: 'Forgot the password?',
    open: async ({ page }) => {
      await page.goto('/sign-in');
      await page.getByRole('link', { name: 'Forgot the password?' }).click();
      await page.getByRole('button', { name: 'Mail me a link' }).waitFor();
    },
  },
  {
    name: 'forgot the password, asked',
    says: 'Look into your mails',
    open: async (visit) => {
      await visit.page.goto('/forgot');
      await send(visit, { 'E-mail': 'nobody@example.com' }, 'Mail me a link');
      await visit.page.getByText('is on its way there').waitFor();
    },
  },
  {
    name: 'reset the password',
    says: 'Choose a new password',
    open: async (visit, program) => {
      const email = await justSignedUp(visit);
      await visit.page.goto('/forgot');
      await send(visit, { 'E-mail': email }, 'Mail me a link');
      await expect.poll(() => hasMail(program, email, 'password.reset')).toBe(true);
      await openMailed(visit, program, email, 'password.reset');
      await send(visit, { 'New password': 'short' }, 'Set the password');
      await visit.page.getByText('One field needs a change').waitFor();
    },
  },
  {
    name: 'security',
    says: 'Your account',
    open: async (visit, program) => {
      const customer = await asNewCustomer(visit, program, '');
      await program.browser().post('/sign-in').type('form').send(customer);
      await visit.page.goto('/account/security');
      await visit.page.getByText('Sign out everywhere else').waitFor();
    },
  },
  {
    name: 'security, Google as the only way in',
    says: 'Your account',
    open: async (visit, program) => {
      const { email } = await asNewCustomer(visit, program, '');
      await program.database.query(
        `update people set google_subject = id, google_email = 'ada.lovelace.of.london@gmail.com',
           email_verified_at = now(), password_hash = null where email = $1`,
        [email],
      );
      await visit.page.goto('/account/security?kept=last-google');
      await visit.page.getByText('It is the only way into your account.').waitFor();
    },
  },
  {
    name: 'security, a wrong password',
    says: 'Your account',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto('/account/security');
      const fields = { 'Present password': 'not this one', 'New password': PASSWORD };
      await send(visit, fields, 'Change the password');
      await visit.page.getByText('This is not your present password.').waitFor();
    },
  },
  {
    name: 'is it you',
    says: 'Is it you?',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto('/account/confirm?next=/account/security');
      await send(visit, { Password: 'not this one' }, 'Go on');
      await visit.page.getByText('This is not your password.').waitFor();
    },
  },
  {
    name: 'an address taken back',
    says: 'Take your account back?',
    open: async (visit, program) => {
      const customer = await asNewCustomer(visit, program, '');
      const next = `ada-${performance.now()}@example.com`;
      await visit.page.goto('/account/security');
      await send(visit, { 'New address': next }, 'Mail a link to the new address');
      await visit.page.getByText('A link is on its way to the new address').waitFor();
      await openMailed(visit, program, next, 'address.verify');
      await send(visit, {}, 'It is mine');
      await visit.page.getByText('Your address is verified').waitFor();
      await openMailed(visit, program, customer.email, 'address.changed');
    },
  },
  {
    name: 'second step, turning it on',
    says: 'Turn the second step on',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto('/account/security/codes');
      await send(visit, { Code: '000000' }, 'Turn it on');
      await visit.page.getByText('This is not the code').waitFor();
    },
  },
  {
    name: 'second step, backup codes',
    says: 'Your backup codes',
    open: async (visit, program) => {
      await turnOn(visit, program);
      const coming = visit.page.waitForEvent('download');
      await visit.page.getByRole('link', { name: 'Download them' }).click();
      expect((await coming).suggestedFilename()).toBe('scrip-backup-codes.txt');
    },
  },
  {
    name: 'second step on',
    says: 'Your account',
    open: async (visit, program) => {
      await turnOn(visit, program);
      await visit.page.getByRole('link', { name: 'I have kept them' }).click();
      await visit.page.getByText('10 backup codes are left').waitFor();
    },
  },
  {
    name: 'second step, turning it off',
    says: 'Turn the second step off',
    open: async (visit, program) => {
      await turnOn(visit, program);
      await visit.page.goto('/account/security/codes/off');
      await send(visit, { 'Code or password': 'neither of them' }, 'Turn it off');
      await visit.page.getByText('Neither a code nor your password.').waitFor();
    },
  },
  {
    name: 'second step of a sign-in',
    says: 'Enter the code',
    open: async (visit, program) => {
      const customer = await turnOn(visit, program);
      await visit.context.clearCookies();
      await visit.page.goto('/sign-in');
      const { email, password } = customer;
      await send(visit, { 'E-mail': email, Password: password }, 'Sign in');
      await send(visit, { Code: '000000' }, 'Sign in');
      await visit.page.getByText('This code is not good').waitFor();
    },
  },
  {
    name: 'passkey, adding one',
    says: 'Add a passkey',
    open: async (visit, program) => {
      await asNewCustomer(visit, program, '');
      await visit.page.goto('/account/security/passkeys');
      await visit.page.getByRole('button', { name: 'Make the passkey' }).waitFor();
    },
  },
];
