import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Health, readHealth } from './health.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Connections } from './lib/database.ts';
import type { Meters } from './lib/meters.ts';
import { type Sample, textOf } from './lib/metrics.ts';

/** What is asked of the database is kept for so long: many may ask, and none is to be a burden. */
const KEPT_MILLISECONDS = 5_000;
const NANOSECONDS = 1e9;

/** All that a process tells Prometheus: of itself, and of what waits in the database. */
export class ProgramMetrics {
  readonly #connections: Connections;
  readonly #ledger: Ledger;
  readonly #meters: Meters;
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });
  #health: { at: number; read: Promise<Health | undefined> } | undefined;

  constructor(connections: Connections, ledger: Ledger, meters: Meters) {
    this.#connections = connections;
    this.#ledger = ledger;
    this.#meters = meters;
    this.#loop.enable();
  }

  async text(): Promise<string> {
    const health = await this.#healthOf();
    const { requests, batches, stripeEvents } = this.#meters;
    const samples = [...this.#ofProcess(), ...this.#ofPools(), ...ofHealth(health)];
    return textOf(samples) + [requests, batches, stripeEvents].map((one) => one.text()).join('');
  }

  /** Undefined when the database does not say: that is a number too, and no reason to tell none. */
  #healthOf(): Promise<Health | undefined> {
    const at = performance.now();
    if (this.#health === undefined || at - this.#health.at > KEPT_MILLISECONDS) {
      this.#health = { at, read: readHealth(this.#connections).catch(() => undefined) };
    }
    return this.#health.read;
  }

  #ofProcess(): Sample[] {
    const { user, system } = process.cpuUsage();
    const loop = this.#loop;
    const delay = (quantile: string, nanoseconds: number): Sample => ({
      name: 'scrip_event_loop_delay_seconds',
      help: 'How late the event loop was since the last time somebody asked',
      type: 'gauge',
      labels: { quantile },
      value: Number.isFinite(nanoseconds) ? nanoseconds / NANOSECONDS : 0,
    });
    const delays = [
      delay('0.5', loop.percentile(50)),
      delay('0.99', loop.percentile(99)),
      delay('1', loop.max),
    ];
    loop.reset();
    return [
      counter('process_cpu_seconds_total', 'Processor time', (user + system) / 1e6),
      gauge('process_resident_memory_bytes', 'Memory', process.memoryUsage.rss()),
      gauge('process_start_time_seconds', 'Start', performance.timeOrigin / 1_000),
      ...delays,
      gauge(
        'scrip_ledger_queue_commands',
        'Commands that wait for a transaction of the ledger',
        this.#ledger.waiting(),
      ),
    ];
  }

  #ofPools(): Sample[] {
    return Object.entries(this.#connections.pools).flatMap(([name, pool]) =>
      Object.entries({
        busy: pool.totalCount - pool.idleCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      }).map(([state, value]) => ({
        ...gauge('scrip_database_connections', 'Connections, and who waits for one', value),
        labels: { pool: name, state },
      })),
    );
  }
}

function ofHealth(health: Health | undefined): Sample[] {
  const up = gauge('scrip_database_up', 'Whether the database answers', health ? 1 : 0);
  if (health === undefined) return [up];
  const { ledger, jobs, mails, deliveries, flagged_events, now } = health;
  /** How long ago something was; nothing waits, where there is nothing. */
  const age = (at: Date | null): number =>
    at === null ? 0 : Math.max(0, (now.getTime() - at.getTime()) / 1_000);
  return [
    up,
    gauge('scrip_jobs_waiting', 'Jobs that are due', Number(jobs.waiting)),
    gauge('scrip_jobs_failed', 'Jobs that were given up', Number(jobs.failed)),
    gauge('scrip_jobs_lag_seconds', 'Age of the oldest due job', age(jobs.oldest_due_at)),
    gauge('scrip_mails_waiting', 'Mails not sent', Number(mails.waiting + mails.retried)),
    gauge('scrip_mails_lag_seconds', 'Age of the oldest mail not sent', age(mails.oldest_at)),
    gauge('scrip_webhooks_due', 'Messages to endpoints that are due', Number(deliveries.due)),
    gauge('scrip_webhooks_lag_seconds', 'Age of the oldest', age(deliveries.oldest_due_at)),
    gauge(
      'scrip_webhook_endpoints_paused',
      'Endpoints that nothing reached any more',
      Number(deliveries.paused_endpoints),
    ),
    gauge('scrip_stripe_events_flagged', 'To be looked at', Number(flagged_events)),
    gauge('scrip_ledger_violations', 'Found by the proofs', Number(ledger.violations)),
    gauge('scrip_ledger_outbox', 'News not handed on', Number(ledger.untold)),
    gauge('scrip_ledger_outbox_lag_seconds', 'Age of the oldest', age(ledger.untold_since)),
    gauge('scrip_ledger_sweep_lag_seconds', 'Since something is due', age(ledger.overdue_since)),
    gauge('scrip_ledger_rollup_lag_seconds', 'Since the last rollup', age(ledger.rolled_up_until)),
    gauge('scrip_ledger_proof_lag_seconds', 'Since the last proof', age(ledger.proved_until)),
    gauge('scrip_ledger_seal_lag_seconds', 'Since the last sealed hour', age(ledger.sealed_until)),
  ];
}

function gauge(name: string, help: string, value: number): Sample {
  return { name, help, type: 'gauge', value };
}

function counter(name: string, help: string, value: number): Sample {
  return { name, help, type: 'counter', value };
}
