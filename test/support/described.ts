import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Response } from 'supertest';
import { expect } from 'vitest';
import { z } from 'zod';
import { ENDPOINTS } from '../../src/api/endpoints.ts';
import { openApiOf } from '../../src/api/openapi.ts';

const Content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const Described = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(
          z.string(),
          z.union([z.object({ $ref: z.string() }), z.object({ content: Content })]),
        ),
      }),
    ),
  ),
});

const document = Described.parse(JSON.parse(JSON.stringify(openApiOf(ENDPOINTS))));
const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  formats: { 'date-time': true, uri: true, uuid: true },
});
const compiled = new Map<unknown, ValidateFunction>();

/** Holds an answer against what /api/v1/openapi.json says of it: its status, its type and its body. */
export function expectDescribed(method: string, path: string, answer: Response): void {
  const place = Object.keys(document.paths).find((described) =>
    new RegExp(`^${described.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
  );
  const operation = document.paths[place ?? '']?.[method];
  if (operation === undefined) return;
  const described = operation.responses[answer.status];
  if (described === undefined) throw new Error(`${method} ${path} does not say ${answer.status}`);
  if (!('content' in described)) {
    expect(answer.type).toBe('application/problem+json');
    return;
  }
  const content = described.content[answer.type];
  if (content === undefined) throw new Error(`${method} ${path} does not say ${answer.type}`);
  const fits = compiled.get(content) ?? ajv.compile(content.schema);
  compiled.set(content, fits);
  if (!fits(answer.body)) {
    throw new Error(
      `${method} ${path} answers otherwise than it says: ${ajv.errorsText(fits.errors)}`,
    );
  }
}
