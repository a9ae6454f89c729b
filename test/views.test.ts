import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const views = globSync('views/**/*.eta').map((name) => ({
  name,
  text: readFileSync(name, 'utf8'),
}));

/** Every line of every view that matches, as "file: what matched". */
function found(pattern: RegExp): string[] {
  return views.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map(([match]) => `${name}: ${match}`),
  );
}

describe('the views', () => {
  test('are there', () => {
    expect(views.length).toBeGreaterThan(20);
  });

  test('hold no script: the content security policy would refuse it', () => {
    expect(found(/<script(?![^>]*\ssrc=)[^>]*>/g)).toEqual([]);
    expect(found(/\son[a-z]+\s*=/gi)).toEqual([]);
    expect(found(/javascript:|\bjs:/gi)).toEqual([]);
  });

  test('hold no style of their own, neither as an attribute nor as an element, but for mails', () => {
    const styled = found(/\sstyle\s*=|<style\b/gi);
    expect(styled.filter((one) => !one.startsWith('views/mail/'))).toEqual([]);
  });

  test('attack 20: use nothing of htmx that evaluates code', () => {
    expect(found(/hx-on\b|hx-trigger="[^"]*\[/g)).toEqual([]);
  });

  test('have no habits of htmx 2, which htmx 4 ignores without a word', () => {
    expect(
      found(/hx-(?:vars|params|ext|inherit|disinherit|request|history|disabled-elt|prompt)\b/g),
    ).toEqual([]);
    expect(found(/\bhtmx:[a-z]+[A-Z]\w*/g)).toEqual([]);
    expect(found(/\b(?:sse|ws)-connect\b/g)).toEqual([]);
    expect(found(/hx-disable(?:=""|[\s>])/g)).toEqual([]);
  });

  test('print raw text only from includes, blocks and the body of a layout', () => {
    const raw = found(/<%[-_]?~[\s\S]*?%>/g);
    expect(raw.filter((tag) => !/<%[-_]?~ (?:include\(|block\(|it\.body )/.test(tag))).toEqual([]);
  });

  test('include only views that are there', () => {
    const names = new Set(views.map(({ name }) => name));
    const missing = views.flatMap(({ name, text }) =>
      [...text.matchAll(/include\('([^']+)'/g)]
        .map(([, target = '']) =>
          target.startsWith('/')
            ? `views${target}.eta`
            : `${name.slice(0, name.lastIndexOf('/'))}/${target.replace('./', '')}.eta`,
        )
        .filter((path) => !names.has(path))
        .map((path) => `${name} includes ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('send a form only to a path of ours', () => {
    expect(
      found(/<form(?![^>]*\saction="(?:\/|<%= (?:(?:it\.)?action|address|base) %>))[^>]*>/g),
    ).toEqual([]);
  });
});
