import type { Connections } from '../lib/database.ts';
import type { Logger } from '../lib/log.ts';
import { chargeTopUps } from './auto-top-up/charges.ts';
import { orderTopUps } from './auto-top-up/orders.ts';
import { whyNotOffered } from './auto-top-up/terms.ts';
import type { PaymentProvider } from './provider.ts';

/**
 * Buys credits with saved cards where somebody agreed to that and few are left: orders what is
 * wanted, then charges what is ordered. Several processes share the work.
 */
export async function topUp(
  connections: Connections,
  provider: PaymentProvider,
  log: Logger,
): Promise<void> {
  if (provider.mode === 'off' || whyNotOffered(provider) !== undefined) return;
  await orderTopUps(connections, provider, log);
  await chargeTopUps(connections, provider, log);
}
