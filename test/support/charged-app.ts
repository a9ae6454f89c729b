import { type ClientRequest, type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request } from 'express';
import { type Charger, type Fault, Scrip, ScripError, charges } from '../../client/index.ts';
import type { Preset } from '../../src/presets/preset.ts';
import { type TestCustomer, newKey } from './api.ts';
import { type FaultyLink, faultyLink } from './faulty-link.ts';
import { type TestProgram, testProgram } from './program.ts';

/** A product whose routes are charged over a link that can lose what goes over it. */
export interface Product {
  program: TestProgram;
  link: FaultyLink;
  charge: Charger<Request>;
  /** What it was told that could not be settled. */
  faults: { code: unknown; fault: Fault }[];
  /** Serves an app with these routes. */
  serve(routes: (app: Express) => void): Promise<ChargedApp>;
  /** Asks as a customer, and answers when what follows from it is over. */
  ask(
    app: ChargedApp,
    path: string,
    customer: Pick<TestCustomer, 'external_id'>,
    key?: string,
  ): Promise<Answered>;
  /** The kinds of a wallet's entries, in their order. */
  kindsOf(customer: TestCustomer): Promise<string[]>;
  stop(): Promise<void>;
}

interface Answered {
  status: number;
  text: string;
  headers: Headers;
}

export async function chargedProduct(preset?: Partial<Preset>): Promise<Product> {
  const program = await testProgram({ buying: false, ...(preset && { preset }) });
  const link = await faultyLink(program.url);
  const faults: Product['faults'] = [];
  const apps: ChargedApp[] = [];
  const charge = charges({
    scrip: new Scrip({ url: link.url, key: await newKey(program), timeout_milliseconds: 1_000 }),
    whose: (req: Request) => ({ customer: req.get('X-User') ?? '' }),
    on_fault: (error, fault) => {
      faults.push({ code: error instanceof ScripError ? error.code : error, fault });
    },
  });
  return {
    ...{ program, link, charge, faults },
    serve: async (routes) => {
      // In tests Express does not print what handlers throw.
      const app = express().set('env', 'test');
      routes(app);
      const served = await serveApp(app);
      apps.push(served);
      return served;
    },
    ask: async (app, path, { external_id }, key) => {
      const named = key === undefined ? {} : { 'Idempotency-Key': key };
      const headers = { 'X-User': external_id, ...named };
      const answer = await fetch(`${app.url}${path}`, { method: 'POST', headers });
      const text = await answer.text();
      await charge.idle();
      return { status: answer.status, text, headers: answer.headers };
    },
    kindsOf: async ({ wallet_id }) => {
      const entries = await program.database.query<{ kind: string }>(
        'select kind from entries where wallet_id = $1 order by seq',
        [wallet_id],
      );
      return entries.map(({ kind }) => kind);
    },
    stop: async () => {
      for (const app of apps) await app.close();
      await link.close();
      await program.stop();
    },
  };
}

/** An app of a product, as it is reached by the product's users. */
export interface ChargedApp {
  url: string;
  /** Asks, and goes on when the answer begins. */
  open(path: string, headers?: Record<string, string>): Promise<OpenAnswer>;
  /** Asks, and goes on with the request while there is no answer yet. */
  begin(path: string, headers?: Record<string, string>): ClientRequest;
  close(): Promise<void>;
}

export interface OpenAnswer {
  answer: IncomingMessage;
  /** Goes away in the middle of the answer. */
  leave(): void;
}

export async function serveApp(app: Express): Promise<ChargedApp> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const begin = (path: string, headers: Record<string, string> = {}): ClientRequest => {
    const sent = request(`${url}${path}`, { method: 'POST', headers });
    sent.on('error', () => undefined);
    sent.end();
    return sent;
  };
  return {
    url,
    begin,
    open: async (path, headers) => {
      const sent = begin(path, headers);
      const answer = await answerTo(sent);
      answer.on('error', () => undefined);
      return { answer, leave: () => sent.destroy() };
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
}

/** Something that happens once: tests wait for it, and handlers tell that it has come. */
export function occasion(): { come: () => void; happened: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { come: () => resolve(undefined), happened: promise };
}
