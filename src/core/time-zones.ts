/**
 * Zones that the tables of Intl still call by the name that a place had before; what people look
 * for is its present one. PostgreSQL and Temporal know both.
 */
const PRESENT_NAMES = new Map([
  ['America/Godthab', 'America/Nuuk'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Europe/Kiev', 'Europe/Kyiv'],
]);

/**
 * The zone of an IANA name, in the one spelling that it has inside; undefined where there is none.
 * Distances such as +05:17 are none: what is rolled up is of quarter hours.
 */
export function timeZoneNamed(name: string): string | undefined {
  if (!/^[a-z][\w+/-]{1,63}$/i.test(name)) return undefined;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return PRESENT_NAMES.get(known) ?? known;
  } catch {
    return undefined;
  }
}

/** Every zone that somebody may choose, UTC first. */
export function timeZones(): string[] {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC');
  return ['UTC', ...zones.map((zone) => PRESENT_NAMES.get(zone) ?? zone).sort()];
}
