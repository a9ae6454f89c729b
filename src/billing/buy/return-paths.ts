import { isLocalUrl } from '../../lib/rendering.ts';

const LONGEST = 2_000;

/**
 * Where somebody goes on after buying: a page of the same workspace, with what had been entered
 * there. Undefined for anything else, whatever a link says.
 * @param base where the workspace's pages are
 */
export function returnPath(base: string, said: unknown): string | undefined {
  if (typeof said !== 'string' || said.length > LONGEST || /[\\\p{Cc}]/u.test(said))
    return undefined;
  if (!isLocalUrl(said)) return undefined;
  // As browsers read it: dots that lead up are gone.
  const { pathname, search } = new URL(said, 'http://local.invalid');
  return pathname.startsWith(`${base}/`) ? `${pathname}${search}` : undefined;
}
