/**
 * Writes schema.sql and src/lib/database-types.ts from a freshly migrated database.
 * `node scripts/schema.ts --check` compares instead, and exits 1 when a file is not as it would be.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { format } from 'prettier';
import { migrations } from '../migrations/all.ts';
import { startEmbeddedPostgres } from '../src/lib/embedded-postgres.ts';
import { migrate } from '../src/lib/migrate.ts';
import { readCatalogue, readFunctions } from './catalogue.ts';
import { schemaText } from './schema-text.ts';
import { typesText } from './schema-types.ts';

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
      const types = await format(typesText(tables), {
        parser: 'typescript',
        printWidth: 100,
        singleQuote: true,
      });
      return new Map([
        ['schema.sql', schemaText(tables, await readFunctions(client))],
        ['src/lib/database-types.ts', types],
      ]);
    } finally {
      await client.end();
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const check = process.argv.includes('--check');
for (const [file, text] of await generate()) {
  if (!check) {
    await writeFile(file, text);
    continue;
  }
  const written = await readFile(file, 'utf8').catch(() => '');
  if (written !== text) {
    console.error(`${file} is not what the migrations make. Run: npm run schema`);
    process.exitCode = 1;
  }
}
