import { missingResource, parameterError } from './errors.ts';

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

interface Range {
  gt?: number | undefined;
  gte?: number | undefined;
  lt?: number | undefined;
  lte?: number | undefined;
}

interface ListParameters {
  created?: Range | undefined;
  ending_before?: string | undefined;
  limit?: number | undefined;
  starting_after?: string | undefined;
}

/**
 * One page of a list: `objects` come the oldest first and are answered the newest first, ten when
 * no limit is given. Throws a StripeError for a cursor that is not in the list.
 */
export function page<T extends { id: string; created?: number }>(
  objects: readonly T[],
  parameters: ListParameters,
  list: { url: string; kind: string; newest_first?: boolean },
): List<T> {
  const { starting_after, ending_before, limit = 10 } = parameters;
  if (starting_after !== undefined && ending_before !== undefined) {
    throw parameterError(
      'ending_before',
      undefined,
      'You may only specify one of these parameters: ending_before, starting_after.',
    );
  }
  const ordered = list.newest_first === false ? objects : objects.toReversed();
  const indexOf = (id: string, param: string): number => {
    const index = ordered.findIndex((object) => object.id === id);
    if (index < 0) throw missingResource(list.kind, id, param);
    return index;
  };
  const from = starting_after === undefined ? 0 : indexOf(starting_after, 'starting_after') + 1;
  const to = ending_before === undefined ? undefined : indexOf(ending_before, 'ending_before');
  const found = ordered
    .slice(from, to)
    .filter((object) => isWithin(object.created ?? 0, parameters.created));
  const data = to === undefined ? found.slice(0, limit) : found.slice(-limit);
  return { object: 'list', data, has_more: found.length > data.length, url: list.url };
}

function isWithin(at: number, range: Range = {}): boolean {
  const { gt = -1, gte = 0, lt = Infinity, lte = Infinity } = range;
  return at > gt && at >= gte && at < lt && at <= lte;
}
