import { describe, expect, test } from 'vitest';
import { mayPass, pause, retryAfterOf, waitMilliseconds } from '../../client/retries.ts';

describe('how long the client waits before it asks again', () => {
  test('is twice as long each time, up to five seconds, and spread by chance', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 50].map((tries) => waitMilliseconds(tries, undefined, 0));
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
    expect(waitMilliseconds(1, undefined, 0.5)).toBe(75);
    expect(waitMilliseconds(50, undefined, 0.999)).toBeLessThan(5_000);
  });

  test('is never less than Retry-After says', () => {
    expect(waitMilliseconds(1, 3, 0)).toBe(3_050);
    expect(waitMilliseconds(50, 3, 0.5)).toBe(6_750);
  });

  test('Retry-After is read as seconds or as a date', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(retryAfterOf('7', now)).toBe(7);
    expect(retryAfterOf('Sat, 21 Nov 2026 12:00:30 GMT', now)).toBe(30);
    expect(retryAfterOf('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect(retryAfterOf('soon', now)).toBeUndefined();
    expect(retryAfterOf(null, now)).toBeUndefined();
  });

  test('what a proxy or a busy server says may pass, a refusal does not', () => {
    expect([0, 429, 502, 503, 504].filter(mayPass)).toHaveLength(5);
    expect([400, 401, 402, 403, 404, 409, 422, 500].filter(mayPass)).toEqual([]);
  });

  test('ends when the caller does not want to wait any more', async () => {
    const caller = new AbortController();
    const waiting = pause(60_000, caller.signal);
    caller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(pause(60_000, caller.signal)).rejects.toThrow('enough');
  });
});
