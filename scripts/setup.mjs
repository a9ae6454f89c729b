// Runs before npm's start, dev, test and check: sees to it that the dependencies and the project's
// own Node are there, and is silent when they are. Plain JavaScript without dependencies, because
// it must run on a fresh clone, on whatever Node the machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './setup-lock.mjs';

/**
 * @typedef {{ version?: string, resolved?: string, integrity?: string, link?: boolean,
 *   optional?: boolean, dev?: boolean, os?: string[], cpu?: string[] }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} LockFile
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
/** Holds what an installation ended with, for lock files that npm itself corrects while it installs. */
const seal = path.join(modules, '.scrip-setup');
const nodeMajor = Number(process.versions.node.split('.')[0]);

/** Settings of the caller's npm that would change what is installed, or where. */
const misleadingSettings =
  /^npm_config_(global|location|local_prefix|prefix|omit|only|production|dev|also|optional|include|dry_run|package_lock|package_lock_only|workspaces?|include_workspace_root|install_strategy|install_links|global_style|legacy_bundling|legacy_peer_deps|bin_links|os|cpu|libc|engine_strict|json|loglevel)$/i;

class SetupError extends Error {}

/**
 * @param {string} file
 * @returns {any} undefined when there is no such file, or no JSON in it
 */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Why dependencies have to be installed, or undefined when node_modules holds what
 * package-lock.json says.
 * @param {boolean} withDevelopment whether development dependencies are asked for too
 * @returns {string | undefined}
 */
function whyInstall(withDevelopment) {
  /** @type {LockFile | undefined} */
  const wanted = readJson(path.join(root, 'package-lock.json'));
  if (!wanted || !wanted.packages) {
    throw new SetupError(
      'package-lock.json is missing or cannot be read. Get it back with: git checkout package-lock.json',
    );
  }
  if (!fs.existsSync(modules)) return 'node_modules is missing';
  /** @type {LockFile | undefined} npm writes it last, so it is there only after a whole installation */
  const installed = readJson(path.join(modules, '.package-lock.json'));
  if (!installed || !installed.packages) return 'an earlier installation was not finished';
  for (const [place, entry] of Object.entries(installed.packages)) {
    if (!fitsThisMachine(entry)) return `${nameOf(place)} was installed for another system`;
    if (!fs.existsSync(path.join(root, place, 'package.json'))) {
      return `${nameOf(place)} is missing from node_modules`;
    }
  }
  if (withDevelopment && fs.existsSync(seal) && fs.readFileSync(seal, 'utf8') === fingerprint()) {
    return undefined;
  }
  for (const [place, entry] of Object.entries(wanted.packages)) {
    if (!place.startsWith('node_modules/') || entry.optional || !fitsThisMachine(entry)) continue;
    if (entry.dev && !withDevelopment) continue;
    const found = installed.packages[place];
    if (!found) return `${nameOf(place)} is missing from node_modules`;
    if (found.version !== entry.version) {
      return `${nameOf(place)} is ${found.version || 'of no version'}, package-lock.json says ${entry.version || 'otherwise'}`;
    }
    const other = found.integrity && entry.integrity && found.integrity !== entry.integrity;
    if (other || found.link !== entry.link || (entry.link && found.resolved !== entry.resolved)) {
      return `${nameOf(place)} is not the one that package-lock.json names`;
    }
  }
  return undefined;
}

/** What package-lock.json and node_modules say at the moment. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json']) {
    hash.update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

/** @param {string} place such as node_modules/a/node_modules/@b/c */
function nameOf(place) {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** @param {LockEntry} entry */
function fitsThisMachine(entry) {
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch);
}

/**
 * @param {string | string[] | undefined} list as in a package.json: names, or names with "!"
 * @param {string} value
 */
function allows(list, value) {
  const names = [list || []].flat();
  if (names.includes(`!${value}`)) return false;
  const wanted = names.filter((name) => !name.startsWith('!'));
  return wanted.length === 0 || wanted.includes(value);
}

/**
 * What is wrong with the Node that the project brings along, or undefined when it runs.
 * @returns {string | undefined}
 */
