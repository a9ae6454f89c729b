import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { environmentExample, readmeWithSettings } from '../scripts/settings-text.ts';
import { parseConfig } from '../src/config.ts';
import { describedSettings } from '../src/settings.ts';

/** When one of the first two fails: `npm run settings`. */
describe('what is written from the settings', () => {
  test('README.md has the table as it would be written now', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(readme).toBe(readmeWithSettings(readme));
  });

  test('.env.example is as it would be written now', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(environmentExample());
  });

  test('.env.example sets nothing until a line is uncommented', () => {
    expect(parseEnv(environmentExample())).toEqual({});
  });

  test('the examples that it gives are settings that the program takes', () => {
    for (const { name, example } of describedSettings()) {
      if (example !== undefined)
        expect(() => parseConfig({ [name]: example, ...needed(name) })).not.toThrow();
    }
  });

  test('a README without its marks is told, not overwritten', () => {
    expect(() => readmeWithSettings('# Scrip\n')).toThrow('README.md lacks');
  });
});

/** What a setting is refused without. */
function needed(name: string): Record<string, string> {
  if (name === 'MIGRATION_DATABASE_URL') return { DATABASE_URL: 'postgres://a@b/c' };
  return name === 'SMTP_URL' ? { MAIL_FROM: 'a@b.example' } : {};
}
