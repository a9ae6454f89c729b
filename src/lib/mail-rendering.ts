import path from 'node:path';
import { Eta } from 'eta';
import { DEFAULT_READER, type Reader, showFor } from './formatting.ts';
import { oneLine } from './mail.ts';
import { renderView } from './rendering.ts';

/** What a mail says, before it is known who sends it. */
export interface RenderedMail {
  kind: string;
  subject: string;
  /** Paragraphs between blank lines. Links to Scrip begin with `HERE`. */
  text: string;
}

/** Who sends, and where Scrip is reached: settings of the process that sends. */
export interface Letterhead {
  seller: string;
  baseUrl: string;
}

/** Stands for the address of this installation until a mail is sent; leads nowhere by itself. */
const HERE = 'https://scrip.invalid';

/** Read anew each time: mails are rare, and a developer wants to see what was changed. */
const eta = new Eta({
  views: path.join(import.meta.dirname, '..', '..', 'views', 'mail'),
  cache: false,
  autoTrim: false,
  escapeFunction: printValue,
});

/**
 * Makes the text of a mail from `views/mail/<kind>.eta`, whose first line is the subject. A template
 * prints figures and dates with `it.show`, and where a path of ours is with `it.link`. No value makes
 * a line or paragraph of its own. Throws when a value is missing.
 */
export function renderMail(
  kind: string,
  data: object,
  reader: Reader = DEFAULT_READER,
): RenderedMail {
  const link = (local: string): string => `${HERE}${local}`;
  const written = eta.render(`./${kind}.eta`, { ...data, show: showFor(reader), link });
  const [subject = '', ...lines] = written.trim().split('\n');
  const text = lines.join('\n').replace(/\n{3,}/g, '\n\n');
  return { kind, subject: oneLine(subject), text: text.trim() };
}

/**
 * A mail as it is sent: the links lead to this installation, the seller signs, and mails that can be
 * ended say where.
 */
export function composeMail(
  mail: Pick<RenderedMail, 'subject' | 'text'> & { unsubscribe_path?: string | null },
  letterhead: Letterhead,
): { text: string; html: string } {
  const { subject } = mail;
  const here = mail.text.replaceAll(HERE, letterhead.baseUrl);
  const paragraphs = here.split('\n\n').map((paragraph) => shapeOf(paragraph));
  const unsubscribe_url =
    typeof mail.unsubscribe_path === 'string'
      ? `${letterhead.baseUrl}${mail.unsubscribe_path}`
      : undefined;
  const ending =
    unsubscribe_url === undefined ? '' : `\nNo more mails like this: ${unsubscribe_url}\n`;
  return {
    text: `${here}\n\n-- \n${letterhead.seller}\n${letterhead.baseUrl}\n${ending}`,
    html: renderView('mail/layout', { subject, paragraphs, unsubscribe_url, ...letterhead }),
  };
}

/**
 * What a paragraph is in HTML: a link has its label and colon in the line before, a fact two spaces
 * after its colon, which no value that was printed has.
 */
function shapeOf(paragraph: string) {
  const lines = paragraph.split('\n');
  const [label = '', url = ''] = lines;
  if (lines.length === 2 && label.endsWith(':') && /^https?:\/\/\S+$/.test(url)) {
    return { link: { label: label.slice(0, -1), url } };
  }
  const facts = lines.map((line) => /^([^:]+): {2}(.+)$/.exec(line));
  if (facts.every((fact) => fact !== null)) {
    return { facts: facts.map(([, name = '', value = '']) => ({ name, value })) };
  }
  return { sentence: lines.join(' ') };
}

function printValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return oneLine(String(value));
    default:
      throw new TypeError(`a mail printed ${value === null ? 'null' : typeof value}`);
  }
}
