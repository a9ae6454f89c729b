import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { Request } from 'express';
import { AppError } from './errors.ts';

/**
 * Reads the one file of a form that was sent as multipart/form-data. Undefined when there is none,
 * or an empty one.
 * @throws AppError 413 `too_large` beyond `bytes_max`, 400 `malformed`
 */
export async function uploadedFile(
  req: Request,
  { field, bytes_max }: { field: string; bytes_max: number },
): Promise<Buffer | undefined> {
  const type = req.headers['content-type'];
  if (type?.startsWith('multipart/form-data') !== true) throw malformed();
  return new Promise((resolve, reject) => {
    const parser = parserFor({ ...req.headers, 'content-type': type }, bytes_max);
    const pieces: Buffer[] = [];
    const refuse = (error: AppError): void => {
      req.unpipe(parser);
      // What comes still is read and dropped, so that the browser hears the answer.
      req.resume();
      reject(error);
    };
    parser.on('file', (name, file) => {
      file.on('data', (piece: Buffer) => {
        if (name === field) pieces.push(piece);
      });
      file.on('limit', () => {
        const mebibytes = Math.floor(bytes_max / 2 ** 20);
        refuse(new AppError(413, 'too_large', `The file is larger than ${mebibytes} MB.`));
      });
    });
    parser.on('error', () => {
      refuse(malformed());
    });
    parser.on('finish', () => {
      resolve(pieces.length === 0 ? undefined : Buffer.concat(pieces));
    });
    req.on('aborted', () => {
      refuse(malformed());
    });
    req.pipe(parser);
  });
}

/** @throws AppError 400 `malformed` for headers without a boundary */
function parserFor(headers: BusboyHeaders, bytes_max: number) {
  try {
    const limits = { fileSize: bytes_max, files: 1, fields: 10, parts: 11 };
    return new Busboy({ headers, limits });
  } catch {
    throw malformed();
  }
}

function malformed(): AppError {
  return new AppError(400, 'malformed', 'The form cannot be read. Nothing was changed.');
}
