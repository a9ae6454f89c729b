import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Chance } from './chance.ts';

/** Where people buy: the program, and the payment pages of the Stripe stand-in. */
export interface Shop {
  url: string;
  stripeUrl: string;
}

const PACKAGES = ['starter', 'professional'] as const;
/** Nobody waits longer for a program that was killed. */
const ANSWER_MILLISECONDS_MAX = 20_000;

const Sessions = z.array(z.looseObject({ id: z.string(), url: z.string().nullable() }));

/** Somebody who buys again and again, whatever becomes of the program meanwhile. */
export class Shopper {
  /** How many payment pages were reached. */
  ordered = 0;
  /** Whatever was begun: requests to the program and to the payment pages. */
  steps = 0;
  private readonly shop: Shop;
  private readonly cookie: string;
  private readonly slug: string;
  private readonly chance: Chance;
  /** An order that was sent and not answered: it may be sent again. */
  private unanswered: { package: string; nonce: string } | undefined;

  private constructor(shop: Shop, person: { cookie: string; slug: string }, chance: Chance) {
    this.shop = shop;
    this.cookie = person.cookie;
    this.slug = person.slug;
    this.chance = chance;
  }

  static async signUp(shop: Shop, chance: Chance): Promise<Shopper> {
    const answer = await fetch(`${shop.url}/sign-up`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: shop.url },
      body: new URLSearchParams({
        name: 'Ada Byron',
        email: `${randomUUID()}@example.com`,
        password: randomUUID(),
      }),
    });
    const cookie = /sid=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0];
    const slug = /^\/w\/([^/]+)$/.exec(answer.headers.get('location') ?? '')?.[1];
    if (cookie === undefined || slug === undefined) {
      throw new Error(`signing up answered ${answer.status}: ${await answer.text()}`);
    }
    return new Shopper(shop, { cookie, slug }, chance);
  }

  /** Buys until told to stop, or until the program is gone. */
  async buyWhile(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      try {
        await this.buyOnce();
      } catch (error) {
        if (!isGone(error)) throw error;
        return;
      }
    }
  }

  /** One purchase, from the form to the page that thanks. Of some, the webhook never comes. */
  private async buyOnce(): Promise<void> {
    const { chance, unanswered } = this;
    const form =
      unanswered !== undefined && chance.next() < 0.7
        ? unanswered
        : { package: chance.oneOf(PACKAGES), nonce: randomUUID() };
    this.unanswered = form;
    const page = await this.post(`/w/${this.slug}/buy`, form);
    if (page === undefined) return;
    this.unanswered = undefined;
    this.ordered += 1;
    if (chance.next() < 0.1) return;
    const sessions = Sessions.parse(await this.control('/sessions'));
    const session = sessions.find(({ url }) => url === page);
    // Sent again after its page was paid, an order leads to a page that is closed by now.
    if (session === undefined) return;
    const delivery = chance.oneOf([
      {},
      {},
      { copies: 3 },
      { delay_ms: chance.whole(1, 200) },
      { hold: true },
    ]);
    await this.control(`/sessions/${session.id}/pay`, { delivery });
    await this.get(`/w/${this.slug}`);
  }

  /** Where it leads; undefined when somebody is asked to send it again: on a slow machine, say. */
  private async post(path: string, form: Record<string, string>): Promise<string | undefined> {
    const { url } = this.shop;
    this.steps += 1;
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: this.cookie, origin: url },
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    });
    await answer.body?.cancel();
    const location = answer.headers.get('location');
    if (answer.status === 303 && location !== null) return location;
    if (answer.status === 503) return undefined;
    throw new Error(`${path} answered ${answer.status}`);
  }

  private async get(path: string): Promise<void> {
    this.steps += 1;
    const answer = await fetch(`${this.shop.url}${path}`, {
      headers: { cookie: this.cookie },
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    });
    await answer.body?.cancel();
    // A slow machine may ask to come again.
    if (![200, 503].includes(answer.status)) throw new Error(`${path} answered ${answer.status}`);
  }

  private async control(path: string, body?: object): Promise<unknown> {
    this.steps += 1;
    const answer = await fetch(`${this.shop.stripeUrl}/_control${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok) throw new Error(`the stand-in answered ${answer.status} to ${path}`);
    return answer.json();
  }
}

/** The connection broke, or none was made: the program is dead at this moment. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
}
