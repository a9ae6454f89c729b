import { AppError } from '../../lib/errors.ts';

/** Files that one reader may fetch from a process at once. */
const AT_ONCE_MOST = 2;

/** Counts the files that are being sent, by reader. */
export class ExportsAtOnce {
  private readonly running = new Map<string, number>();

  /**
   * Does the work, unless the reader has enough of it already.
   * @throws AppError 429 `too_many_exports`
   */
  async run(reader: string, work: () => Promise<void>): Promise<void> {
    const count = this.running.get(reader) ?? 0;
    if (count >= AT_ONCE_MOST) {
      throw new AppError(
        429,
        'too_many_exports',
        `${AT_ONCE_MOST} files are on their way to you already. Ask for this one when they are there.`,
        { retry_after_seconds: 10 },
      );
    }
    this.running.set(reader, count + 1);
    try {
      await work();
    } finally {
      const left = (this.running.get(reader) ?? 1) - 1;
      if (left === 0) this.running.delete(reader);
      else this.running.set(reader, left);
    }
  }
}
