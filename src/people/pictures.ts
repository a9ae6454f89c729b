import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { Db, Trx } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';

/** A photograph as phones make them. */
export const PICTURE_BYTES_MAX = 8 * 1024 * 1024;
const PIXELS_MAX = 50_000_000;
/** Twice what it is shown at, for screens that have the pixels. */
const SIDE_PIXELS = 192;
const DECODE_SECONDS = 10;

/**
 * Makes a picture of ours from one that somebody sent: square, small, and without all that a camera
 * writes beside it, such as where it was taken.
 * @throws AppError 422 `picture`
 */
export async function pictureFrom(sent: Uint8Array): Promise<Buffer> {
  try {
    const image = sharp(sent, { limitInputPixels: PIXELS_MAX, failOn: 'error' });
    const { format } = await image.metadata();
    if (!['jpeg', 'png', 'webp', 'gif', 'heif'].includes(format)) throw new Error(format);
    return await image
      .timeout({ seconds: DECODE_SECONDS })
      .rotate()
      .resize(SIDE_PIXELS, SIDE_PIXELS, { fit: 'cover' })
      .webp({ quality: 82 })
      .toBuffer();
  } catch {
    throw new AppError(
      422,
      'picture',
      'This is no picture that can be read. Choose a JPEG, PNG, WebP or GIF file.',
    );
  }
}

/** Keeps a picture from `pictureFrom` in the place of the last one, at a new address. */
export async function keepPicture(trx: Trx, personId: string, image: Buffer): Promise<void> {
  await removePicture(trx, personId);
  // Random, unlike other ids: the address is all that one needs to see it.
  const id = randomUUID();
  await setPicture(trx, personId, id);
  await trx.insertInto('person_pictures').values({ id, person_id: personId, image }).execute();
}

export async function removePicture(trx: Trx, personId: string): Promise<void> {
  // First, since two at once take turns at the person's row.
  await setPicture(trx, personId, null);
  await trx.deleteFrom('person_pictures').where('person_id', '=', personId).execute();
}

async function setPicture(trx: Trx, personId: string, picture_id: string | null): Promise<void> {
  await trx.updateTable('people').set({ picture_id }).where('id', '=', personId).execute();
}

export async function findPicture(db: Db, id: string): Promise<Buffer | undefined> {
  const found = await db
    .selectFrom('person_pictures')
    .select('image')
    .where('id', '=', id)
    .executeTakeFirst();
  return found?.image;
}
