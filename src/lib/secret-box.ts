import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps secrets that have to be read again, so that the database alone gives none away: AES-256-GCM
 * with keys derived from the secrets of the installation, for one purpose each.
 */
export class SecretBox {
  readonly #keys: readonly Buffer[];

  /** The first secret seals; all of them open, so that it can be replaced. */
  constructor(secrets: readonly string[], purpose: string) {
    this.#keys = secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', `scrip ${purpose}`, 32)),
    );
  }

  /** @param owner whose it is: for anybody else it does not open */
  seal(text: string, owner: string): string {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('there is no secret to seal with');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** Undefined: it was changed, is somebody else's, or of a secret that is no longer known. */
  open(sealed: string, owner: string): string | undefined {
    return this.#keys
      .map((key) => openWith(key, sealed, owner))
      .find((opened) => opened !== undefined);
  }

  /** Whether something opens by an older secret only. */
  isOutdated(sealed: string, owner: string): boolean {
    const [key] = this.#keys;
    return key !== undefined && openWith(key, sealed, owner) === undefined;
  }
}

/** What came of sealing many secrets anew. */
export interface Resealed {
  renewed: number;
  /** Of a key that is not known any more. */
  unreadable: number;
}

export function counted(found: readonly (keyof Resealed)[]): Resealed {
  const unreadable = found.filter((one) => one === 'unreadable').length;
  return { renewed: found.length - unreadable, unreadable };
}

function openWith(key: Buffer, sealed: string, owner: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  const start = NONCE_BYTES + TAG_BYTES;
  if (bytes.length < start) return undefined;
  try {
    const cipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
      .setAuthTag(bytes.subarray(NONCE_BYTES, start))
      .setAAD(Buffer.from(owner));
    return Buffer.concat([cipher.update(bytes.subarray(start)), cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
