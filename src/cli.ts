/** The command line. `npm run cli -- help` */
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { type Config, readConfig } from './config.ts';
import { type Db, type Trx, inWorkspace } from './lib/database.ts';
import { openDatabase } from './open-database.ts';
import { priceLab, setPrice } from './price-commands.ts';
import { showSeals, verify } from './proof-commands.ts';
import { emailField, nameField, newPasswordField } from './people/fields.ts';
import { createPerson, hashPassword, normalizeEmail } from './people/people.ts';
import { giveStaffRole } from './people/staff.ts';
import { welcomeOf } from './prepare.ts';
import { presets } from './presets/presets.ts';
import { type Running, runCommand, say } from './program.ts';
import { reconcileNow } from './reconcile-command.ts';
import { addWebhook, listWebhooks, removeWebhook } from './webhook-commands.ts';
import {
  type Scope,
  createApiKey,
  ownerOfApiKey,
  revokeApiKey,
  scopesFor,
} from './workspaces/api-keys.ts';
import { findAccount } from './workspaces/customers.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

const HELP = `npm run cli -- COMMAND

  create-admin --email ADDRESS [--name NAME]
      makes a super admin; for somebody new the password is read from the first line of standard
      input
  create-key --name NAME [--workspace SLUG] [--test] [--scopes SCOPE,…]
      makes a key of the API and prints it, this once; without --workspace it is a key of the
      service, which acts on all wallets; with --test on test wallets; scopes: all, if none is named
  revoke-key --prefix PREFIX
      ends a key at once; a key begins with its prefix: scrip_live_ and twelve characters
  add-webhook --url URL [--events EVENT,…] [--test]
      adds an endpoint of the seller, which is told of all live or test wallets, and prints the secret
      that signs its messages, this once; events: all, if none is named
  webhooks
      lists the seller's endpoints
  remove-webhook --id ID
      ends one of them
  verify [--seal SEAL]
      proves that the ledger adds up and is as it was sealed; prints each violation and ends with 1
      if there is one; with --seal also that an exported seal is still part of it
  seals [--export]
      says up to when the ledger is sealed; with --export prints the last seal, to be kept elsewhere
  reconcile [--since DATE]
      asks Stripe what was paid, given back and disputed since the last time or a day, takes in what
      no webhook has brought, and prints each day; ends with 1 if something does not agree
  set-price --operation CODE --rule FILE [--customer ID | --workspace SLUG] [--from TIME] [--name NAME]
      adds a version of a price, of components in JSON, for everybody or for one, from now on or from
      a later moment; with a name for an operation that was not sold before
  price-lab --operation CODE --rule FILE [--days N]
      prices what was used in the last N days (30) by the draft in a file, a list of components in
      JSON: what each customer was charged and would have been, and who would have run out
  help`;

