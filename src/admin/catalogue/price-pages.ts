import type { Request, Response } from 'express';
import { planVersions } from '../../billing/plan-versions.ts';
import { priceSentence } from '../../core/price-sentences.ts';
import { changesAfter, newestVersion, versionAt } from '../../core/versions.ts';
import type { Connections } from '../../lib/database.ts';
import { notFound } from '../../lib/errors.ts';
import { EMPTY_FORM, type FormState } from '../../lib/forms.ts';
import { sendPage } from '../../lib/rendering.ts';
import { type ListedPrice, listPrices, storedOperations } from '../../pricing/operations.ts';
import { saysTheSame } from '../../pricing/price-changes.ts';
import { priceRows, valuesOfPrice } from './price-form.ts';
import type { Tried } from './price-trying.ts';

/** What is to come of a price, without what was withdrawn. */
export function comingPrices(versions: readonly ListedPrice[], now: Date): ListedPrice[] {
  return changesAfter(versions, now, saysTheSame);
}

/** The page on which a price is drafted, tried and published. */
export class PricePages {
  private readonly connections: Connections;

  constructor(connections: Connections) {
    this.connections = connections;
  }

  async show(req: Request, res: Response, form?: FormState, tried?: Tried, status = 200) {
    const { operation, versions, plans } = await this.known(req, form?.values['plan']);
    const now = new Date();
    const current = versionAt(versions, now);
    const values = form?.values ?? {
      ...valuesOfPrice(current?.components ?? []),
      plan: planOf(req),
    };
    const data = {
      ...{ operation, values, form: form ?? EMPTY_FORM, tried, plans, rows: priceRows(values) },
      home: `/admin/catalogue/operations/${operation.code}`,
      version: newestVersion(versions)?.version ?? 0,
      current: current && priceSentence(current.components),
      coming: comingPrices(versions, now).map(({ components, valid_from, version }) => ({
        ...{ valid_from, version },
        sentence: priceSentence(components),
      })),
    };
    sendPage(req, res, 'admin/catalogue/price', data, status);
  }

  /** The operation, and the versions of its price for everybody or for a plan. */
  async known(req: Request, plan = planOf(req)) {
    const code = String(req.params['code']);
    const [operation] = await storedOperations(this.connections.staff, code);
    if (operation === undefined) throw notFound('operation');
    const plans = new Map(
      (await planVersions(this.connections.staff)).map((one) => [one.code, one] as const),
    );
    if (plan !== '' && !plans.has(plan)) throw notFound('plan');
    const all = await listPrices(this.connections.staff, code);
    const versions = all.filter((one) => one.scope !== 'customer' && (one.plan ?? '') === plan);
    return { operation, versions, plan_id: plans.get(plan)?.id, plans: [...plans.values()] };
  }
}

function planOf(req: Request): string {
  const plan = req.query['plan'];
  return typeof plan === 'string' ? plan : '';
}
