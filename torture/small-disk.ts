import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { ProgramError, runProgram } from '../bench/program.ts';

/** A disk of its own in a file, so that it can be full without anybody else's being so. */
export interface SmallDisk {
  folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  unmount(): Promise<void>;
}

const MEGABYTES = 2_048;

/** @returns undefined where no disk can be mounted: that needs root, and a system that lets it */
export async function mountSmallDisk(folder: string): Promise<SmallDisk | undefined> {
  const image = path.join(folder, 'disk.image');
  const mounted = path.join(folder, 'disk');
  const filler = path.join(mounted, 'filler');
  await mkdir(mounted);
  try {
    await runProgram('truncate', ['--size', `${MEGABYTES}M`, image]);
    await runProgram('mkfs.ext4', ['-q', '-m', '0', image]);
    await runProgram('mount', ['-o', 'loop', image, mounted]);
  } catch (error) {
    if (!(error instanceof ProgramError) && !isMissing(error)) throw error;
    await rm(image, { force: true });
    return undefined;
  }
  return {
    folder: mounted,
    fill: async () => {
      const { bavail, bsize } = await statfs(mounted);
      // What is taken in the meantime leaves the last of it too small: then a little less is filled.
      await runProgram('fallocate', ['--length', String(bavail * bsize), filler]).catch(() =>
        runProgram('fallocate', ['--length', String((bavail - 64) * bsize), filler]),
      );
    },
    empty: () => rm(filler, { force: true }),
    unmount: async () => {
      await runProgram('umount', [mounted]);
      await rm(image, { force: true });
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
