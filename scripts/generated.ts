/** What scripts write is kept in git, so that it is seen in review; the gates compare it. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

interface Generated {
  files: Map<string, string>;
  /** Folders in which nothing else stands: what is no longer made leaves no file behind. */
  folders: string[];
  /** What to run when a file is not as it would be. */
  command: string;
}

/** Writes the files; with `--check` it compares instead, and the process will exit with 1. */
export async function writeOrCompare({ files, folders, command }: Generated): Promise<void> {
  const isChecking = process.argv.includes('--check');
  const differs = (file: string): void => {
    console.error(`${file} is not as it would be made. Run: ${command}`);
    process.exitCode = 1;
  };
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    const there = (await readdir(folder)).map((name) => path.join(folder, name));
    for (const file of there.filter((name) => !files.has(name))) {
      if (isChecking) differs(file);
      else await rm(file);
    }
  }
  for (const [file, text] of files) {
    if (!isChecking) await writeFile(file, text);
    else if ((await readFile(file, 'utf8').catch(() => '')) !== text) differs(file);
  }
}
