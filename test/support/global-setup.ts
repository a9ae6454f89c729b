import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrations } from '../../migrations/all.ts';
import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { migrate } from '../../src/lib/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The database that each test file clones. */
    templateUrl: string;
  }
}

interface Server {
  templateUrl: string;
  stop(): Promise<void>;
}

/** Both projects that need PostgreSQL share one server, whichever of them asks first. */
const shared = globalThis as { scripTestServer?: Promise<Server>; scripTestProjects?: number };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.scripTestServer ??= startServer();
  shared.scripTestProjects = (shared.scripTestProjects ?? 0) + 1;
  const server = await shared.scripTestServer;
  project.provide('templateUrl', server.templateUrl);
  return async () => {
    shared.scripTestProjects = (shared.scripTestProjects ?? 1) - 1;
    if (shared.scripTestProjects === 0) await server.stop();
  };
}

async function startServer(): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scrip-test-'));
  // As root the server runs as another user, who must get through.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({
    folder: path.join(folder, 'pg'),
    durable: false,
    settings: { max_connections: '300' },
  });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('create database template');
  await client.end();
  const templateUrl = server.url.replace(/\/scrip$/, '/template');
  await migrate({ url: templateUrl, migrations });
  return {
    templateUrl,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
