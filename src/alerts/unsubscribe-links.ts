import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type AlertKind, isAlertKind } from '../core/alerts.ts';

/** Whose mails of which kind somebody may end. */
export interface Subscription {
  workspace_id: string;
  person_id: string;
  kind: AlertKind;
}

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const TOKEN = new RegExp(`^(${ID})\\.(${ID})\\.([a-z_]{1,40})\\.([\\w-]{43})$`);

/**
 * Signed links with which whoever has a mail ends mails of its kind, signed in or not. Nothing is
 * stored and none expires: a mail may be read years later.
 */
export class UnsubscribeLinks {
  private readonly keys: readonly Buffer[];

  /** @param secrets of the sessions: the first signs, all are accepted */
  constructor(secrets: readonly string[]) {
    // A key of its own: a session's signature is never a link's.
    this.keys = secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'scrip unsubscribe links', 32)),
    );
  }

  /** Undefined where there is no secret to sign with. */
  pathFor({ workspace_id, person_id, kind }: Subscription): string | undefined {
    const [key] = this.keys;
    if (key === undefined) return undefined;
    const text = `${workspace_id}.${person_id}.${kind}`;
    // In the query, which logs leave out.
    return `/unsubscribe?from=${text}.${signatureOf(text, key)}`;
  }

  /** What a link says that we signed; undefined for any other. */
  read(token: unknown): Subscription | undefined {
    const parts = typeof token === 'string' ? TOKEN.exec(token) : null;
    const [, workspace_id = '', person_id = '', kind = '', signature = ''] = parts ?? [];
    if (!isAlertKind(kind)) return undefined;
    const text = `${workspace_id}.${person_id}.${kind}`;
    const isOurs = this.keys.some((key) =>
      timingSafeEqual(Buffer.from(signatureOf(text, key)), Buffer.from(signature)),
    );
    return isOurs ? { workspace_id, person_id, kind } : undefined;
  }
}

function signatureOf(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
