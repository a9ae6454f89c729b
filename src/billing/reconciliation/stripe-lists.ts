import Stripe from 'stripe';
import { z } from 'zod';

/** What is asked of each list: what Stripe made since a moment, so many at once, after an object. */
export interface PageRequest {
  created: { gte: number };
  limit: number;
  starting_after?: string;
}

const PAGE = 100;

/**
 * All that a list of Stripe's has since a moment, page by page, the newest first.
 * @throws Stripe's errors, and Error for an answer that is no list
 */
export async function* pagesOf(
  list: (request: PageRequest) => Promise<unknown>,
  since: Date,
): AsyncGenerator<readonly ListedObject[]> {
  const created = { gte: Math.floor(since.getTime() / 1000) };
  let starting_after: string | undefined;
  do {
    const after = starting_after === undefined ? {} : { starting_after };
    const page = Page.safeParse(await list({ created, limit: PAGE, ...after }));
    if (!page.success) throw new Error('what was answered is no list', { cause: page.error });
    const { data, has_more } = page.data;
    yield data;
    starting_after = has_more ? data.at(-1)?.id : undefined;
  } while (starting_after !== undefined);
}

/** One object by its id; undefined when Stripe has none. Throws Stripe's other errors. */
export async function retrieved<Schema extends z.ZodType>(
  schema: Schema,
  answer: Promise<unknown>,
): Promise<z.output<Schema> | undefined> {
  try {
    return schema.parse(await answer);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.statusCode === 404) return undefined;
    throw error;
  }
}

const ListedObject = z.looseObject({ id: z.string().min(1) });
export type ListedObject = z.output<typeof ListedObject>;

/** The library takes some error answers for success, so what came is looked at. */
const Page = z.object({
  object: z.literal('list'),
  data: z.array(ListedObject),
  has_more: z.boolean(),
});
