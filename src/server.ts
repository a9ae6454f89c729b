/** The web program. `node src/server.ts [PRESET]` */
import { setFlagsFromString } from 'node:v8';
import { assembleApp, chooseProvider, isForThisMachine } from './assemble.ts';
import { type Config, readConfig } from './config.ts';
import { keepSeller } from './billing/seller.ts';
import { DEMO_PERSON, seedDemo } from './demo.ts';
import { MAIL_IS_OFF, UNSEALED, jobsOf, mailServerOf } from './jobs.ts';
import { type Ledger, createLedger } from './ledger/ledger.ts';
import { catalogueReader } from './lib/catalogue-versions.ts';
import type { Connections } from './lib/database.ts';
import { startWorker } from './lib/jobs.ts';
import { type Logger, createLog } from './lib/log.ts';
import { Meters } from './lib/meters.ts';
import { configureRendering } from './lib/rendering.ts';
import {
  encryptionKeysOf,
  sealKeysOf,
  sessionSecretsOf,
  startSimulatedStripe,
} from './local-services.ts';
import { openDatabase } from './open-database.ts';
import { presetFor } from './preset-in-use.ts';
import type { Preset } from './presets/preset.ts';
import { type Running, runService, say } from './program.ts';
import { type Listening, listen } from './serve.ts';
import { ApiKeyUses } from './workspaces/api-key-uses.ts';
import { LiveBalances } from './workspaces/live-balances.ts';

// V8 learns from the slow first requests that what they allocate lives long, and puts the like of it
// among old objects ever after. Dead there, it keeps whole requests alive (docs/decisions/028).
setFlagsFromString('--no-allocation-site-pretenuring');

await runService(async (running) => {
  const config = readConfig({ preset: process.argv[2] });
  const log = createLog(config.logLevel);
  configureRendering({ cache: config.production });
  const close = (web: Listening): Promise<void> => web.close();
  const web = await running.start(() => listen(config.host, config.port), close);
  const sessionSecrets = await sessionSecretsOf(config);
  const encryptionKeys = await encryptionKeysOf(config);
  const sealKeys = await sealKeysOf(config);
  const meters = new Meters();
  const baseUrl = config.baseUrl ?? `http://localhost:${web.port}`;
  const demo = isForThisMachine(config, baseUrl);
  const [{ provider }, data] = await Promise.all([
    chooseProvider(config, baseUrl, () =>
      running.start(
        () => startSimulatedStripe(config, web.origin),
        (stripe) => stripe.stop(),
      ),
    ),
    startData(running, config, { log, demo, meters }),
  ]);
  const { connections, ledger, preset } = data;
  const catalogue = catalogueReader(connections.staff);
  if (config.workerInline) {
    await running.start(
      () => {
        const { retentionDays, production } = config;
        const mail = mailServerOf(config, baseUrl);
        const jobs = jobsOf({
          connections,
          ledger,
          log,
          sealKeys,
          sessionSecrets,
          encryptionKeys,
          retentionDays,
          production,
          mail,
          provider,
          catalogue,
        });
        return startWorker(connections.plain, jobs, log);
      },
      (worker) => worker.stop(),
    );
  }
  const keyUses = await running.start(
    () => Promise.resolve(new ApiKeyUses(connections.ledgerJobs, log).start()),
    (uses) => uses.stop(),
  );
  const secrets = { sessionSecrets, encryptionKeys };
  const parts = { config, connections, ledger, log, baseUrl, ...secrets, provider, demo };
  const live = new LiveBalances(connections);
  web.answerWith(assembleApp({ ...parts, preset, catalogue, keyUses, live, meters }));
  // The last parts too, and so the first to be stopped: requests that run still have all they need,
  // and streams, which would run for ever, end before they are waited for.
  await running.start(() => Promise.resolve(web), close);
  await running.start(
    () => Promise.resolve(live),
    () => live.stop(),
  );
  greet(config, baseUrl, { mode: provider.mode, demo, sealed: sealKeys.length > 0 });
});

/** The database, with the demo person in it where there is to be one. */
async function startData(
  running: Running,
  config: Config,
  { log, demo, meters }: { log: Logger; demo: boolean; meters: Meters },
): Promise<{ connections: Connections; ledger: Ledger; preset: Preset }> {
  const connections = await openDatabase(running, config, log);
  const preset = await presetFor(connections.app, config.preset);
  await connections.app.transaction().execute((trx) => keepSeller(trx, config.sellerDetails));
  if (demo) await seedDemo(connections, preset);
  const ledger = createLedger(connections.ledger, connections.notices, (commands) => {
    meters.batches.observe(commands);
  });
  return { connections, ledger, preset };
}

/** What somebody who has just started the program wants to know: where it is, and what is off. */
function greet(
  config: Config,
  baseUrl: string,
  about: { mode: string; demo: boolean; sealed: boolean },
): void {
  const lines = [`Scrip is ready: ${baseUrl}`];
  const { email, password } = DEMO_PERSON;
  if (about.demo) lines.push(`Look around as ${email}, password ${password}`);
  if (about.mode === 'simulated') lines.push('Payments are simulated: no money moves.');
  if (about.mode === 'off')
    lines.push('Buying is off: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.');
  if (config.google === undefined) lines.push('Sign-in with Google is off: set GOOGLE_CLIENT_ID.');
  if (config.mail === undefined) {
    lines.push(about.demo ? `Mails are not sent, but shown: ${baseUrl}/outbox` : MAIL_IS_OFF);
  }
  if (baseUrl.startsWith('https:') && config.trustProxy === 0) {
    lines.push(
      'BASE_URL is https and TRUST_PROXY is 0: a proxy that ends TLS is not believed, no session cookie is set, and nobody can sign in. Set TRUST_PROXY=1.',
    );
  }
  if (config.workerInline && !about.sealed) lines.push(UNSEALED);
  if (!config.workerInline) lines.push('Jobs are done by the worker: node src/worker.ts');
  say(lines.join('\n  '));
}