await runCommand(async (running) => {
  const { positionals, values } = readArguments();
  const [command = 'help', ...others] = positionals;
  if (others.length > 0) throw new Error(`${HELP}\n\nThere is no place for ${others.join(' ')}.`);
  switch (command) {
    case 'create-admin':
      return createAdmin(running, readConfig(), values);
    case 'create-key':
      return createKey(running, readConfig(), values);
    case 'revoke-key':
      return revokeKey(running, readConfig(), values.prefix);
    case 'add-webhook':
      return addWebhook(running, readConfig(), values);
    case 'webhooks':
      return listWebhooks(running, readConfig());
    case 'remove-webhook':
      return removeWebhook(running, readConfig(), values.id);
    case 'verify':
      return verify(running, readConfig(), values.seal);
    case 'seals':
      return showSeals(running, readConfig(), values.export === true);
    case 'reconcile':
      return reconcileNow(running, readConfig(), values.since);
    case 'set-price':
      return setPrice(running, readConfig(), values);
    case 'price-lab':
      return priceLab(running, readConfig(), values);
    case 'help':
      say(HELP);
      return;
    default:
      throw new Error(`${HELP}\n\nThere is no command ${command}.`);
  }
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        name: { type: 'string' },
        workspace: { type: 'string' },
        test: { type: 'boolean' },
        scopes: { type: 'string' },
        prefix: { type: 'string' },
        url: { type: 'string' },
        events: { type: 'string' },
        id: { type: 'string' },
        seal: { type: 'string' },
        export: { type: 'boolean' },
        operation: { type: 'string' },
        rule: { type: 'string' },
        customer: { type: 'string' },
        from: { type: 'string' },
        days: { type: 'string' },
        since: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${HELP}\n`, { cause: error });
  }
}

/** Asks for the password last: whatever else is wrong is told before. */
async function createAdmin(
  running: Running,
  config: Config,
  values: { email?: string | undefined; name?: string | undefined },
): Promise<void> {
  if (values.email === undefined) throw new Error('create-admin needs --email ADDRESS.');
  const email = fitting(emailField, values.email);
  const name = fitting(nameField, values.name ?? email.replace(/@.*/, ''));
  const connections = await openDatabase(running, config);
  const known = await connections.app
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', normalizeEmail(email))
    .executeTakeFirst();
  const password_hash =
    known === undefined
      ? await hashPassword(fitting(newPasswordField, await readPassword()))
      : undefined;
  await connections.app.transaction().execute(async (trx) => {
    if (password_hash !== undefined) {
      const preset = presets[config.preset];
      const person = { email, name, password_hash, verified: true };
      await createPerson(trx, person, async (inner, created) => {
        const { currency } = preset;
        await createPersonalWorkspace(inner, created, { currency, welcome: welcomeOf(preset) });
      });
    }
    await giveStaffRole(trx, { who: { email }, role: 'super_admin', actor: { kind: 'system' } });
  });
  say(`${email} is super admin now.`);
}

interface KeyValues {
  name?: string | undefined;
  workspace?: string | undefined;
  test?: boolean | undefined;
  scopes?: string | undefined;
}

async function createKey(running: Running, config: Config, values: KeyValues): Promise<void> {
  if (values.name === undefined) throw new Error('create-key needs --name NAME.');
  const name = fitting(nameField, values.name);
  const slug = values.workspace;
  const scopes = scopesOf(values.scopes, scopesFor(slug ?? null));
  const { app, staff } = await openDatabase(running, config);
  const workspace_id = slug === undefined ? null : await workspaceIdOf(staff, slug);
  const livemode = values.test !== true;
  const { secret } = await inTransactionOf(app, workspace_id, (trx) =>
    createApiKey(trx, { name, workspace_id, livemode, scopes }),
  );
  say(`This key is shown only now. Keep it where secrets are kept:\n${secret}`);
}

async function revokeKey(
  running: Running,
  config: Config,
  prefix: string | undefined,
): Promise<void> {
  if (prefix === undefined) throw new Error('revoke-key needs --prefix PREFIX.');
  const { app, staff } = await openDatabase(running, config);
  const owner = await ownerOfApiKey(staff, prefix);
  if (owner === undefined) throw new Error(`There is no key that begins with ${prefix}.`);
  const revoked = await inTransactionOf(app, owner.workspace_id, (trx) =>
    revokeApiKey(trx, { prefix }),
  );
  say(revoked ? `${prefix} is revoked.` : `${prefix} was revoked before.`);
}

/** What belongs to a workspace is written as that workspace; what is the service's, as nobody. */
function inTransactionOf<Result>(
  db: Db,
  workspaceId: string | null,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  if (workspaceId === null) return db.transaction().execute(work);
  return inWorkspace(db, workspaceId, work);
}

/** All that are allowed, if none is named. */
function scopesOf(text: string | undefined, allowed: readonly Scope[]): readonly Scope[] {
  if (text === undefined) return allowed;
  return text.split(',').map((word) => {
    const scope = allowed.find((one) => one === word.trim());
    if (scope === undefined)
      throw new Error(`There is no scope ${word} for it, but ${allowed.join(', ')}.`);
    return scope;
  });
}

async function workspaceIdOf(db: Db, slug: string): Promise<string> {
  const account = await findAccount(db, { slug }, true);
  if (account === undefined) throw new Error(`There is no workspace ${slug}.`);
  return account.workspace_id;
}

function fitting(field: z.ZodType<string>, text: string): string {
  const parsed = field.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join(' '));
}

async function readPassword(): Promise<string> {
  say('The password, on one line:');
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const [password = ''] = text.split(/\r?\n/);
  return password;
}
