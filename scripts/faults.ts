import type { Fault, Replacement } from './fault.ts';
import { IN_LEDGER } from './faults-in-ledger.ts';

const IN_PROOF: readonly Fault[] = [
  {
    name: 'a quarter hour that goes on is rolled up without what it had',
    project: 'program',
    tests: ['test/ledger/rollups.test.ts'],
    replacements: [
      {
        file: 'src/ledger/rollups.ts',
        text: 'select min(r.first_seq) - 1 from',
        by: 'select min(null::int8) from',
      },
    ],
  },
  {
    name: 'two may roll up one wallet at once',
    project: 'program',
    tests: ['test/ledger/rollups.test.ts'],
    replacements: [
      {
        file: 'src/ledger/rollups.ts',
        text: 'order by wallet_id for update',
        by: 'order by wallet_id',
      },
    ],
  },
  {
    name: 'totals take in the whole quarter hour in which they begin',
    project: 'program',
    tests: ['test/ledger/rollups.test.ts'],
    replacements: [
      {
        file: 'src/ledger/totals.ts',
        text: 'quarter_hour > bounds.above',
        by: 'quarter_hour >= bounds.above',
      },
    ],
  },
  {
    name: 'late usage counts when it was written',
    project: 'program',
    tests: ['test/ledger/rollups.test.ts'],
    replacements: [
      {
        file: 'src/ledger/rollups/fold.ts',
        text: "quarterHourOf('coalesce(occurred_at, at)')",
        by: "quarterHourOf('at')",
      },
    ],
  },
  {
    name: 'an hour is sealed before all of its entries are committed',
    project: 'program',
    tests: ['test/ledger/seals.test.ts'],
    replacements: [
      {
        file: 'src/ledger/recording.ts',
        text: 'if (open.rows[0]?.ended === true)',
        by: 'if (open.rows[0] !== undefined)',
      },
    ],
  },
];

const IN_CORE: readonly Fault[] = [
  {
    name: 'a price is rounded down',
    project: 'core',
    tests: ['test/core/price-rules.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/price-rules.ts',
        text: '(total + EXACT_PER_MICRO - 1n) / EXACT_PER_MICRO',
        by: 'total / EXACT_PER_MICRO',
      },
    ],
  },
  {
    name: 'lots burn without a look at when they expire',
    project: 'core',
    tests: ['test/core/decide.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/lots.ts',
        text: 'compareExpiry(one.expires_at, other.expires_at) ||',
        by: '',
      },
    ],
  },
  {
    name: 'a lot is good at the microsecond of its expiry',
    project: 'core',
    tests: ['test/core/decide.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/lots.ts',
        text: 'lot.expires_at !== null && lot.expires_at <= now',
        by: 'lot.expires_at !== null && lot.expires_at < now',
      },
    ],
  },
  {
    name: 'a hold can be captured after its deadline',
    project: 'core',
    tests: ['test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/holds.ts',
        text: 'hold.open && hold.expires_at <= now',
        by: 'hold.open && hold.expires_at + 1_000_000n <= now',
      },
    ],
  },
  {
    name: 'refunds may come to more than the charge',
    project: 'core',
    tests: ['test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/decisions/refunds.ts',
        text: 'const left = part.taken - part.refunded;',
        by: 'const left = part.taken;',
      },
    ],
  },
  {
    name: 'what comes back counts in a budget whose hour is over',
    project: 'core',
    tests: ['test/core/decisions/budgets.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/counters.ts',
        text: '(budget) => keyOfBudget(budget, countedAt).starts_at === keyOfBudget(budget, now).starts_at,',
        by: '() => countedAt <= now,',
      },
    ],
  },
  {
    name: 'what is held uses up nothing of what is included',
    project: 'core',
    tests: ['test/core/decisions/tiers.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/decisions/holds.ts',
        text: 'return used > hold.quantity ? used - hold.quantity : 0n;',
        by: 'return used;',
      },
    ],
  },
  {
    name: 'a clock that went back takes ledger time with it',
    project: 'core',
    tests: ['test/core/decide.test.ts', 'test/core/sequences.test.ts'],
    replacements: [
      {
        file: 'src/core/draft.ts',
        text: 'this.now = timeAfter(state.wallet, now);',
        by: 'this.now = now;',
      },
    ],
  },
];

export const FAULTS: readonly Fault[] = [...IN_LEDGER, ...IN_PROOF, ...IN_CORE];

/** The text with the replacement made. Throws when what is to be replaced does not stand there once. */
export function replaced(text: string, { file, text: old, by }: Replacement): string {
  const places = text.split(old).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} times, and not once: ${old}`);
  return text.replace(old, () => by);
}
