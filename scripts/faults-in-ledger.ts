import type { Fault } from './fault.ts';

const UNDER_THE_LOCK = {
  project: 'program',
  tests: ['test/ledger/under-the-lock.test.ts'],
} as const;

const ON_KNOWN_WALLETS = {
  project: 'program',
  tests: ['test/ledger/known-wallets.test.ts'],
} as const;

/** Mistakes in how wallets are locked, read, decided on and written. */
export const IN_LEDGER: readonly Fault[] = [
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
        text: `const [locked, lots, found] = await Promise.all([
      lockWallets(statements, ids, taking),
      readOpenLots(statements, ids),`,
        by: `const [lots, locked, found] = await Promise.all([
      readOpenLots(statements, ids),
      lockWallets(statements, ids, taking),`,
      },
    ],
  },
  {
    name: 'what was refused counts in the running balance',
    ...UNDER_THE_LOCK,
    replacements: [
      {
        file: 'src/ledger/books.ts',
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
        text: `const [locked, lots, found] = await Promise.all([
      lockWallets(statements, ids, taking),
      readOpenLots(statements, ids),
      findWhatIsNamed(statements, asked),
    ]);`,
        by: `const [found, locked, lots] = await Promise.all([
      findWhatIsNamed(statements, asked),
      lockWallets(statements, ids, taking),
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
        file: 'src/ledger/transact.ts',
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
  {
    name: 'what is known of a wallet is taken for true',
    ...ON_KNOWN_WALLETS,
    replacements: [
      {
        file: 'src/ledger/tables.ts',
        text: "['xmin', 'xid', (wallet) => wallet.version],",
        by: '',
      },
    ],
  },
  {
    name: 'a clock that was carried on is not compared',
    ...ON_KNOWN_WALLETS,
    replacements: [
      {
        file: 'src/ledger/carry-on.ts',
        text: 'const CLOCK_MICROS = 1_000_000;',
        by: 'const CLOCK_MICROS = 1_000_000_000_000;',
      },
    ],
  },
  {
    name: 'a wallet in which something is about to be due is decided on as it was',
    ...ON_KNOWN_WALLETS,
    replacements: [
      {
        file: 'src/ledger/known-wallets.ts',
        text: 'const DUE_MICROS = 2_000_000n;',
        by: 'const DUE_MICROS = 0n;',
      },
    ],
  },
];
