export type StripeErrorType =
  'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error' | 'rate_limit_error';

export interface StripeErrorDetails {
  status: number;
  message: string;
  type?: StripeErrorType;
  code?: string;
  param?: string;
  /** What else the answer carries, such as the PaymentIntent that it is about. */
  more?: object;
}

/**
 * A refusal in Stripe's form. `validation` tells a refusal of the parameters themselves, for which
 * no answer is kept under the idempotency key, from one that the work itself came to.
 */
export class StripeError extends Error {
  readonly status: number;
  readonly type: StripeErrorType;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly more: object;
  readonly validation: boolean;

  constructor(details: StripeErrorDetails, validation = false) {
    super(details.message);
    this.status = details.status;
    this.type = details.type ?? 'invalid_request_error';
    this.code = details.code;
    this.param = details.param;
    this.more = details.more ?? {};
    this.validation = validation;
  }

  /** The JSON body that Stripe would answer: `{ error: { type, code, message, param, … } }`. */
  body(): { error: Record<string, unknown> } {
    return {
      error: {
        ...this.more,
        ...(this.code !== undefined && {
          code: this.code,
          doc_url: `https://docs.stripe.com/error-codes/${this.code.replaceAll('_', '-')}`,
        }),
        message: this.message,
        ...(this.param !== undefined && { param: this.param }),
        type: this.type,
      },
    };
  }
}

/** A parameter is refused: status 400, and nothing is kept under the idempotency key. */
export function parameterError(
  param: string | undefined,
  code: string | undefined,
  message: string,
): StripeError {
  return new StripeError(
    {
      status: 400,
      message,
      ...(code !== undefined && { code }),
      ...(param !== undefined && { param }),
    },
    true,
  );
}

/** No object of this kind has the id: 404 when the path names it, 400 when a parameter does. */
export function missingResource(kind: string, id: string, param = 'id'): StripeError {
  return new StripeError({
    status: param === 'id' ? 404 : 400,
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

/** The server cannot start; the message says why in one sentence for the operator. */
export class StandInStartError extends Error {}
