import type { Refusal } from '../core/commands.ts';
import type { Hold } from '../core/holds.ts';
import type { Instant } from '../core/instant.ts';

/** What is told of a command that was carried out, the first time and every time after. */
export interface Answer {
  /** The number of the command's own entry. */
  seq: bigint;
  amount_micro: bigint;
  /** What it would have cost, where that is not what it did. */
  list_amount_micro: bigint | null;
  /** The wallet after the command and all that followed from it. */
  available_after: bigint;
  held_after: bigint;
  debt_after: bigint;
  at: Instant;
}

/** The answer to a command. `replayed` tells a first answer from its repetition. */
export type Outcome =
  | ({
      outcome: 'done';
      replayed: boolean;
      /** The hold that the command names, as it stands now. */
      hold?: Hold | undefined;
    } & Answer)
  | { outcome: 'refused'; refusal: Refusal };
