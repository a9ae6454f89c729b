/** The members of the problems that a program may want to look into, by their code. */
export interface ProblemDetails {
  insufficient_credits: {
    balance: string;
    required: string;
    available: string;
    missing: string;
    top_up_url?: string | null;
  };
  budget_reached: {
    blocked_by: { id: string; subject: string; period: string };
    limit: string;
    used: string;
    required: string;
    resets_at: string | null;
    top_up_url?: string | null;
  };
  hold_closed: { captured: string; released: string };
  capture_above_hold: { required: string; held: string };
  refund_above_charge: { refundable: string };
  amount_too_large: { most: string };
  invalid_request: { errors: { field: string; message: string }[] };
  scope_missing: { scope: string };
}

/** What is known of a call that failed; never its API key. */
export interface Failure {
  /** The status of the answer, or 0 when none came. */
  status: number;
  code: string;
  detail: string;
  details?: Readonly<Record<string, unknown>>;
  request_id?: string | undefined;
  idempotency_key?: string | undefined;
  retry_after_seconds?: number | undefined;
}

/**
 * A call that failed. `code` is the problem's own, or `timeout`, `unreachable` or `unreadable` where
 * no answer came that can be read: then it may have been done, and asking again with the same
 * `idempotency_key` tells.
 */
export class ScripError extends Error {
  readonly status: number;
  readonly code: string;
  /** The members of the problem (RFC 9457). */
  readonly details: Readonly<Record<string, unknown>>;
  readonly request_id: string | undefined;
  readonly idempotency_key: string | undefined;
  readonly retry_after_seconds: number | undefined;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.detail, options);
    this.name = 'ScripError';
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details ?? {};
    this.request_id = failure.request_id;
    this.idempotency_key = failure.idempotency_key;
    this.retry_after_seconds = failure.retry_after_seconds;
  }

  /** `if (error.is('insufficient_credits')) error.details.missing` */
  is<Code extends keyof ProblemDetails>(
    code: Code,
  ): this is ScripError & { code: Code; details: ProblemDetails[Code] } {
    return this.code === code;
  }
}
