/**
 * A streaming route that is charged by the token, for what was really streamed.
 *   SCRIP_URL=http://localhost:3000 SCRIP_KEY=scrip_live_… node examples/streaming-route.ts
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import express, { type Request } from 'express';
import { Scrip, chargeOf, charges } from '../client/index.ts';

const { SCRIP_URL = 'http://localhost:3000', SCRIP_KEY = '', PORT = '3100' } = process.env;

const charge = charges({
  scrip: new Scrip({ url: SCRIP_URL, key: SCRIP_KEY }),
  whose: (req: Request) => ({ customer: req.get('X-User') ?? 'nobody' }),
  on_fault: console.error,
});

const app = express();

const tokens = charge({
  operation: 'text.token',
  // The most that an answer may have: so much is held while it is written.
  quantity: (req) => Math.min(Number(req.query['most']) || 100, 1_000),
  // Half of an answer is charged as half when its reader goes away.
  client_leaves: 'capture',
});

app.post('/answers', tokens, async (req, res) => {
  const charged = chargeOf(res);
  res.type('text/plain');
  let count = 0;
  for await (const token of model(Number(req.query['most']) || 100, charged.signal)) {
    res.write(token);
    count++;
    charged.used(count);
  }
  res.end();
});

/** Stands for a model: it stops when nobody reads any more. */
async function* model(most: number, signal: AbortSignal): AsyncGenerator<string> {
  for (let index = 1; index <= most && !signal.aborted; index++) {
    yield `token ${index}\n`;
    await pause(5);
  }
}

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}.`);
});

process.once('SIGTERM', () => {
  server.close(() => void charge.idle());
});
