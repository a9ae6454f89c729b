import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../lib/errors.ts';

/** A body as it was read: a value of JSON that no schema has seen yet, and its size. */
export interface ReadBody {
  body: unknown;
  bytes: number;
}

/**
 * Reads a body of JSON.
 * @throws AppError 413 as soon as it is known to be too large; 415 for another type or encoding; 400
 * when it is no JSON
 */
export async function readBody(req: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  const { 'content-length': length = '0', 'transfer-encoding': transfer } = req.headers;
  if (Number(length) > bytesMax) throw tooLarge();
  // Who has nothing to say need not say it: a release is all in its path.
  if (Number(length) === 0 && transfer === undefined) return { body: {}, bytes: 0 };
  if (!JSON_TYPE.test(type) || encoding !== 'identity') {
    throw new AppError(
      415,
      'unsupported_media_type',
      'Send JSON in UTF-8, with Content-Type: application/json.',
    );
  }
  const bytes = await readBytes(req, bytesMax);
  if (!isUtf8(bytes)) throw malformed();
  try {
    const body: unknown = JSON.parse(bytes.toString());
    return { body, bytes: bytes.length };
  } catch {
    throw malformed();
  }
}

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

function readBytes(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > bytesMax) reject(tooLarge());
      else chunks.push(chunk);
    });
    req.once('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    req.once('error', reject);
    req.once('close', () => {
      if (!req.complete) reject(malformed());
    });
  });
}

export function tooLarge(): AppError {
  return new AppError(413, 'too_large', 'What was sent is too large. Nothing was changed.');
}

function malformed(): AppError {
  return new AppError(400, 'malformed', 'The body is not JSON in UTF-8. Nothing was changed.');
}
