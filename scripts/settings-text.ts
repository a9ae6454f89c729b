import { describedSettings } from '../src/settings.ts';

const START = '<!-- settings -->';
const END = '<!-- /settings -->';

/** The README with its table of settings as they are now, between the two marks. */
export function readmeWithSettings(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`README.md lacks ${START} and ${END}`);
  return `${readme.slice(0, start + START.length)}\n\n${settingsTable()}\n\n${readme.slice(end)}`;
}

function settingsTable(): string {
  const rows = describedSettings().map(
    ({ name, about, without }) => `| \`${name}\` | ${cell(about)} | ${cell(without)} |`,
  );
  return ['| setting | what it is for | without it |', '|---|---|---|', ...rows].join('\n');
}

/** All settings, none of them set: what a person copies to .env and fills in. */
export function environmentExample(): string {
  const parts = describedSettings().map(({ name, about, without, example = '' }) =>
    [`# ${capital(plain(about))}.`, `# Without it: ${plain(without)}.`, `#${name}=${example}`].join(
      '\n',
    ),
  );
  return [
    '# Copy this file to .env and uncomment what you need. Scrip runs without any of it.',
    '# Written by `npm run settings` from src/settings.ts.',
    ...parts,
  ]
    .join('\n\n')
    .concat('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
