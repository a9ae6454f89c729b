/**
 * Writes schema.sql and the types of its tables (src/lib/database-types.ts, src/lib/tables)
 * from a freshly migrated database.
 * `node scripts/schema.ts --check` compares instead, and exits 1 when a file is not as it would be.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { format } from 'prettier';
import { migrations } from '../migrations/all.ts';
import { startEmbeddedPostgres } from '../src/lib/embedded-postgres.ts';
import { migrate } from '../src/lib/migrate.ts';
import { readCatalogue, readFunctions } from './catalogue.ts';
import { writeOrCompare } from './generated.ts';
import { schemaText } from './schema-text.ts';
import { typesFiles } from './schema-types.ts';

async function generate(): Promise<Map<string, string>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scrip-schema-'));
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ folder: path.join(folder, 'pg'), durable: false });
  try {
    await migrate({ url: server.url, migrations });
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      const tables = await readCatalogue(client);
      const style = { parser: 'typescript', printWidth: 100, singleQuote: true };
      const files = new Map([['schema.sql', schemaText(tables, await readFunctions(client))]]);
      for (const [name, text] of typesFiles(tables)) {
        files.set(`src/lib/${name}`, await format(text, style));
      }
      return files;
    } finally {
      await client.end();
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await writeOrCompare({
  files: await generate(),
  folders: ['src/lib/tables'],
  command: 'npm run schema',
});
