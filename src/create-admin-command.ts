import type { Config } from './config.ts';
import { fitting } from './key-commands.ts';
import { catalogueReader } from './lib/catalogue-versions.ts';
import { openDatabase } from './open-database.ts';
import { emailField, nameField, newPasswordField } from './people/fields.ts';
import { createPerson, hashPassword, normalizeEmail } from './people/people.ts';
import { giveStaffRole } from './people/staff.ts';
import { presetFor } from './preset-in-use.ts';
import { type Running, say } from './program.ts';
import { settleSuperAdmin } from './workspaces/super-admins.ts';
import { welcomeNow } from './workspaces/welcome-terms.ts';
import { createPersonalWorkspace } from './workspaces/workspaces.ts';

/** Asks for the password last: whatever else is wrong is told before. */
export async function createAdmin(
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
      const preset = await presetFor(trx, config.preset);
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
