/**
 * Writes the calls of the client from the endpoints of the API.
 * `node scripts/client.ts --check` compares instead, and exits 1 when a file is not as it would be.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { ENDPOINTS } from '../src/api/endpoints.ts';
import { apiText, callsFiles } from './client-text.ts';

const style = { parser: 'typescript', printWidth: 100, singleQuote: true };
const files = new Map([...callsFiles(ENDPOINTS), ['api.ts', apiText(ENDPOINTS)]]);
const isChecking = process.argv.includes('--check');

// A noun that is gone leaves no file behind.
const there = (await readdir('client/calls').catch(() => [])).map((name) => `calls/${name}`);
for (const file of there.filter((name) => !files.has(name))) {
  if (isChecking) tell(file);
  else await rm(`client/${file}`);
}
await mkdir('client/calls', { recursive: true });
for (const [file, text] of files) {
  const formatted = await format(text, style);
  if (!isChecking) {
    await writeFile(`client/${file}`, formatted);
  } else if ((await readFile(`client/${file}`, 'utf8').catch(() => '')) !== formatted) {
    tell(file);
  }
}

function tell(file: string): void {
  console.error(`client/${file} is not what the endpoints make. Run: npm run client`);
  process.exitCode = 1;
}
