/** The command line. `npm run cli -- help` */
import { parseArgs } from 'node:util';
import { HELP } from './cli-help.ts';
import { type Config, readConfig } from './config.ts';
import { examine } from './doctor.ts';
import { writeExport } from './export-command.ts';
import { grant } from './grant-command.ts';
import { createKey, fitting, revokeKey } from './key-commands.ts';
import { catalogueReader } from './lib/catalogue-versions.ts';
import { openDatabase } from './open-database.ts';
import { priceLab, setPrice } from './price-commands.ts';
import { showSeals, verify } from './proof-commands.ts';
import { emailField, nameField, newPasswordField } from './people/fields.ts';
import { createPerson, hashPassword, normalizeEmail } from './people/people.ts';
import { giveStaffRole } from './people/staff.ts';
import { showPreset } from './preset-command.ts';
import { presets } from './presets/presets.ts';
import { type Running, runCommand, say } from './program.ts';
import { reconcileNow } from './reconcile-command.ts';
import { resealNow } from './reseal.ts';
import { addWebhook, listWebhooks, removeWebhook } from './webhook-commands.ts';
import { settleSuperAdmin } from './workspaces/super-admins.ts';
import { welcomeNow } from './workspaces/welcome-terms.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

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
    case 'grant':
      return grant(running, readConfig(), values);
    case 'preset':
      return showPreset(running, readConfig(), values);
    case 'export':
      return writeExport(running, readConfig(), values);
    case 'doctor':
      return examine(running, readConfig());
    case 'reseal':
      return resealNow(running, readConfig());
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
        amount: { type: 'string' },
        source: { type: 'string' },
        reason: { type: 'string' },
        key: { type: 'string' },
        apply: { type: 'boolean' },
        of: { type: 'string' },
        until: { type: 'string' },
        format: { type: 'string' },
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
        const welcome = await welcomeNow(catalogueReader(connections.staff));
        await createPersonalWorkspace(inner, created, { currency, welcome });
      });
    }
    const actor = { kind: 'system' } as const;
    const onStaffRole = settleSuperAdmin;
    await giveStaffRole(trx, { who: { email }, role: 'super_admin', actor, onStaffRole });
  });
  say(`${email} is super admin now.`);
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
