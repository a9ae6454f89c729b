import type { Request, Response } from 'express';
import { z } from 'zod';
import { newestVersion, versionAt } from '../../core/versions.ts';
import { historyOf } from '../../lib/audit-history.ts';
import { auditChange } from '../../lib/changes.ts';
import type { Connections } from '../../lib/database.ts';
import { notFound } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState, parseForm } from '../../lib/forms.ts';
import { redirect, sendPage } from '../../lib/rendering.ts';
import { MEANWHILE, beginningIn, changedBy } from './beginning.ts';
import { type CatalogueKind, ROWS_MAX, type Values, calledIn, changesOf } from './kinds.ts';
import { Reading } from './reading.ts';

/** Codes as they usually are. */
export const CODES = {
  label: 'Code',
  hint: 'By which programs name it; it stays for ever.',
  pattern: /^[a-z0-9][a-z0-9._-]{0,59}$/,
  sentence: 'Lower case letters, digits, dots and dashes.',
};

/** The page of one thing, with its form, what is to come and its history. */
export class ItemPages<Terms> {
  readonly home: string;
  private readonly schema: ReturnType<typeof formOf>;
  private readonly kind: CatalogueKind<Terms>;
  private readonly connections: Connections;

  constructor(kind: CatalogueKind<Terms>, connections: Connections) {
    this.kind = kind;
    this.connections = connections;
    this.home = `/admin/catalogue/${kind.path}`;
    this.schema = formOf(kind);
  }

  async show(
    req: Request,
    res: Response,
    { code, form = EMPTY_FORM, status = 200 }: { code?: string; form?: FormState; status?: number },
  ): Promise<void> {
    const { kind, connections, home } = this;
    const versions = code === undefined ? [] : await kind.versions(connections.staff, code);
    const isMissing = code !== undefined && versions.length === 0;
    // Of what there is one, the page is there before anybody has said what it is.
    if (isMissing && kind.only === undefined) throw notFound(kind.subject);
    const now = new Date();
    const coming = changesOf(kind, versions, now);
    const shown = versionAt(versions, now) ?? coming[0] ?? newestVersion(versions);
    const subject = { kind: kind.subject, id: code ?? '' };
    const stored = shown && {
      ...kind.values(shown.terms),
      active: shown.active ? 'yes' : '',
    };
    const named = stored && code && calledIn(stored, code);
    const called = kind.only === undefined ? (named ?? `New ${kind.one}`) : kind.title;
    const isRefused = form !== EMPTY_FORM;
    const data = {
      ...{ kind, code, called, home, form, shown, codes: kind.codes ?? CODES },
      values: isRefused ? form.values : (stored ?? { active: 'yes', position: '0' }),
      rows: rowsFor(kind, isRefused ? form.values : (stored ?? {})),
      version: newestVersion(versions)?.version ?? 0,
      first: versions[0],
      coming: coming.map((one) => ({ ...one, sentence: kind.sentence(one.terms) })),
      events: code === undefined ? [] : await historyOf(connections.staff, subject),
    };
    sendPage(req, res, 'admin/catalogue/item', data, status);
  }

  async save(req: Request, res: Response, staff: Express.User, code?: string) {
    const { kind, connections, home, schema } = this;
    const form = parseForm(schema, req.body);
    if (!form.ok) return this.show(req, res, { ...(code && { code }), form, status: 422 });
    const reading = new Reading(form.data);
    const name = code ?? reading.raw('code');
    const read = kind.read({ ...form.data, code: name });
    const from = kind.at_once === true ? undefined : beginningIn(reading, res);
    const by = changedBy(req, staff, reading);
    const { pattern, sentence } = kind.codes ?? CODES;
    if (!pattern.test(name)) reading.refuse('code', sentence);
    const errors = { ...(read.outcome === 'refused' ? read.errors : {}), ...reading.errors };
    if (read.outcome === 'refused' || Object.keys(errors).length > 0) {
      return this.show(req, res, { ...(code && { code }), form: { ...form, errors }, status: 422 });
    }
    const active = kind.in_use === undefined || reading.isTicked('active');
    const stated = { terms: read.terms, active };
    const change = { valid_from: from, by };
    const after_version = Number(form.data['version'] ?? '0');
    const refusal = await connections.app.transaction().execute(async (trx) => {
      const isFirst = kind.only !== undefined && after_version === 0;
      if (code !== undefined && !isFirst) {
        const changed = await kind.change(trx, code, stated, { ...change, after_version });
        return changed === 'changed' ? undefined : { refusal: MEANWHILE };
      }
      if (name === 'own' || !(await kind.add(trx, name, stated, change))) {
        return { errors: { code: 'This code is taken. Choose another.' } };
      }
      const subject = { kind: kind.subject, id: name };
      await auditChange(trx, subject, change, { after: kind.values(read.terms) });
      return undefined;
    });
    if (refusal === undefined) {
      redirect(req, res, `${home}/${name}`);
      return;
    }
    const refused = { ...form, errors: {}, ...refusal };
    return this.show(req, res, { ...(code && { code }), form: refused, status: 422 });
  }
}

/** Each field that the kind has, as the text that a browser sends. */
function formOf<Terms>({ fields, rows }: CatalogueKind<Terms>) {
  const names = ['code', 'active', 'from', 'reason', 'version', ...fields.map(({ name }) => name)];
  for (let row = 1; row <= ROWS_MAX; row++) {
    names.push(...(rows?.columns ?? []).map(({ name }) => `${name}_${row}`));
  }
  const text = z.string().max(1_000).default('');
  return z.object(Object.fromEntries(names.map((name) => [name, text])));
}

/** The rows that are filled in, and some more. */
function rowsFor<Terms>({ rows }: CatalogueKind<Terms>, values: Values): number[] {
  if (rows === undefined) return [];
  const all = Array.from({ length: ROWS_MAX }, (_, index) => index + 1);
  const used = all.filter((row) => rows.columns.some(({ name }) => values[`${name}_${row}`]));
  const count = Math.min(ROWS_MAX, Math.max(2, (used.at(-1) ?? 0) + 1));
  return all.slice(0, count);
}
