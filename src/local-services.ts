import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import type { ProviderOptions } from './billing/provider.ts';
import type { Config } from './config.ts';
import { startEmbeddedPostgres } from './lib/embedded-postgres.ts';
import { keepSecrets, keptSecrets, newSecret } from './local-secrets.ts';
import type { DatabaseAddress } from './prepare.ts';

/** What the program starts for itself when it is given no database. */
export interface LocalServices {
  address: DatabaseAddress;
  stop(): Promise<void>;
}

/** The embedded database of the preset. Throws an Error whose message is a sentence for the operator. */
export async function startLocalServices(
  config: Config,
  say: (sentence: string) => void,
): Promise<LocalServices> {
  const postgres = await startEmbeddedPostgres({
    folder: path.join(folderOf(config), 'postgres'),
    say,
  });
  return {
    address: { url: postgres.url, migrationUrl: postgres.url, appUser: undefined },
    stop: () => postgres.stop(),
  };
}

/** What signs the session cookies: as the settings say, or made once and kept. */
export async function sessionSecretsOf(config: Config): Promise<string[]> {
  if (config.sessionSecrets.length > 0) return config.sessionSecrets;
  return [(await keptSecrets(folderOf(config))).session];
}

/** What the hours of the ledger are sealed with; empty when nobody has named a key for a database. */
export async function sealKeysOf(config: Config): Promise<string[]> {
  if (config.sealKeys.length > 0 || config.database !== undefined) return config.sealKeys;
  return [await keptKey(config, 'seal')];
}

/**
 * What secrets in the database are encrypted with, the newest first. Earlier versions used the
 * secrets of the sessions: what they encrypted can still be read.
 */
export async function encryptionKeysOf(config: Config): Promise<string[]> {
  const { encryptionKeys: given } = config;
  const keys = given.length > 0 ? given : [await keptKey(config, 'encryption')];
  return [...keys, ...(await sessionSecretsOf(config))];
}

/** A key that an earlier version of the program did not make is made now. */
async function keptKey(config: Config, name: 'seal' | 'encryption'): Promise<string> {
  const secrets = await keptSecrets(folderOf(config));
  const kept = secrets[name];
  if (kept !== undefined) return kept;
  const made = newSecret();
  await keepSecrets(folderOf(config), { ...secrets, [name]: made });
  return made;
}

export interface SimulatedStripe extends ProviderOptions {
  apiUrl: string;
  stop(): Promise<void>;
}

/**
 * The stand-in for Stripe as a process of its own. It keeps its state in a file, so that a payment
 * made just before the program was killed is still told after the next start; and it ends when this
 * process does, however that ends.
 * @param programUrl where webhooks are to be sent: scheme, address and port of this program
 */
export async function startSimulatedStripe(
  config: Config,
  programUrl: string,
): Promise<SimulatedStripe> {
  const secrets = await keptSecrets(folderOf(config));
  const port = new URL(programUrl).port;
  const options = [
    ...['--state', path.join(folderOf(config), `stripe-${port}.json`)],
    ...['--webhook-url', `${programUrl}/webhooks/stripe`],
    ...['--webhook-secret', secrets.stripe_webhook],
    ...['--secret-key', secrets.stripe_key],
  ];
  // Links to payment pages stay good over a restart when the port stays the same.
  const started = await startChild(['--port', String(secrets.stripe_port), ...options]).catch(() =>
    startChild(['--port', '0', ...options]),
  );
  const stripe_port = Number(new URL(started.url).port);
  if (stripe_port !== secrets.stripe_port)
    await keepSecrets(folderOf(config), { ...secrets, stripe_port });
  return {
    secretKey: secrets.stripe_key,
    webhookSecrets: [secrets.stripe_webhook],
    apiUrl: started.url,
    stop: () => stopChild(started.child),
  };
}

const Listening = z.object({ listening: z.url() });
const CHILD_STOP_MILLISECONDS_MAX = 3_000;

function startChild(options: string[]): Promise<{ child: ChildProcess; url: string }> {
  const program = path.join(import.meta.dirname, '..', 'stand-ins', 'stripe', 'server.ts');
  // A group of its own: Ctrl-C reaches this program alone, which then stops its services in order.
  const child = fork(program, options, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`The stand-in for Stripe did not start. ${complaint.trim()}`));
    });
    child.once('message', (message) => {
      resolve({ child, url: Listening.parse(message).listening });
    });
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const late = setTimeout(() => child.kill('SIGKILL'), CHILD_STOP_MILLISECONDS_MAX);
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
  clearTimeout(late);
}

function folderOf(config: Config): string {
  return path.join(config.dataFolder, config.preset ?? 'default');
}
