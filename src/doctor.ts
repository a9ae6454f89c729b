/** What the command line finds out about an installation, and how to mend it. */
import { providerOf } from './assemble.ts';
import { stripeFindings } from './billing/stripe-findings.ts';
import type { Config } from './config.ts';
import { type Finding, bad, good, hint } from './core/findings.ts';
import { examineHere } from './doctor-local.ts';
import { tryMailServer } from './lib/mail-delivery.ts';
import { encryptionKeysOf } from './local-services.ts';
import { openUncheckedDatabase } from './open-database.ts';
import { type Running, say } from './program.ts';

const WAIT_MILLISECONDS = 10_000;

/** @throws Error when something is bad, with how much */
export async function examine(running: Running, config: Config): Promise<void> {
  const found = await ofDatabase(running, config);
  found.push(...(await ofServices(config)));
  for (const one of found) say(lineOf(one));
  const faults = found.filter(({ state }) => state === 'bad').length;
  if (faults > 0) throw new Error(`${faults} of ${found.length} are not as they should be.`);
  say(`${found.length} things were looked at, and nothing is wrong.`);
}

async function ofDatabase(running: Running, config: Config): Promise<Finding[]> {
  try {
    const connections = await openUncheckedDatabase(running, config);
    return await examineHere(config, connections, await encryptionKeysOf(config));
  } catch (error) {
    const mend = 'Is it running, does the address fit, and may this machine connect?';
    return [bad('database', `It cannot be used: ${reasonOf(error)}`, mend)];
  }
}

async function ofServices(config: Config): Promise<Finding[]> {
  const provider = providerOf(config);
  const { baseUrl, mail } = config;
  const found: Finding[] = [];
  if (provider.mode === 'off') {
    const mend = 'Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.';
    found.push(hint('Stripe', 'Buying is off.', mend));
  } else found.push(...(await stripeFindings(provider, baseUrl ?? '')));
  if (mail !== undefined) found.push(await ofMail(mail));
  // The embedded database is this process's now, so that no other one answers.
  if (baseUrl !== undefined && config.database !== undefined) found.push(await ofBaseUrl(baseUrl));
  return found;
}

async function ofMail(mail: NonNullable<Config['mail']>): Promise<Finding> {
  const { host } = new URL(mail.smtpUrl);
  try {
    await tryMailServer(mail);
    return good('mail', `${host} takes mails.`);
  } catch (error) {
    return bad('mail', `${host} does not take mails: ${reasonOf(error)}`, 'See SMTP_URL.');
  }
}

async function ofBaseUrl(baseUrl: string): Promise<Finding> {
  const mend = 'Start the web program, and look at DNS, proxy and BASE_URL.';
  try {
    const signal = AbortSignal.timeout(WAIT_MILLISECONDS);
    const { status } = await fetch(`${baseUrl}/readyz`, { signal, redirect: 'manual' });
    if (status === 200) return good('base URL', `${baseUrl} answers, and is ready.`);
    return bad('base URL', `${baseUrl}/readyz answers ${status}.`, mend);
  } catch (error) {
    return hint('base URL', `${baseUrl} is not reached from here: ${reasonOf(error)}`, mend);
  }
}

const WORDS = { good: 'ok  ', hint: 'HINT', bad: 'BAD ' };

function lineOf({ about, state, says, mend }: Finding): string {
  return `${WORDS[state]}  ${about}: ${says}${mend === undefined ? '' : `\n      ${mend}`}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}
