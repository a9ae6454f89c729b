import { sql } from 'kysely';
import type { Db } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';

const WRITE_MILLISECONDS = 60_000;

/**
 * When each key was used last: noted in memory, and written for all keys at once about each minute
 * and at the end. A process that is killed forgets the last minute.
 */
export class ApiKeyUses {
  private readonly db: Db;
  private readonly log: Logger;
  private used = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  /** @param db one that may write the keys of all workspaces */
  constructor(db: Db, log: Logger) {
    this.db = db;
    this.log = log;
  }

  note(keyId: string): void {
    this.used.set(keyId, Date.now());
  }

  start(): this {
    this.timer = setInterval(() => void this.write(), WRITE_MILLISECONDS).unref();
    return this;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  /**
   * Keys that another process writes at the same moment are left out: they have its time, which is as
   * good. What cannot be written is tried again a minute later.
   */
  async write(): Promise<void> {
    const used = this.used;
    if (used.size === 0) return;
    this.used = new Map();
    try {
      await sql`
        update api_keys k set last_used_at = greatest(k.last_used_at, used.at)
        from unnest(${[...used.keys()]}::uuid[], ${timesOf(used)}::timestamptz[]) as used(id, at)
        where k.id = used.id and k.id in (
          select id from api_keys where id = any(${[...used.keys()]}::uuid[])
          for no key update skip locked)`.execute(this.db);
    } catch (error) {
      for (const [id, at] of used) if (!this.used.has(id)) this.used.set(id, at);
      this.log.warn({ err: error }, 'when keys were used last was not written');
    }
  }
}

function timesOf(used: ReadonlyMap<string, number>): string[] {
  return [...used.values()].map((at) => new Date(at).toISOString());
}
