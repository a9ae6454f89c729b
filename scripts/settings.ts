/** Writes .env.example and the README's table of settings from src/settings.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import { environmentExample, readmeWithSettings } from './settings-text.ts';

await writeFile('.env.example', environmentExample());
await writeFile('README.md', readmeWithSettings(await readFile('README.md', 'utf8')));
