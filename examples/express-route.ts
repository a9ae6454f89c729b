/**
 * A route of an Express app that costs credits.
 *   SCRIP_URL=http://localhost:3000 SCRIP_KEY=scrip_live_… node examples/express-route.ts
 */
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { Scrip, charges } from '../client/index.ts';

const { SCRIP_URL = 'http://localhost:3000', SCRIP_KEY = '', PORT = '3100' } = process.env;

const charge = charges({
  scrip: new Scrip({ url: SCRIP_URL, key: SCRIP_KEY }),
  // Your own sign-in says who asks.
  whose: (req: Request) => ({ customer: req.get('X-User') ?? 'nobody' }),
  on_fault: console.error,
});

const app = express();

// One image for each request. Who has too few credits gets a 402 before anything is drawn; when
// drawing fails, nothing is charged.
app.post('/images', charge({ operation: 'image.generate', quantity: 1 }), async (_req, res) => {
  res.status(201).json({ image: await draw() });
});

async function draw(): Promise<string> {
  return Promise.resolve('<svg xmlns="http://www.w3.org/2000/svg"/>');
}

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}.`);
});

// Answers that are under way are still charged.
process.once('SIGTERM', () => {
  server.close(() => void charge.idle());
});
