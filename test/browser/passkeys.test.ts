import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WITH_CHROMIUM, launchChromium, openVisit } from '../support/browser.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { send } from './arrivals.ts';

describe('a passkey', WITH_CHROMIUM, () => {
  let browser: Browser;
  let program: TestProgram;
  beforeAll(async () => {
    browser = await launchChromium();
    program = await testProgram();
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  test('is made, signs in without password and code, and is good for nothing once removed', async () => {
    const { email, password } = await program.signUp();
    const visit = await openVisit(browser, program);
    const { page, context } = visit;
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    // Passkeys are for a name: an address in numbers can have none.
    const home = program.url.replace('127.0.0.1', 'localhost');
    await page.goto(`${home}/sign-in`);
    await send(visit, { 'E-mail': email, Password: password }, 'Sign in');
    await page.goto(`${home}/account/security/passkeys`);
    await send(visit, { Name: 'This laptop' }, 'Make the passkey');
    await page.getByText('you can sign in with it').waitFor();
    const signInByPasskey = async (): Promise<void> => {
      await context.clearCookies();
      await page.goto(`${home}/sign-in?next=/account/security`);
      await page.getByRole('button', { name: 'Use a passkey' }).click();
    };
    await signInByPasskey();
    await page.getByRole('button', { name: 'Remove This laptop' }).click();
    await page.getByText('signs nobody in any more').waitFor();
    await signInByPasskey();
    await page.getByText('This passkey is not known here').waitFor();
    expect(page.url()).toContain('/sign-in');
    await visit.close();
  });
});
