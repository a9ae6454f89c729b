import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** The pages that a link may open. */
export const LINKED_PAGES = ['overview', 'history', 'buy'] as const;
export type LinkedPage = (typeof LINKED_PAGES)[number];

/** A link opens a page; a visit is what following one begins, and is kept in a cookie. */
type Purpose = LinkedPage | 'visit';

/** What a token turned out to be. One whose signature is wrong says nothing, not even when it ended. */
export type ReadToken =
  | { outcome: 'good'; workspace_id: string; purpose: Purpose; expires_at: Date }
  | { outcome: 'expired' }
  | { outcome: 'altered' };

const TOKEN = /^([0-9a-f-]{36})\.([a-z]+)\.(\d{1,12})\.([\w-]{43})$/;

/**
 * Signed tokens with which a customer without an account sees and buys. Nothing is stored: a token
 * says whose pages, for what and until when, and its signature that we said so.
 */
export class CustomerLinks {
  private readonly baseUrl: string;
  private readonly keys: readonly Buffer[];

  /** @param secrets of the sessions: the first signs, all are accepted */
  constructor(baseUrl: string, secrets: readonly string[]) {
    this.baseUrl = baseUrl;
    // A key of its own: a session's signature is never a link's.
    this.keys = secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'scrip customer links', 32)),
    );
  }

  /** The address of a link that opens a page of a customer for so many seconds. */
  urlFor(
    workspaceId: string,
    page: LinkedPage,
    seconds: number,
  ): { url: string; expires_at: Date } {
    const { token, expires_at } = this.sign(workspaceId, page, seconds);
    // In the query, which logs leave out.
    return { url: `${this.baseUrl}/c?link=${token}`, expires_at };
  }

  /** What a customer's browser keeps after a link was followed. */
  visitFor(workspaceId: string, seconds: number): string {
    return this.sign(workspaceId, 'visit', seconds).token;
  }

  /** Reads what a browser brings, for one of these purposes: a link is no visit, nor a visit a link. */
  read(token: unknown, purposes: readonly Purpose[]): ReadToken {
    const parts = typeof token === 'string' ? TOKEN.exec(token) : null;
    const [, workspace_id = '', said = '', seconds = '', signature = ''] = parts ?? [];
    const purpose = purposes.find((one) => one === said);
    if (purpose === undefined) return { outcome: 'altered' };
    const text = `${workspace_id}.${said}.${seconds}`;
    // Compared as text: of the last character of a signature two bits say nothing.
    const isOurs = this.keys.some((key) =>
      timingSafeEqual(Buffer.from(signatureOf(text, key)), Buffer.from(signature)),
    );
    if (!isOurs) return { outcome: 'altered' };
    const expires_at = new Date(Number(seconds) * 1_000);
    if (expires_at.getTime() <= Date.now()) return { outcome: 'expired' };
    return { outcome: 'good', workspace_id, purpose, expires_at };
  }

  private sign(workspaceId: string, purpose: Purpose, ttlSeconds: number) {
    const [key] = this.keys;
    if (key === undefined) throw new Error('there is no secret to sign links with');
    const seconds = Math.floor(Date.now() / 1_000) + ttlSeconds;
    const text = `${workspaceId}.${purpose}.${seconds}`;
    return {
      token: `${text}.${signatureOf(text, key)}`,
      expires_at: new Date(seconds * 1_000),
    };
  }
}

function signatureOf(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
