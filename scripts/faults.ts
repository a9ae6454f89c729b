/** A text of a file that stands there once, and what is put in its place. */
export interface Replacement {
  file: string;
  text: string;
  by: string;
}

/** A mistake that somebody could make, and the tests that have to notice it. */
export interface Fault {
  name: string;
  replacements: readonly Replacement[];
  project: 'core' | 'program';
  tests: readonly string[];
}

const UNDER_THE_LOCK = {
  project: 'program',
  tests: ['test/ledger/under-the-lock.test.ts'],
} as const;

const ON_LEDGER: readonly Fault[] = [
  {
    name: 'wallets are locked in the order in which they are asked for',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/read-state.ts',
        text: 'from wallets where id = any($1::uuid[]) order by id for no key update`;',
        by: `from wallets join unnest($1::uuid[]) with ordinality as asked(wallet_id, place)
    on id = asked.wallet_id order by asked.place for no key update of wallets\`;`,
      },
    ],
  },
  {
    name: 'lots are read in the statement that locks',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/read-state.ts',
        text: 'const OPEN_LOTS = `select ${LOT_COLUMNS} from lots l where l.wallet_id = any($1::uuid[]) and l.open`;',
        by: `const OPEN_LOTS = \`
  with locked as materialized (
    select id from wallets where id = any($1::uuid[]) order by id for no key update)
  select \${LOT_COLUMNS} from lots l join locked on locked.id = l.wallet_id where l.open\`;`,
      },
      {
        file: 'src/ledger/batch.ts',
        text: `const [wallets, lots, found] = await Promise.all([
      lockWallets(statements, ids, onlyFree),
      readOpenLots(statements, ids),`,
        by: `const [lots, wallets, found] = await Promise.all([
      readOpenLots(statements, ids),
      lockWallets(statements, ids, onlyFree),`,
      },
    ],
  },
  {
    name: 'what was refused counts in the running balance',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/batch.ts',
        text: `if (decision.outcome === 'refused') return decision;
    return this.keep(state,`,
        by: `if (decision.outcome === 'refused') {
      const lots = state.lots.map((lot) => ({ ...lot, available: 0n }));
      this.states.set(command.wallet_id, { ...state, lots });
      return decision;
    }
    return this.keep(state,`,
      },
    ],
  },
  {
    name: 'the key is looked up before the lock',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/batch.ts',
        text: `const [wallets, lots, found] = await Promise.all([
      lockWallets(statements, ids, onlyFree),
      readOpenLots(statements, ids),
      findWhatIsNamed(statements, asked),
    ]);`,
        by: `const [found, wallets, lots] = await Promise.all([
      findWhatIsNamed(statements, asked),
      lockWallets(statements, ids, onlyFree),
      readOpenLots(statements, ids),
    ]);`,
      },
    ],
  },
  {
    name: 'ledger time is the clock of the process',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/used-keys.ts',
        text: 'now: first.now,',
        by: 'now: BigInt(Date.now()) * 1_000n,',
      },
    ],
  },
  {
    name: 'what is written is acknowledged before it is committed',
    project: 'program',
    tests: ['test/ledger/lanes.test.ts'],
    replacements: [
      {
        file: 'src/ledger/lane.ts',
        text: `const [committed] = await Promise.all([
      client.query({ name: 'commit', text: 'commit' }),
      written,
    ]);
    if (committed.command !== 'COMMIT') throw new Error('the transaction was not committed');`,
        by: `client.query({ name: 'commit', text: 'commit' }).catch(() => undefined);
    await written;`,
      },
    ],
  },
];

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

export const FAULTS: readonly Fault[] = [...ON_LEDGER, ...IN_PROOF, ...IN_CORE];

/** The text with the replacement made. Throws when what is to be replaced does not stand there once. */
export function replaced(text: string, { file, text: old, by }: Replacement): string {
  const places = text.split(old).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} times, and not once: ${old}`);
  return text.replace(old, () => by);
}
