import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StandInStartError, startStripeStandIn, type StripeStandInOptions } from './stand-in.ts';

const USAGE =
  'Usage: node stand-ins/stripe/server.ts --webhook-url URL --webhook-secret whsec_… --secret-key sk_test_… [--port 0] [--state FILE]';

const argumentShape = z.object({
  'webhook-url': z.string(),
  'webhook-secret': z.string(),
  'secret-key': z.string(),
  port: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535))
    .default(0),
  state: z.string().optional(),
});

function readOptions(): StripeStandInOptions {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        'webhook-url': { type: 'string' },
        'webhook-secret': { type: 'string' },
        'secret-key': { type: 'string' },
      },
    });
    const read = argumentShape.parse(values);
    return {
      port: read.port,
      webhookUrl: read['webhook-url'],
      webhookSecret: read['webhook-secret'],
      secretKey: read['secret-key'],
      ...(read.state !== undefined && { stateFile: read.state }),
    };
  } catch (error) {
    throw new StandInStartError(USAGE, { cause: error });
  }
}

const isForked = process.send !== undefined;

try {
  const standIn = await startStripeStandIn(readOptions());
  const stop = (): void => {
    void standIn.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A parent that has gone, however it went, takes this server with it.
  process.once('disconnect', stop);
  if (isForked && !process.connected) stop();
  else process.send?.({ listening: standIn.url });
  console.log(JSON.stringify({ listening: standIn.url }));
} catch (error) {
  if (!(error instanceof StandInStartError)) throw error;
  console.error(error.message);
  process.exit(1);
}
