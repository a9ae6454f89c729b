import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Request } from 'express';

/** How an answer is packed, as its Content-Encoding says. */
export type Packing = 'br' | 'gzip';

/** How small: as it goes once for all, or while somebody waits. */
type Effort = 'most' | 'quick';

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_QUALITY } = constants;
/** A page is smaller than the window of 64 kB, and the next quality costs half as much again. */
const BROTLI = {
  most: { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY },
  quick: { [BROTLI_PARAM_QUALITY]: 3, [BROTLI_PARAM_LGWIN]: 16 },
};
const GZIP_LEVEL = { most: 9, quick: 3 };

/** How whoever asks lets us pack the answer; undefined where they do not. */
export function packingFor(req: Request): Packing | undefined {
  const accepted = req.acceptsEncodings();
  return (['br', 'gzip'] as const).find((one) => accepted.includes(one));
}

/**
 * Packs at once, on this thread: a page takes a seventh of a millisecond, and as a stream on another
 * thread several times as much, and turns for which it waits.
 */
export function pack(content: Buffer, packing: Packing, effort: Effort): Buffer {
  return packing === 'gzip'
    ? gzipSync(content, { level: GZIP_LEVEL[effort] })
    : brotliCompressSync(content, { params: BROTLI[effort] });
}
