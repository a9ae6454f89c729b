import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { presets } from '../../src/presets/presets.ts';
import { applyPreset } from '../../src/apply-preset.ts';
import { Running } from '../../src/program.ts';
import { Chance } from '../../torture/chance.ts';
import { killPurchases } from '../../torture/purchases.ts';
import { testDatabase } from '../support/database.ts';

const KILLS = 4;
/** A program that starts again takes some seconds where others have the processors. */
const MILLISECONDS_MAX = 180_000;

test(
  'attack 37: killed in the middle of purchases and reconciled, the books have to the cent what Stripe took',
  { timeout: MILLISECONDS_MAX },
  async () => {
    const database = await testDatabase();
    const { connections } = database;
    await connections.app.transaction().execute((trx) => applyPreset(trx, presets.default));
    const folder = await mkdtemp(path.join(tmpdir(), 'scrip-kills-'));
    await chmod(folder, 0o711);
    const running = new Running();
    try {
      const query = (text: string) => database.query(text);
      const place = { databaseUrl: database.url, query, folder };
      const killed = await killPurchases(running, place, { kills: KILLS, chance: new Chance(37) });
      expect(killed.violations).toEqual([]);
      expect(killed.paid).toBeGreaterThan(0);
    } finally {
      await running.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
