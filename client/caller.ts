import { type Calls, ROUTES } from './calls.ts';
import { type CallOptions, Transport, type TransportOptions } from './transport.ts';

/** Calls by their names. */
export class Caller {
  protected readonly transport: Transport;

  /** @throws TypeError for a URL or key that cannot be one; it does not repeat them */
  constructor(options: TransportOptions) {
    this.transport = new Transport(options);
  }

  /** @param named what stands in the path where it has a name */
  protected async call<Name extends keyof Calls>(
    name: Name,
    request: Calls[Name]['request'],
    options: CallOptions,
    named: string | number = '',
  ): Promise<Calls[Name]['answer']> {
    const { method, path } = ROUTES[name];
    const place = path.replace(/:\w+/, () => encodeURIComponent(named));
    const { body, replayed } =
      method === 'GET'
        ? await this.transport.get(place, request, options)
        : await this.transport.post(place, request, options);
    // What Scrip answers with is not parsed again: it may say more than this client knows.
    return { ...body, ...(method === 'POST' && { replayed }) } as unknown as Calls[Name]['answer'];
  }
}
