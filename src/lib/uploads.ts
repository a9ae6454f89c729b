import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { Request } from 'express';
import { AppError } from './errors.ts';

/** A form that was sent as multipart/form-data. */
export interface UploadedForm {
  fields: ReadonlyMap<string, string>;
  /** Undefined when there is none, or an empty one. */
  file: { name: string; bytes: Buffer } | undefined;
}

interface Upload {
  /** Of the one file. */
  field: string;
  /** Of the file, and of each field. */
  bytes_max: number;
}

/** As `uploadedForm`, for what has no field but the file. */
export async function uploadedFile(req: Request, upload: Upload): Promise<Buffer | undefined> {
  return (await uploadedForm(req, upload)).file?.bytes;
}

/**
 * Reads a form with one file.
 * @throws AppError 413 `too_large` beyond `bytes_max`, 400 `malformed`
 */
export async function uploadedForm(
  req: Request,
  { field, bytes_max }: Upload,
): Promise<UploadedForm> {
  const type = req.headers['content-type'];
  if (type?.startsWith('multipart/form-data') !== true) throw malformed();
  return new Promise((resolve, reject) => {
    const parser = parserFor({ ...req.headers, 'content-type': type }, bytes_max);
    const fields = new Map<string, string>();
    const pieces: Buffer[] = [];
    let file_name = '';
    const refuse = (error: AppError): void => {
      req.unpipe(parser);
      // What comes still is read and dropped: who has not sent everything may not hear an answer.
      const answer = (): void => {
        reject(error);
      };
      if (req.readableEnded || req.destroyed) answer();
      else req.once('end', answer).once('close', answer).resume();
    };
    parser.on('field', (name, value, _nameIsCut, isCut) => {
      if (isCut) refuse(tooLarge('What was entered', bytes_max));
      fields.set(name, value);
    });
    parser.on('file', (name, file, itsName) => {
      if (name === field) file_name = itsName;
      file.on('data', (piece: Buffer) => {
        if (name === field) pieces.push(piece);
      });
      file.on('limit', () => {
        refuse(tooLarge('The file', bytes_max));
      });
    });
    parser.on('error', () => {
      refuse(malformed());
    });
    parser.on('finish', () => {
      const bytes = Buffer.concat(pieces);
      resolve({ fields, file: bytes.length === 0 ? undefined : { name: file_name, bytes } });
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
    const sizes = { fileSize: bytes_max, fieldSize: bytes_max };
    return new Busboy({ headers, limits: { ...sizes, files: 1, fields: 10, parts: 11 } });
  } catch {
    throw malformed();
  }
}

function tooLarge(what: string, bytes_max: number): AppError {
  const mebibytes = Math.floor(bytes_max / 2 ** 20);
  return new AppError(413, 'too_large', `${what} is larger than ${mebibytes} MB.`);
}

function malformed(): AppError {
  return new AppError(400, 'malformed', 'The form cannot be read. Nothing was changed.');
}
