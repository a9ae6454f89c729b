/** What a page costs at least: Express and a text. `node bench/bare-express.ts PAGE.html` */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';

const html = readFileSync(process.argv[2] ?? '', 'utf8');
const app = express();
app.get('/', (_req, res) => {
  res.type('html').send(html);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
