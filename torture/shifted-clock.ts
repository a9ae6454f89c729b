/**
 * Loaded into a program before all else: its clock differs by SHIFTED_MINUTES, and at each SIGUSR2 it
 * jumps, an hour ahead, two hours back, and right again.
 */
const HOUR = 3_600_000;
const SHIFTS = [HOUR, -HOUR, 0];

const now = Date.now;
let jumps = 0;
let shift = Number(process.env['SHIFTED_MINUTES'] ?? 0) * 60_000;

const shiftedNow = (): number => now() + shift;
globalThis.Date = new Proxy(Date, {
  construct: (date, parts: unknown[], asked) => {
    const made: unknown = Reflect.construct(
      date,
      parts.length === 0 ? [shiftedNow()] : parts,
      asked,
    );
    if (made instanceof date) return made;
    throw new TypeError('a date was made that is none');
  },
  get: (date, name) => {
    const member: unknown = Reflect.get(date, name);
    return name === 'now' ? shiftedNow : member;
  },
});

process.on('SIGUSR2', () => {
  shift = SHIFTS[jumps % SHIFTS.length] ?? 0;
  jumps += 1;
});
