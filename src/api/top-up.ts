import { Cache } from '../lib/cache.ts';
import type { Db } from '../lib/database.ts';
import { AppError } from '../lib/errors.ts';
import type { ApiKey } from '../workspaces/api-keys.ts';
import type { CustomerLinks } from '../workspaces/customer-links.ts';
import { type Account, type Buyer, findBuyer } from '../workspaces/customers.ts';

/** Whose wallet it is, and by which key it is asked. */
interface Asked {
  key: ApiKey;
  account: Account;
}

interface TopUpOptions {
  /** One that sees all workspaces. */
  db: Db;
  baseUrl: string;
  links: CustomerLinks;
  /** Whether anybody can pay here. */
  buyingIsOn: boolean;
}

const LINK_SECONDS = 3_600;
const BUYERS_MAX = 10_000;
const BUYER_MILLISECONDS = 60_000;

/** Where whoever has too few credits buys some: told in every 402. */
export class TopUp {
  private readonly options: TopUpOptions;
  private readonly buyers = new Cache<Buyer>({
    size: BUYERS_MAX,
    milliseconds: BUYER_MILLISECONDS,
  });

  constructor(options: TopUpOptions) {
    this.options = options;
  }

  /**
   * A page that sells to the wallet's owner: that of members, or for an external customer a link of
   * their own, signed anew. Null where nothing is sold: for test wallets, or while buying is off.
   */
  async urlFor({ key, account }: Asked): Promise<string | null> {
    const { db, baseUrl, links, buyingIsOn } = this.options;
    if (!buyingIsOn || !key.livemode) return null;
    const { workspace_id } = account;
    const buyer = await this.buyers.get(workspace_id, () => findBuyer(db, workspace_id));
    if (buyer === undefined) return null;
    if (buyer.kind !== 'external') return `${baseUrl}/w/${buyer.slug}/buy`;
    return links.urlFor(workspace_id, 'buy', LINK_SECONDS).url;
  }

  /** Does something of a wallet; a 402 of it says where to buy. */
  async toldOf<Result>(asked: Asked, work: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 402) throw error;
      const details = { ...error.details, top_up_url: await this.urlFor(asked) };
      throw new AppError(error.status, error.code, error.message, details);
    }
  }
}
