import { z } from 'zod';
import { decimalCredits, parseCredits } from '../core/credits.ts';
import type { CatalogueItem, ReadCatalogue } from '../lib/catalogue-versions.ts';
import type { Told } from '../lib/changes.ts';
import type { Welcome } from './welcome-grant.ts';

/** The welcome credits are one item of the catalogue, which has this code. */
export const WELCOME_CODE = 'welcome';
const NOTHING: Welcome = { amount_micro: 0n };

/** What everybody is given at the moment who joins. */
export async function welcomeNow(read: ReadCatalogue): Promise<Welcome> {
  const [item] = await read('welcome');
  return item === undefined ? NOTHING : welcomeIn(item.content);
}

const Content = z.object({
  credits: z.string(),
  expires_after_days: z.int().positive().optional(),
  guard: z
    .object({ verified_address: z.boolean(), accounts_a_day_from_block: z.int().positive() })
    .optional(),
});

/** The welcome credits from what is stored. */
export function welcomeIn(content: unknown): Welcome {
  const { credits, ...terms } = Content.parse(content);
  const amount_micro = parseCredits(credits);
  if (amount_micro === undefined) throw new Error(`the welcome has no credits in "${credits}"`);
  return { ...terms, amount_micro };
}

/** The same as it is stored. */
export function welcomeContent({ amount_micro, ...terms }: Welcome) {
  return { ...terms, credits: decimalCredits(amount_micro) };
}

export function toldWelcome({ active, content }: CatalogueItem): Told {
  const { amount_micro, expires_after_days, guard } = welcomeIn(content);
  return {
    credits: decimalCredits(amount_micro),
    expires: expires_after_days === undefined ? 'never' : String(expires_after_days),
    guarded: guard === undefined ? 'no' : 'yes',
    verified_address: guard?.verified_address === true ? 'yes' : 'no',
    accounts: guard === undefined ? '' : String(guard.accounts_a_day_from_block),
    active: active ? 'yes' : 'no',
  };
}
