import type { Browser } from './program.ts';

/** A form of a page, as a browser would send it. */
interface PageForm {
  method: string;
  action: string;
  /** What stands in its fields. */
  values: Map<string, string>;
  /** What each field can be given; undefined: anything. */
  choices: Map<string, Set<string> | undefined>;
  buttons: Button[];
}

interface Button {
  words: string;
  /** Where it sends the form instead. */
  action: string | undefined;
  name: string | undefined;
  value: string;
}

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*\/?>([^<]*)/g;
const ATTRIBUTE = /([^\s=]+)(?:="([^"]*)")?/g;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The forms of a page with their fields, choices and buttons. */
export function formsOf(html: string): PageForm[] {
  const forms: PageForm[] = [];
  let form: PageForm | undefined;
  let button: Button | undefined;
  let select: string | undefined;
  for (const [, slash, tag = '', written = '', text = ''] of html.matchAll(TAG)) {
    const isEnd = slash === '/';
    const at = attributesOf(written);
    if (tag === 'form') {
      form = isEnd ? undefined : emptyForm(at);
      if (form !== undefined) forms.push(form);
    } else if (form === undefined) continue;
    else if (tag === 'button') button = isEnd ? undefined : addButton(form, at);
    else if (tag === 'select') select = isEnd ? undefined : at['name'];
    else if (tag === 'input' && at['name'] !== undefined) addInput(form, at['name'], at);
    else if (tag === 'textarea' && !isEnd) addField(form, at['name'] ?? '', unescaped(text));
    else if (tag === 'option' && !isEnd && select !== undefined) {
      const value = at['value'] ?? unescaped(text).trim();
      const isFirst = !form.values.has(select);
      addChoice(form, select, value, isFirst || at['selected'] !== undefined);
    }
    if (button !== undefined) button.words += unescaped(text);
  }
  return forms;
}

function emptyForm({ method = 'get', action = '' }: Record<string, string>): PageForm {
  return { method, action, values: new Map(), choices: new Map(), buttons: [] };
}

function addButton(form: PageForm, at: Record<string, string>): Button | undefined {
  if (at['hidden'] !== undefined || at['disabled'] !== undefined) return undefined;
  const { name, formaction: action, value = '' } = at;
  const button = { words: '', action, name, value };
  form.buttons.push(button);
  return button;
}

function addInput(form: PageForm, name: string, at: Record<string, string>): void {
  const value = at['value'] ?? 'on';
  if (at['type'] === 'radio' || at['type'] === 'checkbox') {
    addChoice(form, name, value, at['checked'] !== undefined);
    // It can be without its tick.
    if (at['type'] === 'checkbox') form.choices.get(name)?.add('');
  } else addField(form, name, at['value'] ?? '');
}

function addField({ values, choices }: PageForm, name: string, value: string): void {
  values.set(name, value);
  choices.set(name, undefined);
}

function addChoice(
  { values, choices }: PageForm,
  name: string,
  value: string,
  isChosen: boolean,
): void {
  choices.set(name, (choices.get(name) ?? new Set()).add(value));
  if (isChosen) values.set(name, value);
}

function attributesOf(written: string): Record<string, string> {
  const found = [...written.matchAll(ATTRIBUTE)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replaceAll(/&([a-z]+|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/**
 * Opens a page and presses the one button with these words: sends its form to where the form says,
 * with what stands in its fields, and with what is filled in. A field or choice that the page does
 * not offer, or a button that is not there, is a fault of the page.
 */
export async function press(
  browser: Browser,
  path: string,
  words: string | RegExp,
  filled: Readonly<Record<string, string>> = {},
) {
  const page = await browser.get(path).expect(200);
  return pressIn(browser, { path, html: page.text }, words, filled);
}

/** The same in a page that was opened before. */
export async function pressIn(
  browser: Browser,
  { path, html }: { path: string; html: string },
  words: string | RegExp,
  filled: Readonly<Record<string, string>> = {},
) {
  const { form, button } = buttonOf(html, words, path);
  const values = new Map(form.values);
  for (const [name, value] of Object.entries(filled)) {
    const isOffered = form.choices.has(name) && (form.choices.get(name)?.has(value) ?? true);
    if (!isOffered) throw new Error(`${path} has no field ${name} for ${value}`);
    values.set(name, value);
    if (value === '' && form.choices.get(name) !== undefined) values.delete(name);
  }
  if (button.name !== undefined) values.set(button.name, button.value);
  const { pathname, search } = new URL(button.action ?? form.action, `http://page${path}`);
  const sent = Object.fromEntries(values);
  if (form.method === 'get') return browser.get(pathname).query(sent);
  return browser.post(`${pathname}${search}`).type('form').send(sent);
}

function buttonOf(
  html: string,
  words: string | RegExp,
  path: string,
): { form: PageForm; button: Button } {
  const all = formsOf(html).flatMap((form) => form.buttons.map((button) => ({ form, button })));
  const said = ({ button }: { button: Button }): string =>
    button.words.replaceAll(/\s+/g, ' ').trim();
  const [found, ...others] = all.filter((one) =>
    typeof words === 'string' ? said(one) === words : words.test(said(one)),
  );
  if (found === undefined || others.length > 0) {
    const offered = all.map((one) => `"${said(one)}"`).join(', ');
    throw new Error(`${path} has not one button ${words} but ${offered}`);
  }
  return found;
}
