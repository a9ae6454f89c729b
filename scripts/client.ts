/**
 * Writes the calls of the client from the endpoints of the API.
 * `node scripts/client.ts --check` compares instead, and exits 1 when a file is not as it would be.
 */
import { format } from 'prettier';
import { ENDPOINTS } from '../src/api/endpoints.ts';
import { apiText, callsFiles } from './client-text.ts';
import { writeOrCompare } from './generated.ts';

const style = { parser: 'typescript', printWidth: 100, singleQuote: true };
const files = new Map<string, string>();
for (const [name, text] of [...callsFiles(ENDPOINTS), ['api.ts', apiText(ENDPOINTS)] as const]) {
  files.set(`client/${name}`, await format(text, style));
}
await writeOrCompare({ files, folders: ['client/calls'], command: 'npm run client' });
