import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Ask, Asks, HttpAsk } from './asks.ts';
import type { Chance } from './chance.ts';
import { type Sent, send } from './http.ts';
import { execute } from './ledger-asks.ts';
import type { Stage } from './stage.ts';

const AT_ONCE = 24;
const TRIES_AT_ONCE = 3;
const SETTLE_MILLISECONDS_MAX = 60_000;

/** Asks, and keeps what was answered. What was not answered stays open until it is asked again. */
export class Load {
  readonly answered = new Map<Ask, Answer>();
  readonly open = new Set<Ask>();
  /** What no program may do, whatever happens to it. */
  readonly violations = new Set<string>();
  private readonly stage: Stage;
  private readonly asks: Asks;
  private readonly chance: Chance;

  constructor(stage: Stage, asks: Asks, chance: Chance) {
    this.stage = stage;
    this.asks = asks;
    this.chance = chance;
  }

  /** Many at once, each as soon as the one before it is answered, until `ending`. */
  async run(ending: AbortSignal): Promise<void> {
    const caller = async (): Promise<void> => {
      while (!ending.aborted) await this.step();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, caller));
  }

  private async step(): Promise<void> {
    const drawn = this.chance.next();
    if (drawn < 0.02 && this.answered.size > 0) return this.askOtherwise(this.anyAnswered());
    if (drawn < 0.1 && this.answered.size > 0) return this.repeat(this.anyAnswered());
    const asks = drawn < 0.2 ? this.asks.many() : [this.asks.next()];
    await Promise.all(asks.map((ask) => this.stage.journal.write({ asked: ask })));
    for (const ask of asks) this.open.add(ask);
    await this.ask(asks);
    // As clients do: some ask again at once, perhaps another program, while the first may still work.
    for (let tries = 1; tries < TRIES_AT_ONCE; tries++) {
      const unanswered = asks.filter((ask) => this.open.has(ask));
      if (unanswered.length === 0 || this.chance.next() < 0.5) return;
      await pause(this.chance.whole(1, 50));
      await Promise.all(unanswered.map((ask) => this.ask([ask])));
    }
  }

  /** First answers to commands that are asked one by one. */
  async askAll(asks: readonly Ask[]): Promise<void> {
    for (const ask of asks) this.open.add(ask);
    await Promise.all(asks.map((ask) => this.stage.journal.write({ asked: ask })));
    await this.settle();
  }

  /** Asks for what is open until all of it is answered. */
  async settle(): Promise<void> {
    const until = performance.now() + SETTLE_MILLISECONDS_MAX;
    while (this.open.size > 0) {
      if (performance.now() > until) {
        this.violations.add(`${this.open.size} were not answered after all was well again`);
        return;
      }
      await inTurns([...this.open], (ask) => this.ask([ask]));
    }
  }

  /** Everything that was done is asked again: the answer must be the first one. */
  async repeatAll(): Promise<void> {
    const done = [...this.answered].filter(([, { status }]) => status < 300);
    await inTurns(done, (one) => this.repeat(one));
  }

  private anyAnswered(): [Ask, Answer] {
    const recent = [...this.answered].slice(-200);
    return this.chance.oneOf(recent);
  }

  private async repeat([ask, first]: [Ask, Answer]): Promise<void> {
    if (first.status >= 300) return;
    const [again] = await this.sendTo([ask]);
    if (again === undefined || again === 'unknown') return;
    const expected = { ...first, replayed: true };
    if (ownOf(again) !== ownOf(expected))
      this.violations.add(`${ask.kind} ${ask.key}: first ${ownOf(expected)}, then ${ownOf(again)}`);
  }

  /** The same key with other content: refused, whatever happens. */
  private async askOtherwise([ask, first]: [Ask, Answer]): Promise<void> {
    if (first.status >= 300 || ask.kind !== 'debit' || !isOverHttp(ask)) return;
    const [answer] = await this.sendTo([{ ...ask, body: { ...ask.body, quantity: '4' } }]);
    if (answer === undefined || answer === 'unknown' || answer.status === 422) return;
    this.violations.add(`${ask.key} with other content: ${JSON.stringify(answer)}`);
  }

  private async ask(asks: readonly Ask[]): Promise<void> {
    const answers = await this.sendTo(asks);
    for (const [index, ask] of asks.entries()) {
      const answer = answers[index];
      if (answer === undefined || answer === 'unknown') continue;
      this.open.delete(ask);
      this.answered.set(ask, answer);
      this.asks.answered(ask, answer);
      await this.stage.journal.write({ answered: ask.key, answer });
    }
  }

  private async sendTo(asks: readonly Ask[]): Promise<Sent[]> {
    const [only] = asks;
    try {
      if (only !== undefined && 'command' in only) {
        return [await execute(this.stage.ledger, only.command)];
      }
      return await send(this.anyProgram(), this.stage.apiKey, asks.filter(isOverHttp));
    } catch (error) {
      this.violations.add(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  private anyProgram(): string {
    return this.chance.oneOf(this.stage.programs).url;
  }
}

function isOverHttp(ask: Ask): ask is HttpAsk {
  return 'body' in ask;
}

/** A hold is told as it stands now, which changes; what a command did to it never does. */
const CHANGES = ['open', 'expires_at', 'captured', 'released'];

function ownOf({ status, replayed, body }: Answer): string {
  const own = Object.entries(body).filter(([name]) => !CHANGES.includes(name));
  return JSON.stringify({ status, replayed, body: Object.fromEntries(own.sort()) });
}

async function inTurns<One>(many: readonly One[], work: (one: One) => Promise<void>) {
  const left = [...many].reverse();
  const worker = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
