/**
 * Loaded into a program before all else: at each SIGUSR2 the program's clock jumps, an hour ahead,
 * two hours back, and right again.
 */
const HOUR = 3_600_000;
const SHIFTS = [HOUR, -HOUR, 0];

const RealDate = Date;
let jumps = 0;
let shift = 0;

class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shift);
    // @ts-expect-error: whatever Date takes.
    else super(...parts);
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;

process.on('SIGUSR2', () => {
  shift = SHIFTS[jumps % SHIFTS.length] ?? 0;
  jumps += 1;
});
