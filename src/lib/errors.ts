/** A refusal of the request: one handler renders it as a page, a fragment or problem+json. */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;
  /** Extension members of the problem, and what a page shows beside the sentence. */
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param status the HTTP status
   * @param code stable and snake_case: what a program may switch on
   * @param message a sentence for the person who asked: what happened, and what was kept
   */
  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AppError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The same answer for what does not exist and for what belongs to somebody else. */
export function notFound(what = 'page'): AppError {
  return new AppError(404, 'not_found', `There is no such ${what}, or it is not yours.`);
}
