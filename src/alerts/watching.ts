import { sql } from 'kysely';
import type { AlertSettings } from '../core/alerts.ts';
import {
  type BalanceMark,
  MARK_NAMES,
  type MarkName,
  balanceNews,
} from '../core/balance-alerts.ts';
import { decimalCredits } from '../core/credits.ts';
import { type WatchedWallet, lockWatched, watchWallets } from '../ledger/watches.ts';
import type { Trx } from '../lib/database.ts';
import { type NewAlert, type RaisedAlert, raise } from './raising.ts';
import { settingsOf } from './settings.ts';
import type { UnsubscribeLinks } from './unsubscribe-links.ts';

/**
 * Looks at what is available in wallets, under their locks: raises what they have fallen below, ends
 * what they have risen above, and leaves the range in which nobody has to look again. What made
 * somebody look does not matter, so nothing is missed between two looks, and looking twice is harmless.
 * @param trx as the ledger
 */
export async function lookAtBalances(
  trx: Trx,
  walletIds: readonly string[],
  links: UnsubscribeLinks,
): Promise<RaisedAlert[]> {
  const wallets = await lockWatched(trx, [...new Set(walletIds)]);
  if (wallets.length === 0) return [];
  const settingsFor = await settingsOf(
    trx,
    wallets.map(({ workspace_id }) => workspace_id),
  );
  const lasting = await lastingMarks(
    trx,
    wallets.map(({ id }) => id),
  );
  const looks = wallets.map((wallet) => {
    const settings = settingsFor(wallet.workspace_id);
    const news = balanceNews(wallet, settings, lasting.get(wallet.id) ?? []);
    return { wallet, settings, news };
  });
  await end(
    trx,
    looks.flatMap(({ wallet, news }) => news.ended.map((mark) => ({ id: wallet.id, mark }))),
  );
  await watchWallets(
    trx,
    looks
      .filter(
        ({ wallet, news }) =>
          wallet.watch_below !== news.watch_below || wallet.watch_above !== news.watch_above,
      )
      .map(({ wallet: { id }, news: { watch_below, watch_above } }) => ({
        ...{ id, watch_below, watch_above },
      })),
  );
  return raise(
    trx,
    looks.flatMap(({ wallet, settings, news }) => [
      ...news.raised.map((mark, index) => ({
        ...lowAlert(wallet, mark, settings),
        quiet: index > 0 || !news.isWorse,
      })),
      ...(news.isRecovered ? [recoveredAlert(wallet)] : []),
    ]),
    links,
  );
}

/** The marks of which each wallet is known to be below. */
async function lastingMarks(
  trx: Trx,
  walletIds: readonly string[],
): Promise<Map<string, MarkName[]>> {
  const rows = await trx
    .selectFrom('alerts')
    .select(['wallet_id', 'subject'])
    .where('wallet_id', 'in', walletIds)
    .where('kind', '=', 'balance_low')
    .where('ended_at', 'is', null)
    .execute();
  const named = rows.flatMap(({ wallet_id, subject }) => {
    const mark = MARK_NAMES.find((name) => name === subject);
    return mark === undefined ? [] : [{ wallet_id, mark }];
  });
  return new Map(
    Map.groupBy(named, ({ wallet_id }) => wallet_id)
      .entries()
      .map(([id, marks]) => [id, marks.map(({ mark }) => mark)]),
  );
}

async function end(trx: Trx, over: readonly { id: string; mark: MarkName }[]): Promise<void> {
  if (over.length === 0) return;
  await sql`
    update alerts a set ended_at = now()
    from unnest(${over.map(({ id }) => id)}::uuid[], ${over.map(({ mark }) => mark)}::text[])
      as over(wallet_id, subject)
    where a.wallet_id = over.wallet_id and a.kind = 'balance_low' and a.subject = over.subject
      and a.ended_at is null`.execute(trx);
}

function lowAlert(
  wallet: WatchedWallet,
  { name, below_micro }: BalanceMark,
  { low_percent, critical_percent }: AlertSettings,
): NewAlert {
  const percent = name === 'low' ? low_percent : name === 'critical' ? critical_percent : null;
  return {
    ...ownerOf(wallet),
    kind: 'balance_low',
    subject: name,
    facts: {
      ...{ mark: name, percent, threshold: decimalCredits(name === 'empty' ? 0n : below_micro) },
      available: decimalCredits(wallet.available_micro),
      debt: decimalCredits(wallet.debt_micro),
      bought_last: decimalCredits(wallet.granted_last_micro),
    },
  };
}

function recoveredAlert(wallet: WatchedWallet): NewAlert {
  return {
    ...ownerOf(wallet),
    kind: 'recovered',
    subject: new Date().toISOString(),
    facts: { of: 'balance_low', available: decimalCredits(wallet.available_micro) },
  };
}

function ownerOf({ id, workspace_id, livemode }: WatchedWallet) {
  return { wallet_id: id, workspace_id, livemode };
}
