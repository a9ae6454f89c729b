import { pinoHttp } from 'pino-http';
import { requestIdOf } from './ids.ts';
import type { Logger } from './log.ts';

/** A line for each request. */
export function requestLog(log: Logger) {
  return pinoHttp({
    logger: log,
    genReqId: (req, res) => {
      const id = requestIdOf(req.headers['x-request-id']);
      res.setHeader('X-Request-Id', id);
      return id;
    },
    // A stream is over long after it was asked for, and with each page.
    autoLogging: { ignore: (req) => /^\/(assets|healthz|readyz)|\/live$/.test(req.url ?? '') },
    // What went wrong is logged where the error is answered.
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'warn' : 'info'),
    customErrorObject: (_req, _res, _error, line: { err?: unknown }) => ({
      ...line,
      err: undefined,
    }),
    serializers: {
      req: (req: { id: unknown; method: unknown; url: unknown }) => ({
        id: req.id,
        method: req.method,
        path: withoutSecrets(String(req.url)),
      }),
      res: (res: { statusCode: unknown }) => ({ status: res.statusCode }),
    },
  });
}

/** The path of a request; not its query, for what Google sends back is nobody's business. */
function withoutSecrets(url: string): string {
  const [path = ''] = url.split('?');
  return path.replace(/^\/(verify|reset|undo|invitations)\/.*/, '/$1/…');
}
