/** What the load asks the program for. */
export type Scenario = 'spread' | 'hot' | 'hundred' | 'hold' | 'repeats';

export const IN_ONE_REQUEST = 100;

/** How many debits a request stands for; a hold and its capture are two requests for one debit. */
export const DEBITS_PER_REQUEST: Record<Scenario, number> = {
  spread: 1,
  hot: 1,
  hundred: IN_ONE_REQUEST,
  hold: 1 / 2,
  repeats: 1,
};

/** How many entries a request that is answered must have left. */
export const ENTRIES_PER_REQUEST: Record<Scenario, number> = {
  spread: 1,
  hot: 1,
  hundred: IN_ONE_REQUEST,
  hold: 1,
  // Less what is repeated, with room for chance.
  repeats: 0.85,
};

/** One in ten requests is one that was answered before, with its key. */
const REPEATED = 0.1;

export interface Ask {
  path: string;
  key: string;
  body: string;
}

/** Draws the requests of one connection, one after the other. */
export class Asker {
  readonly #scenario: Scenario;
  readonly #wallets: number;
  /** Tells the keys of this connection from all others, in all runs. */
  readonly #mark: string;
  #count = 0;
  readonly #answered: Ask[] = [];

  constructor(scenario: Scenario, wallets: number, mark: string) {
    this.#scenario = scenario;
    this.#wallets = wallets;
    this.#mark = mark;
  }

  /** @param answer what the request before was answered, for the capture of a hold */
  next(answer: string): Ask {
    switch (this.#scenario) {
      case 'spread':
        return this.#debit(this.#draw());
      case 'hot':
        return this.#debit(1);
      case 'hundred':
        return this.#hundred();
      case 'hold':
        return this.#holdOrCapture(answer);
      case 'repeats':
        return this.#repeatOrDebit();
    }
  }

  #draw(): number {
    return 1 + Math.floor(Math.random() * this.#wallets);
  }

  #key(): string {
    this.#count += 1;
    return `${this.#mark}-${this.#count}`;
  }

  #debit(customer: number): Ask {
    return { path: '/api/v1/debits', key: this.#key(), body: `{${usageOf(customer)}}` };
  }

  #hundred(): Ask {
    const debits = Array.from(
      { length: IN_ONE_REQUEST },
      () => `{${usageOf(this.#draw())},"idempotency_key":"${this.#key()}"}`,
    );
    return { path: '/api/v1/debits', key: '', body: `{"debits":[${debits.join(',')}]}` };
  }

  #holdOrCapture(answer: string): Ask {
    const [, id = '', open] = /"hold_id":"([^"]+)","open":(true|false)/.exec(answer) ?? [];
    if (open !== 'true') {
      const body = `{${usageOf(this.#draw())},"ttl_seconds":600}`;
      return { path: '/api/v1/holds', key: this.#key(), body };
    }
    const customer = /"customer":"([^"]+)"/.exec(answer)?.[1] ?? '';
    const body = `{"customer":"${customer}","quantity":"1"}`;
    return { path: `/api/v1/holds/${id}/capture`, key: this.#key(), body };
  }

  #repeatOrDebit(): Ask {
    const earlier = this.#answered[Math.floor(Math.random() * this.#answered.length)];
    if (earlier !== undefined && Math.random() < REPEATED) return earlier;
    const ask = this.#debit(this.#draw());
    this.#answered[this.#count % 100] = ask;
    return ask;
  }
}

function usageOf(customer: number): string {
  return `"customer":"customer-${customer}","operation":"message.send","quantity":"1"`;
}
