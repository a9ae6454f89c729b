import { ScripError } from './problems.ts';
import { mayPass, pause, retryAfterOf, stopWhenAborted, waitMilliseconds } from './retries.ts';

export interface TransportOptions {
  /** Where Scrip is: `https://credits.example.com`. */
  url: string;
  /** A key of the API. */
  key: string;
  /** How long one try waits for its answer: 10 seconds unless given. */
  timeout_milliseconds?: number | undefined;
  /** For how long a call is tried again: 30 seconds unless given; 0 tries once. */
  retry_milliseconds?: number | undefined;
  /** Another fetch than the global one. */
  fetch?: typeof fetch | undefined;
}

/** How one call differs from what the client does by itself. */
export interface CallOptions {
  /** Names what is done, once and for ever in its wallet; made for this call when absent. */
  idempotency_key?: string | undefined;
  /** Ends the call. What it asked for may have been done: ask again with the same key to know. */
  signal?: AbortSignal | undefined;
  /** Stands in the answer and beside the entry. */
  request_id?: string | undefined;
  /** How long one try waits for its answer. */
  timeout_milliseconds?: number | undefined;
  /** For how long a call is tried again. */
  retry_milliseconds?: number | undefined;
}

/** An answer that is none of a problem. */
export interface Answered {
  body: Record<string, unknown>;
  /** It is the first answer to its key again. */
  replayed: boolean;
}

interface Sent {
  url: string;
  request: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
  idempotency_key?: string;
}

/** Sends requests, each with one idempotency key however often it is tried. */
export class Transport {
  readonly #url: string;
  readonly #key: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #retry: number;

  /** @throws TypeError for a URL or key that cannot be one; it does not repeat them */
  constructor(options: TransportOptions) {
    this.#url = baseOf(options.url);
    if (!/^[\x21-\x7e]+$/.test(options.key)) throw new TypeError('This cannot be an API key.');
    this.#key = options.key;
    // Browsers and workers want their fetch called as a function of nothing.
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
    this.#timeout = options.timeout_milliseconds ?? 10_000;
    this.#retry = options.retry_milliseconds ?? 30_000;
  }

  /**
   * Reads a path under /api/v1, and again while it may help.
   * @throws ScripError when it is refused or time is up; the signal's reason when that is aborted
   */
  async get(path: string, query: object, options: CallOptions): Promise<Answered> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) search.append(name, String(value));
    }
    const url = search.size === 0 ? path : `${path}?${search.toString()}`;
    const request = { method: 'GET', headers: this.#headers(options) } as const;
    return this.#ask({ url, request }, options);
  }

  /** Posts to a path under /api/v1, as `get` reads. Each try has the same idempotency key. */
  async post(path: string, body: object, options: CallOptions): Promise<Answered> {
    const { idempotency_key = crypto.randomUUID() } = options;
    const headers = {
      ...this.#headers(options),
      'Content-Type': 'application/json',
      'Idempotency-Key': idempotency_key,
    };
    const request = { method: 'POST', headers, body: JSON.stringify(body) } as const;
    return this.#ask({ url: path, request, idempotency_key }, options);
  }

  #headers({ request_id }: CallOptions): Record<string, string> {
    const authorization = { Authorization: `Bearer ${this.#key}` };
    return request_id === undefined
      ? authorization
      : { ...authorization, 'X-Request-Id': request_id };
  }

  async #ask(sent: Sent, options: CallOptions): Promise<Answered> {
    const until = performance.now() + (options.retry_milliseconds ?? this.#retry);
    for (let tries = 1; ; tries++) {
      const result = await this.#try(sent, options);
      if (!(result instanceof ScripError)) return result;
      const wait = waitMilliseconds(tries, result.retry_after_seconds, Math.random());
      if (!mayPass(result.status) || performance.now() + wait > until) throw result;
      await pause(wait, options.signal);
    }
  }

  /** One try: an answer, or why there is none. */
  async #try(sent: Sent, options: CallOptions): Promise<Answered | ScripError> {
    const { signal, timeout_milliseconds = this.#timeout } = options;
    stopWhenAborted(signal);
    const ended = new AbortController();
    const end = (): void => {
      ended.abort();
    };
    const timer = setTimeout(end, timeout_milliseconds);
    signal?.addEventListener('abort', end);
    try {
      const response = await this.#fetch(`${this.#url}/api/v1${sent.url}`, {
        ...sent.request,
        signal: ended.signal,
        // A redirect would be followed without the body, or take the key elsewhere.
        redirect: 'manual',
      });
      return read(response, await response.text(), sent.idempotency_key);
    } catch (error) {
      stopWhenAborted(signal);
      const failure = ended.signal.aborted ? TIMEOUT : UNREACHABLE;
      const { idempotency_key } = sent;
      return new ScripError({ ...failure, idempotency_key }, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }
}

const TIMEOUT = { status: 0, code: 'timeout', detail: 'Scrip did not answer in time.' };
const UNREACHABLE = { status: 0, code: 'unreachable', detail: 'Scrip cannot be reached.' };

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw new TypeError('This is no URL of Scrip: give its scheme and host.');
  }
  const parsed = new URL(url);
  if (`${parsed.username}${parsed.password}` !== '') {
    throw new TypeError('Leave names and passwords out of the URL of Scrip.');
  }
  return `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '');
}

function read(
  response: Response,
  text: string,
  idempotency_key: string | undefined,
): Answered | ScripError {
  const body = objectIn(text);
  const { status, headers } = response;
  if (response.ok && body !== undefined) {
    return { body, replayed: headers.get('Idempotent-Replayed') === 'true' };
  }
  const { code, detail, ...details } = body ?? {};
  return new ScripError({
    status,
    code: typeof code === 'string' ? code : 'unreadable',
    detail: typeof detail === 'string' ? detail : `Scrip answered ${status} without saying why.`,
    details,
    request_id: headers.get('X-Request-Id') ?? undefined,
    idempotency_key,
    retry_after_seconds: retryAfterOf(headers.get('Retry-After'), Date.now()),
  });
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
