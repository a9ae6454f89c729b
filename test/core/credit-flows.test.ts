import { expect, test } from 'vitest';
import { type CreditMove, creditFlowsOf, freeBySource } from '../../src/core/credit-flows.ts';
import { MOVES } from '../../src/core/moves.ts';
import type { EntryKind } from '../../src/core/wallet.ts';

const aMove = (kind: EntryKind, more: Partial<CreditMove>): CreditMove => ({
  ...{ kind, source: 'bonus', paid: false, from: 'available', to: 'consumed', amount: 7n },
  ...more,
});

const kinds = Object.keys(MOVES) as EntryKind[];
const moves = kinds.flatMap((kind) =>
  MOVES[kind].amount.map(([from, to]) => aMove(kind, { from, to })),
);

test.each(moves)('$kind from $from to $to is put down where it came from and went', (move) => {
  const flows = creditFlowsOf([move]);
  const { sold, free, transferred, written_off, debt } = flows;
  expect(sold + free + transferred + written_off + debt).toBe(
    flows.outstanding + flows.consumed + flows.expired + flows.clawed_back + flows.taken_away,
  );
});

test('what was used on credit and repaid counts as used once', () => {
  const flows = creditFlowsOf([
    aMove('debit', { from: 'debt' }),
    aMove('grant', { from: 'outside', to: 'available', paid: true }),
    aMove('repayment', {}),
    aMove('repayment', { from: 'consumed', to: 'debt', source: undefined }),
  ]);
  expect(flows).toMatchObject({ sold: 7n, consumed: 7n, debt: 0n, outstanding: 0n });
});

test('a charge that comes back as a new lot was not used, and nothing was granted', () => {
  const flows = creditFlowsOf([
    aMove('grant', { from: 'outside', to: 'available', paid: true }),
    aMove('debit', {}),
    aMove('refund', { from: 'consumed', to: 'removed' }),
    aMove('refund', { from: 'outside', to: 'available' }),
  ]);
  expect(flows).toMatchObject({ sold: 7n, free: 0n, consumed: 0n, outstanding: 7n });
});

test('what was granted free is told apart by its source, the most first', () => {
  const grant = { from: 'outside', to: 'available' } as const;
  expect(
    freeBySource([
      aMove('grant', grant),
      aMove('adjustment', { ...grant, source: 'adjustment', amount: 20n }),
      aMove('grant', { ...grant, source: 'purchase', paid: true }),
      aMove('grant', grant),
    ]),
  ).toEqual([
    ['adjustment', 20n],
    ['bonus', 14n],
  ]);
});
