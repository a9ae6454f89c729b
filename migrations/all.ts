import type { Migration } from 'kysely/migration';
import * as rolesAndPeople from './001-roles-and-people.ts';
import * as workspaces from './002-workspaces.ts';
import * as ledger from './003-ledger.ts';
import * as catalogue from './004-catalogue.ts';
import * as payments from './005-payments.ts';
import * as access from './006-access.ts';
import * as serviceKeys from './016-service-keys.ts';
import * as budgets from './017-budgets.ts';
import * as seals from './018-seals.ts';
import * as rollups from './019-rollups.ts';
import * as transfers from './021-transfers.ts';
import * as retention from './022-retention.ts';
import * as checksInBrief from './023-checks-in-brief.ts';
import * as webhooks from './024-webhooks.ts';
import * as apiKeys from './025-api-keys.ts';
import * as pricing from './026-pricing.ts';
import * as customers from './027-customers.ts';
import * as moneyIn from './028-money-in.ts';
import * as mails from './029-mails.ts';
import * as reconciliation from './035-reconciliation.ts';
import * as autoTopUp from './032-auto-top-up.ts';
import * as packages from './036-packages.ts';
import * as plans from './030-plans.ts';
import * as reversals from './031-reversals.ts';
import * as promoCodes from './033-promo-codes.ts';
import * as invoices from './034-invoices.ts';
import * as bankDays from './037-bank-days.ts';
import * as paymentNumbers from './038-payment-numbers.ts';
import * as promoCodesOfPlans from './039-promo-codes-of-plans.ts';
import * as accountSecurity from './042-account-security.ts';
import * as accounts from './044-accounts.ts';
import * as accountDeletion from './047-account-deletion.ts';
import * as waysBack from './043-ways-back.ts';
import * as alerts from './040-alerts.ts';
import * as usageRollups from './045-usage-rollups.ts';
import * as team from './041-team.ts';
import * as onboarding from './048-onboarding.ts';
import * as googleConnections from './049-google-connections.ts';
import * as operations from './055-operations.ts';
import * as leavingStripe from './056-leaving-stripe.ts';
import * as activeCustomers from './068-active-customers.ts';
import * as staffAtWork from './062-staff-at-work.ts';
import * as bulkGrants from './057-bulk-grants.ts';
import * as staff from './050-staff.ts';
import * as customerSearch from './051-customers.ts';
import * as catalogueVersions from './053-catalogue-versions.ts';
import * as bookkeeping from './052-bookkeeping.ts';
import * as peopleWhoSpend from './058-people-who-spend.ts';
import * as presetInUse from './065-preset-in-use.ts';
import * as movingIn from './064-moving-in.ts';
import * as ownAmounts from './059-own-amounts-and-referrals.ts';
import * as businessProfile from './063-business-profile.ts';

/** Every migration in its order. Forward only: add at the end, never change one that has run. */
export const migrations: Record<string, Migration> = {
  '001-roles-and-people': rolesAndPeople,
  '002-workspaces': workspaces,
  '003-ledger': ledger,
  '004-catalogue': catalogue,
  '005-payments': payments,
  '006-access': access,
  '016-service-keys': serviceKeys,
  '017-budgets': budgets,
  '018-seals': seals,
  '019-rollups': rollups,
  '021-transfers': transfers,
  '022-retention': retention,
  '023-checks-in-brief': checksInBrief,
  '024-webhooks': webhooks,
  '025-api-keys': apiKeys,
  '026-pricing': pricing,
  '027-customers': customers,
  '028-money-in': moneyIn,
  '029-mails': mails,
  '035-reconciliation': reconciliation,
  '032-auto-top-up': autoTopUp,
  '036-packages': packages,
  '030-plans': plans,
  '031-reversals': reversals,
  '033-promo-codes': promoCodes,
  '034-invoices': invoices,
  '037-bank-days': bankDays,
  '038-payment-numbers': paymentNumbers,
  '039-promo-codes-of-plans': promoCodesOfPlans,
  '042-account-security': accountSecurity,
  '044-accounts': accounts,
  '043-ways-back': waysBack,
  '040-alerts': alerts,
  '045-usage-rollups': usageRollups,
  '047-account-deletion': accountDeletion,
  '041-team': team,
  '048-onboarding': onboarding,
  '049-google-connections': googleConnections,
  '055-operations': operations,
  '050-staff': staff,
  '051-customers': customerSearch,
  '056-leaving-stripe': leavingStripe,
  '053-catalogue-versions': catalogueVersions,
  '052-bookkeeping': bookkeeping,
  '058-people-who-spend': peopleWhoSpend,
  '065-preset-in-use': presetInUse,
  '062-staff-at-work': staffAtWork,
  '057-bulk-grants': bulkGrants,
  '064-moving-in': movingIn,
  '068-active-customers': activeCustomers,
  '059-own-amounts-and-referrals': ownAmounts,
  '063-business-profile': businessProfile,
};
