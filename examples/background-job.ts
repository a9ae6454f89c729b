/**
 * Work that is done after the request that ordered it. Credits are held when it is ordered, so that
 * who has too few is told at once, and charged when it is done, by what it came to.
 *   SCRIP_URL=http://localhost:3000 SCRIP_KEY=scrip_live_… node examples/background-job.ts user-42 order-7
 */
import { Scrip, ScripError } from '../client/index.ts';

const { SCRIP_URL = 'http://localhost:3000', SCRIP_KEY = '' } = process.env;
const scrip = new Scrip({ url: SCRIP_URL, key: SCRIP_KEY });

interface Job {
  order: string;
  customer: string;
  hold_id: string;
}

/** In the request: a large document is expected. The order's number makes asking again safe. */
async function enqueue(order: string, customer: string): Promise<Job> {
  const { hold_id } = await scrip.hold(
    { customer, operation: 'document.parse', quantity: '20', ttl_seconds: 3600 },
    { idempotency_key: `${order} hold` },
  );
  return { order, customer, hold_id };
}

/** In the worker, as often as the queue tries it: the key makes it charged once. */
async function work({ order, customer, hold_id }: Job): Promise<void> {
  const megabytes = await parse();
  const charged = await scrip.capture(
    hold_id,
    { customer, quantity: megabytes },
    { idempotency_key: `${order} capture` },
  );
  const again = charged.replayed ? ', as before' : '';
  console.log(`${order}: ${megabytes} MB for ${charged.amount} credits${again}`);
}

/** When the queue gives up, the credits need not wait for the hold to lapse. */
async function giveUp({ order, customer, hold_id }: Job): Promise<void> {
  await scrip.release(hold_id, { customer }, { idempotency_key: `${order} release` });
  console.log(`${order}: given up, nothing charged`);
}

async function parse(): Promise<string> {
  return Promise.resolve('2.5');
}

const [customer = 'nobody', order = 'order-1'] = process.argv.slice(2);
try {
  const job = await enqueue(order, customer);
  try {
    await work(job);
  } catch (error) {
    console.error(error);
    await giveUp(job);
  }
} catch (error) {
  if (!(error instanceof ScripError && error.is('insufficient_credits'))) throw error;
  console.log(`${order}: not taken, ${error.details.missing} credits are missing`);
}
