import type { Trx } from '../lib/database.ts';
import type { Reader } from '../lib/formatting.ts';
import { sendMail } from '../lib/mail.ts';
import { renderMail } from '../lib/mail-rendering.ts';
import { type Payment, receiptNumberOf } from './orders.ts';

/**
 * Tells whoever ordered that the money came and the credits are there, in the transaction that settles
 * the payment. A customer without an account has no link: only the product gives those out.
 */
export async function mailReceipt(
  trx: Trx,
  payment: Payment,
  paid: { tax_minor: bigint; total_minor: bigint },
  completed_at: Date,
): Promise<void> {
  const { workspace_id, sold } = payment;
  const to = await buyerOf(trx, payment);
  if (to === undefined) return;
  const mail = renderMail(
    'payment.completed',
    {
      payment: {
        ...{ completed_at, currency: payment.currency, ...paid },
        package_name: sold.name,
        credits_micro: sold.credits_micro,
        bonus_micro: sold.bonus_micro,
        receipt_number: receiptNumberOf(payment),
      },
      workspace: to.workspace,
      path: to.person_id === undefined ? undefined : `/w/${to.slug}/payments/${payment.id}`,
    },
    to.reader,
  );
  const key = `payment.completed ${payment.id}`;
  const { address: to_address, person_id } = to;
  await sendMail(trx, { ...mail, key, to_address, workspace_id, person_id });
}

interface Buyer {
  address: string;
  person_id: string | undefined;
  reader: Reader;
  workspace: string;
  slug: string;
}

/** Who ordered, or the customer that the workspace is; undefined when nobody is left to be told. */
async function buyerOf(trx: Trx, { workspace_id, person_id }: Payment): Promise<Buyer | undefined> {
  const workspace = await trx
    .selectFrom('workspaces')
    .select(['name', 'slug', 'email', 'time_zone'])
    .where('id', '=', workspace_id)
    .executeTakeFirstOrThrow();
  const { name, slug, email, time_zone } = workspace;
  if (person_id === null) {
    const reader = { time_zone, locale: 'en' };
    return email === null
      ? undefined
      : { address: email, person_id: undefined, reader, workspace: name, slug };
  }
  const person = await trx
    .selectFrom('people')
    .select(['email', 'time_zone', 'locale'])
    .where('id', '=', person_id)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return person && { address: person.email, person_id, reader: person, workspace: name, slug };
}
