import type { TestDatabase } from '../support/database.ts';

/** The path of ours that the newest mail of a kind to an address links to. */
export async function pathMailedTo(
  database: TestDatabase,
  address: string,
  kind: string,
): Promise<string> {
  const [mail] = await database.query<{ text: string }>(
    `select text from mails where to_address = $1 and kind = $2 order by id desc limit 1`,
    [address, kind],
  );
  const path = /https:\/\/scrip\.invalid(\/\S+)/.exec(mail?.text ?? '')?.[1];
  if (path === undefined) throw new Error(`${address} was mailed no link by a ${kind}`);
  return path;
}
