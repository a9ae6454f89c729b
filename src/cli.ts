/** The command line. `node src/cli.ts help` */
import { parseArgs } from 'node:util';
import { type Config, readConfig } from './config.ts';
import { verifyLedger } from './ledger/verify.ts';
import type { Connections } from './lib/database.ts';
import { startLocalServices } from './local-services.ts';
import { createPerson, hashPassword, normalizeEmail } from './people/people.ts';
import { giveStaffRole } from './people/staff.ts';
import { creditsOf, openConnections, prepareDatabase } from './prepare.ts';
import { presets } from './presets/presets.ts';
import { runProgram, say } from './program.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

const HELP = `node src/cli.ts COMMAND

  create-admin --email ADDRESS [--name NAME]
      makes a super admin; for somebody new the password is read from the first line of standard
      input
  verify
      proves that the ledger adds up; prints each violation and ends with 1 if there is one
  help`;

await runProgram(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { email: { type: 'string' }, name: { type: 'string' } },
  });
  switch (positionals[0]) {
    case 'create-admin':
      return withDatabase((connections, config) => createAdmin(connections, config, values));
    case 'verify':
      return withDatabase(verify);
    case undefined:
    case 'help':
      say(HELP);
      return;
    default:
      throw new Error(`There is no command ${positionals[0]}.\n\n${HELP}`);
  }
});

async function withDatabase(
  work: (connections: Connections, config: Config) => Promise<void>,
): Promise<void> {
  const config = readConfig();
  const local = config.database === undefined ? await startLocalServices(config, say) : undefined;
  try {
    const address = config.database ?? local?.address;
    if (address === undefined) throw new Error('there is no database');
    if (config.migrateOnBoot) await prepareDatabase(config, address);
    const connections = await openConnections(config, address, () => undefined);
    await work(connections, config).finally(() => connections.close());
  } finally {
    await local?.stop();
  }
}

async function verify(connections: Connections): Promise<void> {
  const violations = await verifyLedger(connections.staff);
  for (const { rule, wallet_id, detail } of violations) {
    say(`wallet ${wallet_id}${detail === '' ? '' : `, ${detail}`}: not so that ${rule}`);
  }
  if (violations.length > 0)
    throw new Error(`The ledger does not add up: ${violations.length} found.`);
  say('The ledger adds up.');
}

async function createAdmin(
  connections: Connections,
  config: Config,
  values: { email?: string | undefined; name?: string | undefined },
): Promise<void> {
  const { email } = values;
  if (email === undefined) throw new Error('create-admin needs --email ADDRESS.');
  const known = await connections.app
    .selectFrom('people')
    .select('id')
    .where('email_normalized', '=', normalizeEmail(email))
    .executeTakeFirst();
  const password_hash = known === undefined ? await hashPassword(await readPassword()) : undefined;
  await connections.app.transaction().execute(async (trx) => {
    if (password_hash !== undefined) {
      const preset = presets[config.preset];
      await createPerson(
        trx,
        { email, name: values.name ?? email, password_hash, verified: true },
        async (inner, person) => {
          await createPersonalWorkspace(inner, person, {
            currency: preset.currency,
            welcome: { amount_micro: creditsOf(preset.welcome.credits) },
          });
        },
      );
    }
    await giveStaffRole(trx, { who: { email }, role: 'super_admin', actor: { kind: 'system' } });
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
  if (password.length < 10) throw new Error('The password needs at least ten characters.');
  return password;
}
