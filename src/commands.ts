import { parseArgs } from 'node:util';
import { HELP } from './cli-help.ts';
import type { Config } from './config.ts';
import { createAdmin } from './create-admin-command.ts';
import { examine } from './doctor.ts';
import { writeExport } from './export-command.ts';
import { grant } from './grant-command.ts';
import { importFile } from './import-command.ts';
import { createKey, revokeKey } from './key-commands.ts';
import { priceLab, setPrice } from './price-commands.ts';
import { showSeals, verify } from './proof-commands.ts';
import { goOnWithPreset } from './preset-command.ts';
import { type Running, say } from './program.ts';
import { reconcileNow } from './reconcile-command.ts';
import { resealNow } from './reseal.ts';
import { addWebhook, listWebhooks, removeWebhook } from './webhook-commands.ts';

/**
 * Does what is asked at the command line.
 * @param words what stands behind the program's name
 * @throws Error with a sentence for the operator
 */
export async function carryOut(
  running: Running,
  words: readonly string[],
  config: () => Config,
): Promise<void> {
  const { positionals, values } = readArguments(words);
  const [command = 'help', ...after] = positionals;
  const [presetName, ...others] = command === 'preset' ? after : [undefined, ...after];
  if (others.length > 0) throw new Error(`${HELP}\n\nThere is no place for ${others.join(' ')}.`);
  switch (command) {
    case 'create-admin':
      return createAdmin(running, config(), values);
    case 'create-key':
      return createKey(running, config(), values);
    case 'revoke-key':
      return revokeKey(running, config(), values.prefix);
    case 'add-webhook':
      return addWebhook(running, config(), values);
    case 'webhooks':
      return listWebhooks(running, config());
    case 'remove-webhook':
      return removeWebhook(running, config(), values.id);
    case 'verify':
      return verify(running, config(), values.seal);
    case 'seals':
      return showSeals(running, config(), values.export === true);
    case 'reconcile':
      return reconcileNow(running, config(), values.since);
    case 'set-price':
      return setPrice(running, config(), values);
    case 'price-lab':
      return priceLab(running, config(), values);
    case 'grant':
      return grant(running, config(), values);
    case 'preset':
      return goOnWithPreset(running, config(), presetName, values);
    case 'export':
      return writeExport(running, config(), values);
    case 'import':
      return importFile(running, config(), values);
    case 'doctor':
      return examine(running, config());
    case 'reseal':
      return resealNow(running, config());
    case 'help':
      say(HELP);
      return;
    default:
      throw new Error(`${HELP}\n\nThere is no command ${command}.`);
  }
}

function readArguments(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
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
        'dry-run': { type: 'boolean' },
        of: { type: 'string' },
        file: { type: 'string' },
        packages: { type: 'string' },
        system: { type: 'string' },
        until: { type: 'string' },
        format: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${HELP}\n`, { cause: error });
  }
}
