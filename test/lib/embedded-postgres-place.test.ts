import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyOnce } from '../../src/lib/embedded-postgres/binaries.ts';
import { findBarrier, outsideFolder } from '../../src/lib/embedded-postgres/place.ts';

/** Somebody who owns nothing here. */
const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'scrip-place-'));
  await chmod(parent, 0o711);
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

describe('where the embedded PostgreSQL may live', () => {
  test('a closed folder on the way is found, also behind a link', async () => {
    const closed = path.join(parent, 'closed');
    await mkdir(path.join(closed, 'clone'), { recursive: true });
    await symlink(path.join(closed, 'clone'), path.join(parent, 'link'));
    const target = path.join(parent, 'link/data/pg');
    expect(await findBarrier(target, stranger)).toBeUndefined();
    await chmod(closed, 0o700);
    expect(await findBarrier(target, stranger)).toBe(closed);
    const { uid, gid } = await stat(closed);
    expect(await findBarrier(target, { name: 'owner', uid, gid })).toBeUndefined();
  });

  test('a folder outside is the first that can be reached and is nobody else’s', async () => {
    const open = path.join(parent, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await writeFile(path.join(parent, 'file'), '');
    const good = path.join(parent, 'good');
    const impossible = path.join(parent, 'file', 'below');
    expect(await outsideFolder(stranger, [impossible, open, good])).toBe(good);
    await expect(outsideFolder(stranger, [impossible, open])).rejects.toThrow(
      'the user stranger can reach neither this project nor',
    );
  });

  test('programs are copied once, readable for everybody, with their links', async () => {
    const source = path.join(parent, 'package');
    await mkdir(path.join(source, 'native/bin'), { recursive: true });
    await writeFile(path.join(source, 'native/bin/postgres'), 'program', { mode: 0o700 });
    await symlink('postgres', path.join(source, 'native/bin/link'));
    await chmod(path.join(source, 'native'), 0o700);
    const target = path.join(parent, 'copy');
    const copies = [copyOnce(source, target), copyOnce(source, target)];
    expect(await Promise.all(copies)).toEqual([target, target]);
    expect((await stat(path.join(target, 'native'))).mode & 0o777).toBe(0o755);
    expect((await stat(path.join(target, 'native/bin/link'))).mode & 0o777).toBe(0o755);
    await rm(source, { recursive: true });
    expect(await copyOnce(source, target)).toBe(target);
  });
});
