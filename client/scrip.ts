import { Api } from './api.ts';
import { type DebitAnswer, type DebitRequest, ROUTES } from './calls.ts';
import type { CallOptions, TransportOptions } from './transport.ts';

export type ScripOptions = TransportOptions;

/** One of many debits: its own key beside its fields, made by the client when there is none. */
export type DebitOfMany = DebitRequest & { idempotency_key?: string | undefined };

/** The answer to one of many debits: charged, or the problem that it was refused with. */
export type AnswerOfMany =
  | ({ code?: undefined; status: number; idempotency_key: string; replayed: boolean } & DebitAnswer)
  | {
      code: string;
      status: number;
      detail: string;
      idempotency_key?: string;
      [member: string]: unknown;
    };

/**
 * Scrip's API for products. Each call that changes something has an idempotency key, its own unless
 * one is given, and is tried again with it when no answer comes or Scrip is busy: nothing is charged
 * twice. Each throws ScripError when it is refused.
 */
export class Scrip extends Api {
  /** Charges up to 1,000 debits in one request. Each is answered by itself, in the same order. */
  async debits(
    requests: readonly DebitOfMany[],
    options: Omit<CallOptions, 'idempotency_key'> = {},
  ): Promise<AnswerOfMany[]> {
    const debits = requests.map((one) => ({
      ...one,
      idempotency_key: one.idempotency_key ?? crypto.randomUUID(),
    }));
    const { body } = await this.transport.post(ROUTES.debit.path, { debits }, options);
    return body['debits'] as AnswerOfMany[];
  }
}
