import { type FileHandle, open } from 'node:fs/promises';

/**
 * What was asked and what was answered, a line each. A line is on the disk when `write` returns: a
 * key is never sent that would be forgotten.
 */
export class Journal {
  private readonly file: FileHandle;
  private lines: string[] = [];
  private flushed: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.file = file;
  }

  static async open(path: string): Promise<Journal> {
    return new Journal(await open(path, 'a'));
  }

  /** Lines of the same moment share a write. */
  write(line: Readonly<Record<string, unknown>>): Promise<void> {
    const text = JSON.stringify(line, (_name, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    this.lines.push(`${text}\n`);
    this.flushed ??= this.flush();
    return this.flushed;
  }

  private async flush(): Promise<void> {
    // What comes while the disk is busy waits for the flush after this one.
    await this.busy;
    const text = this.lines.join('');
    this.lines = [];
    this.flushed = undefined;
    this.busy = this.file.write(text).then(() => this.file.datasync());
    await this.busy;
  }

  private busy: Promise<void> = Promise.resolve();

  async close(): Promise<void> {
    await this.flushed;
    await this.busy;
    await this.file.close();
  }
}
