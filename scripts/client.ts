/**
 * Writes the calls of the client from the endpoints of the API.
 * `node scripts/client.ts --check` compares instead, and exits 1 when a file is not as it would be.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { ENDPOINTS } from '../src/api/endpoints.ts';
import { apiText, callsText } from './client-text.ts';

const style = { parser: 'typescript', printWidth: 100, singleQuote: true };
const files = new Map([
  ['client/calls.ts', callsText(ENDPOINTS)],
  ['client/api.ts', apiText(ENDPOINTS)],
]);
for (const [file, text] of files) {
  const formatted = await format(text, style);
  if (!process.argv.includes('--check')) {
    await writeFile(file, formatted);
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== formatted) {
    console.error(`${file} is not what the endpoints make. Run: npm run client`);
    process.exitCode = 1;
  }
}
