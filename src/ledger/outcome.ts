import type { Refusal } from '../core/commands.ts';

/** The answer to a command. `replayed` tells a first answer from its repetition. */
export type Outcome =
  | {
      outcome: 'done';
      replayed: boolean;
      /** The number of the command's own entry. */
      seq: bigint;
      amount_micro: bigint;
      available_after: bigint;
    }
  | { outcome: 'refused'; refusal: Refusal };
