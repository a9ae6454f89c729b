export type * from './calls.ts';
export {
  type Charge,
  type ChargeOptions,
  type ChargedRequest,
  type ChargedResponse,
  type Charger,
  type Fault,
  type Next,
  chargeOf,
} from './charge.ts';
export { type ChargesOptions, type Whose, charges } from './charges.ts';
export { type ProblemDetails, ScripError } from './problems.ts';
export type { Components, Measured, Quantity } from './quantity.ts';
export { type AnswerOfMany, type DebitOfMany, Scrip, type ScripOptions } from './scrip.ts';
export type { CallOptions } from './transport.ts';