function whatIsWrongWithNode() {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (!lock.packages['node_modules/node']) return undefined;
  const wanted = readJson(path.join(modules, 'node', 'package.json')).version.split('.')[0];
  const link = path.join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!fs.existsSync(link)) return 'node_modules/.bin/node is missing';
  if (fs.realpathSync(link) === process.execPath && String(nodeMajor) === wanted) return undefined;
  const answer = spawnSync(link, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (answer.error || answer.status !== 0) return 'node_modules/.bin/node does not run';
  const version = answer.stdout.trim();
  if (version.startsWith(`v${wanted}.`)) return undefined;
  return `node_modules/.bin/node is ${version}, not v${wanted}`;
}

/**
 * Runs npm in the project, with its output kept for the case of failure.
 * @param {string[]} parameters
 * @returns {Promise<{ code: number, output: string }>}
 */
function npm(parameters) {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (misleadingSettings.test(name) || name === 'NODE_ENV') delete environment[name];
  }
  // The Node inside node_modules is about to be replaced, so npm runs on the one outside.
  const pathName = Object.keys(environment).find((name) => /^path$/i.test(name)) || 'PATH';
  const folders = (environment[pathName] || '')
    .split(path.delimiter)
    .filter((folder) => !path.resolve(folder).startsWith(modules + path.sep));
  environment[pathName] = folders.join(path.delimiter);
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const outside = folders.map((folder) => path.join(folder, program)).find(fs.existsSync);
  const script = process.env['npm_execpath'] || '';
  const [command, first] = script.endsWith('npm-cli.js')
    ? [outside || process.execPath, [script]]
    : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...parameters], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (/** @type {Buffer} */ part) => (output += String(part));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.once(signal, () => child.kill(signal));
    }
    child.once('error', (error) =>
      reject(new SetupError(`npm cannot be run (${error.message}). Is it installed?`)),
    );
    child.once('close', (code) => resolve({ code: code === null ? 130 : code, output }));
  });
}

/**
 * npm empties what a linked node_modules leads to, from which another checkout may be running.
 * @param {string} why
 */
function refuseLink(why) {
  if (!fs.lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupError(
    `${why}, and node_modules is a link. Install where it leads to, or remove the link.`,
  );
}

async function install() {
  const { code, output } = await npm([
    'ci',
    '--include=dev',
    '--include=optional',
    '--include=peer',
    // Packages for Node 24 are run on Node 24, whichever Node installs them.
    '--no-engine-strict',
    '--no-legacy-peer-deps',
    '--no-audit',
    '--no-fund',
  ]);
  if (code !== 0) {
    throw new SetupError(
      `${output.trim()}\n\nThe dependencies could not be installed: npm ci ended with code ${code}; what it said stands above.`,
    );
  }
  // npm leaves no node_modules behind when there is nothing to install.
  if (fs.existsSync(path.join(modules, '.package-lock.json')))
    fs.writeFileSync(seal, fingerprint());
}

/** npm 12, or npm with --ignore-scripts, leaves out the step that fetches Node's program. */
async function fetchNode() {
  const { output } = await npm(['rebuild', 'node', '--ignore-scripts=false']);
  const wrong = whatIsWrongWithNode();
  if (wrong === undefined) return;
  throw new SetupError(
    `${output.trim()}\n\nThe project's own Node is not usable: ${wrong}. Allow the installation script of the package "node" and run: npm rebuild node --ignore-scripts=false`.trim(),
  );
}

async function main() {
  if (nodeMajor < 20) {
    throw new SetupError(
      `Node 20 or later is needed to install Scrip, which then brings its own Node 24; this is Node ${process.versions.node}. Get one at https://nodejs.org`,
    );
  }
  const { NODE_ENV, DATABASE_URL, npm_lifecycle_event } = process.env;
  // A deployed program with its own Node and database has no use for development dependencies.
  const deployed =
    NODE_ENV === 'production' &&
    Boolean(DATABASE_URL) &&
    npm_lifecycle_event === 'prestart' &&
    nodeMajor >= 24;
  const why = whyInstall(!deployed);
  if (why === undefined && (deployed || whatIsWrongWithNode() === undefined)) return;
  await alone(path.join(root, 'data', 'setup.lock'), async () => {
    const why = whyInstall(!deployed);
    if (why !== undefined) {
      refuseLink(why);
      console.log(`Installing dependencies: ${why}.`);
      await install();
    }
    const wrong = deployed ? undefined : whatIsWrongWithNode();
    if (wrong === undefined) return;
    console.log(`Fetching the project's own Node: ${wrong}.`);
    await fetchNode();
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
