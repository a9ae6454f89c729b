/** The web program. `node src/server.ts` */
import { assembleApp, chooseProvider } from './assemble.ts';
import { type Config, readConfig } from './config.ts';
import { DEMO_PERSON, seedDemo } from './demo.ts';
import { jobsOf } from './jobs.ts';
import { createLedger } from './ledger/ledger.ts';
import { startWorker } from './lib/jobs.ts';
import { createLog } from './lib/log.ts';
import { startLocalServices, startSimulatedStripe } from './local-services.ts';
import { openConnections, prepareDatabase } from './prepare.ts';
import { presets } from './presets/presets.ts';
import { runProgram, say, stopOnSignal } from './program.ts';
import { configureRendering } from './lib/rendering.ts';
import { listen } from './serve.ts';

await runProgram(async () => {
  const config = readConfig();
  const log = createLog(config.logLevel);
  configureRendering({ cache: config.production });
  /** What was started, to be stopped in the reverse order. */
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of started.splice(0).reverse()) await stopOne();
  };
  stopOnSignal(stop);
  try {
    await start(config, log, started);
  } catch (error) {
    await stop();
    throw error;
  }
});

async function start(
  config: Config,
  log: ReturnType<typeof createLog>,
  started: (() => Promise<void>)[],
): Promise<void> {
  const web = await listen(config.host, config.port);
  started.push(() => web.close());
  const local = config.database === undefined ? await startLocalServices(config, say) : undefined;
  if (local !== undefined) started.push(() => local.stop());
  const address = config.database ?? local?.address;
  if (address === undefined) throw new Error('there is no database');
  if (config.migrateOnBoot) await prepareDatabase(config, address);

  const connections = await openConnections(config, address, (error) => {
    log.warn({ err: error }, 'a database connection was lost');
  });
  started.push(() => connections.close());
  const ledger = createLedger(connections.ledger);
  if (local !== undefined) await seedDemo(connections, ledger, presets[config.preset]);

  const baseUrl = config.baseUrl ?? `http://localhost:${web.port}`;
  const { provider, simulated } = await chooseProvider(config, baseUrl, () =>
    startSimulatedStripe(config, `http://127.0.0.1:${web.port}`),
  );
  if (simulated !== undefined) started.push(() => simulated.stop());
  if (config.workerInline) {
    const worker = await startWorker(connections.plain, jobsOf({ connections, ledger, log }), log);
    started.push(() => worker.stop());
  }
  const sessionSecrets =
    config.sessionSecrets.length > 0 ? config.sessionSecrets : (local?.sessionSecrets ?? []);
  const demo = local !== undefined;
  web.answerWith(
    assembleApp({ config, connections, ledger, log, baseUrl, sessionSecrets, provider, demo }),
  );
  greet(config, baseUrl, { mode: provider.mode, demo });
}

/** What somebody who has just started the program wants to know: where it is, and what is off. */
function greet(config: Config, baseUrl: string, about: { mode: string; demo: boolean }): void {
  say(`Scrip is ready: ${baseUrl}`);
  if (about.demo) say(`  Look around as ${DEMO_PERSON.email}, password ${DEMO_PERSON.password}`);
  if (about.mode === 'simulated') say('  Payments are simulated: no money moves.');
  if (about.mode === 'off')
    say('  Buying is off: set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.');
  if (config.google === undefined) say('  Sign-in with Google is off: set GOOGLE_CLIENT_ID.');
  if (!config.workerInline) say('  Jobs are done by the worker: node src/worker.ts');
}
