import { readFile } from 'node:fs/promises';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Visit,
  WITH_CHROMIUM,
  launchChromium,
  openVisit,
  signIn,
} from '../support/browser.ts';
import { anybody, startGoogle } from '../people/google-stand-in.ts';
import { type Customer, type TestProgram, testProgram } from '../support/program.ts';
import { keysOnly } from './keys-only.ts';

const NEW_PASSWORD = 'violet anchor tuesday';

describe('people without a mouse', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;
  let google: Awaited<ReturnType<typeof startGoogle>>;
  beforeAll(async () => {
    google = await startGoogle();
    [browser, program] = await Promise.all([
      launchChromium(),
      testProgram({ demo: true, settings: google.settings }),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
    await google.stop();
  });

  const kinds = [{ javaScript: true }, { javaScript: false }];
  describe.concurrent.each(kinds)('with JavaScript: $javaScript', ({ javaScript }) => {
    async function visitAs(who: Customer, path: string): Promise<Visit> {
      const visit = await openVisit(browser, program, { javaScript });
      await signIn(visit, program, who);
      await visit.page.goto(path);
      return visit;
    }

    test('a team: somebody is invited, gets a budget and a role, is handed the workspace, and the first owner leaves', async () => {
      const [ada, grace] = [await program.signUp(), await program.signUp('Grace Hopper')];
      const hers = await visitAs(ada, `/w/${ada.slug}/team`);
      const owner = keysOnly(hers.page);
      await owner.enter({ 'E-mail': grace.email });
      await owner.press('Send the invitation');
      await owner.reads('is on its way by mail');

      const theirs = await visitAs(grace, '/outbox');
      const guest = keysOnly(theirs.page);
      const mailed = theirs.page.getByRole('row').filter({ hasText: grace.email });
      await mailed.getByRole('link', { name: /invites you/ }).press('Enter');
      const mail = theirs.page.frameLocator('iframe').getByRole('link').first();
      await theirs.page.goto((await mail.getAttribute('href')) ?? '');
      await guest.press('Join Ada Byron');
      await theirs.page.getByRole('heading', { name: 'Overview' }).waitFor();

      await hers.page.goto(`/w/${ada.slug}/team`);
      await owner.follow('Grace Hopper');
      await owner.enter({ Credits: '5' });
      await owner.press('Set the budget');
      await owner.reads('used of 5.00 credits');
      await theirs.page.goto(`/w/${ada.slug}/use`);
      await guest.tick(/^Image/);
      await theirs.page.getByLabel(/^Quantity/).press('ControlOrMeta+a');
      await theirs.page.getByLabel(/^Quantity/).pressSequentially('2');
      await guest.press('Run it');
      await guest.reads('Your budget has too little left for Image.');
      expect(await ada.available()).toBe(50_000_000n);

      await owner.tick(/^Admin/);
      await owner.press('Change the role');
      await owner.unfold('Hand the workspace over');
      await owner.tick(/^I hand Ada Byron over/);
      await owner.press('Hand it over');
      await hers.page.goto(`/w/${ada.slug}/team`);
      await owner.unfold('Leave Ada Byron');
      await owner.tick('I leave Ada Byron');
      await owner.press('Leave the workspace');
      await owner.reads('You are in no workspace');
      await theirs.page.goto(`/w/${ada.slug}/activity`);
      await guest.reads('left the workspace');
      expect([...hers.faults, ...theirs.faults]).toEqual([]);
      await hers.close();
      await theirs.close();
    });

    test('a profile: name, time zone and picture, and every page follows', async () => {
      const ada = await program.signUp();
      const { page, faults, close } = await visitAs(ada, '/account');
      const hands = keysOnly(page);
      await hands.enter({ Name: 'Ada Lovelace' });
      await page.getByLabel('Time zone').selectOption('Europe/Berlin');
      await hands.press('Keep the profile');
      await hands.reads('Every page follows it from now on.');
      const create = { width: 40, height: 30, channels: 3 as const, background: '#0d5940' };
      const buffer = await sharp({ create }).png().toBuffer();
      const file = { name: 'me.png', mimeType: 'image/png', buffer };
      await page.getByLabel('File').setInputFiles(file);
      await hands.press('Keep the picture');
      await page.getByAltText('Your picture').waitFor();
      await page.goto(`/w/${ada.slug}/activity`);
      await hands.reads('Berlin time');
      await hands.reads('Ada Lovelace made the workspace');
      expect(faults).toEqual([]);
      await close();
    });

    test('a second step: it is set up, and a code and then a backup code sign in', async () => {
      const ada = await program.signUp();
      const { page, faults, close } = await visitAs(ada, '/account/security');
      const hands = keysOnly(page);
      await hands.follow('Turn it on');
      const words = (await page.getByRole('region', { name: 'Secret' }).textContent()) ?? '';
      const totp = new TOTP({ secret: Secret.fromBase32(words.replaceAll(' ', '')) });
      await hands.enter({ Code: totp.generate() });
      await hands.press('Turn it on');
      await hands.reads('They are shown only now');
      const backup = await page
        .getByLabel('Backup codes')
        .getByRole('listitem')
        .first()
        .innerText();
      await hands.follow('I have kept them');
      // The code of the next half minute, as that of this one was used: when it is entered, not before.
      const next = (): string => totp.generate({ timestamp: Date.now() + 30_000 });
      for (const codeNow of [next, () => backup]) {
        await signOut(page);
        await page.goto('/sign-in');
        await hands.enter({ 'E-mail': ada.email, Password: ada.password });
        await hands.press('Sign in');
        await hands.enter({ Code: codeNow() });
        await hands.press('Sign in');
        await page.getByRole('heading', { name: 'Overview' }).waitFor();
      }
      await page.goto('/account/security');
      await hands.reads('9 backup codes are left');
      expect(faults).toEqual([]);
      await close();
    });

    test('a password that is changed ends other sessions; later ones are ended by a button', async () => {
      const ada = await program.signUp();
      const { page, faults, close } = await visitAs(ada, '/account/security');
      const other = await visitAs(ada, '/account');
      const hands = keysOnly(page);
      await hands.enter({ 'Present password': ada.password, 'New password': NEW_PASSWORD });
      await hands.press('Change the password');
      await hands.reads('Every other device was signed out.');
      await isSignedOut(other.page);
      await signIn(other, program, { ...ada, password: NEW_PASSWORD });
      await page.goto('/account/security');
      await hands.press('Sign out everywhere else');
      await hands.reads('This device');
      await page.getByRole('button', { name: 'Sign out everywhere else' }).waitFor({
        state: 'detached',
      });
      await isSignedOut(other.page);
      expect(faults).toEqual([]);
      await close();
      await other.close();
    });

    test('what is known of somebody is downloaded, and then the account is deleted', async () => {
      const ada = await program.signUp();
      const { page, faults, close } = await visitAs(ada, '/account/data');
      const hands = keysOnly(page);
      const coming = page.waitForEvent('download');
      await hands.follow('Download the copy');
      const copy: unknown = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
      expect(JSON.stringify(z.record(z.string(), z.unknown()).parse(copy))).toContain(ada.email);
      await hands.press('Delete the account');
      await hands.reads('Nothing was deleted.');
      await hands.enter({ 'Your e-mail address': ada.email });
      await hands.tick(/^I give up 50\.00 credits/);
      await hands.press('Delete the account');
      await hands.reads('The account is deleted');
      await page.goto('/sign-in');
      await hands.enter({ 'E-mail': ada.email, Password: ada.password });
      await hands.press('Sign in');
      await page.locator('#refusal').waitFor();
      expect(faults).toEqual([]);
      await close();
    });
  });

  test('a new account begins in the time zone of its device, which is a click away later', async () => {
    const context = await browser.newContext({ baseURL: program.url, timezoneId: 'Asia/Kolkata' });
    const page = await context.newPage();
    const hands = keysOnly(page);
    await page.goto('/sign-up');
    const password = NEW_PASSWORD;
    await hands.enter({ Name: 'Priya Nair', 'E-mail': 'priya@example.com', Password: password });
    await hands.press('Create the account');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto('/account');
    const zone = page.getByLabel('Time zone');
    expect(await zone.inputValue()).toBe('Asia/Kolkata');
    await zone.selectOption('Europe/Berlin');
    await hands.press('Use this device’s');
    expect(await zone.inputValue()).toBe('Asia/Kolkata');
    await context.close();
  });

  // One after the other: Google vouches for one person at a time.
  test.each(kinds)(
    'Google, with JavaScript: $javaScript, is connected, signs in, and once it is disconnected no more',
    async ({ javaScript }) => {
      const ada = await program.signUp();
      google.state.identity = anybody({ email: ada.email });
      const others = [google.url];
      const visit = await openVisit(browser, program, { javaScript, others });
      await signIn(visit, program, ada);
      const { page, faults, close } = visit;
      const hands = keysOnly(page);
      await page.goto('/account/security');
      await hands.press('Connect Google');
      await hands.reads('Google is connected: you can sign in with it.');
      await hands.reads(google.state.identity.email);
      await signOut(page);
      await page.goto('/sign-in?next=/account/security');
      await hands.follow('Continue with Google');
      await hands.press('Disconnect Google');
      await hands.reads('it signs nobody in any more');
      await signOut(page);
      await page.goto('/sign-in');
      await hands.follow('Continue with Google');
      await hands.reads('Google was disconnected from the account');
      await isSignedOut(page);
      expect(faults).toEqual([]);
      await close();
    },
  );
});

async function signOut(page: Page): Promise<void> {
  await keysOnly(page).unfold('account menu');
  await keysOnly(page).press('Sign out');
  await page.getByRole('link', { name: 'Create an account' }).waitFor();
}

async function isSignedOut(page: Page): Promise<void> {
  await page.goto('/account');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}
