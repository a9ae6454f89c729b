-- Written by `npm run schema` from the catalogue of a freshly migrated database. Do not edit.

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception 'rows of % are never changed or deleted', tg_table_name
        using errcode = 'insufficient_privilege';
    end $function$;

create table alert_default_progress (
  singleton boolean not null default true,
  version integer not null default 1,
  last_wallet_id uuid,
  constraint alert_default_progress_pkey PRIMARY KEY (singleton),
  constraint alert_default_progress_is_one CHECK (singleton)
);
grant select, update on alert_default_progress to scrip_ledger;
grant select on alert_default_progress to scrip_staff;
comment on column alert_default_progress.version is 'of the alert defaults by which wallets are watched whose workspaces have chosen nothing; the first says what was said before';
comment on column alert_default_progress.last_wallet_id is 'while they are looked at by the next version: up to this one';

create table alert_notices (
  alert_id uuid not null,
  person_id uuid not null,
  workspace_id uuid not null,
  read_at timestamp with time zone,
  constraint alert_notices_pkey PRIMARY KEY (alert_id, person_id),
  constraint alert_notices_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE,
  constraint alert_notices_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id)
);
CREATE INDEX alert_notices_unread ON public.alert_notices USING btree (person_id, workspace_id) WHERE (read_at IS NULL);
alter table alert_notices enable row level security;
create policy alert_notices_for_ledger on alert_notices for all to scrip_ledger using true with check true;
create policy alert_notices_for_staff on alert_notices for select to scrip_staff using true;
create policy alert_notices_of_own_workspace on alert_notices for all to scrip_app using ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (person_id = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant select, update on alert_notices to scrip_app;
grant delete, insert, select, update on alert_notices to scrip_ledger;
grant select on alert_notices to scrip_staff;
comment on table alert_notices is 'Which alerts are marked for whom, until they are read';

create table alert_preferences (
  workspace_id uuid not null,
  person_id uuid not null,
  kind text not null,
  in_page boolean not null,
  by_mail boolean not null,
  updated_at timestamp with time zone not null default now(),
  constraint alert_preferences_pkey PRIMARY KEY (workspace_id, person_id, kind),
  constraint alert_preferences_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint alert_preferences_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table alert_preferences enable row level security;
create policy alert_preferences_for_ledger on alert_preferences for all to scrip_ledger using true with check true;
create policy alert_preferences_for_staff on alert_preferences for select to scrip_staff using true;
create policy alert_preferences_of_own_workspace on alert_preferences for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on alert_preferences to scrip_app;
grant delete, insert, select, update on alert_preferences to scrip_ledger;
grant select on alert_preferences to scrip_staff;
comment on table alert_preferences is 'How a member wants to hear of a kind of alert; without a row, as their role has it';

create table alert_progress (
  task text not null,
  done_until timestamp with time zone,
  constraint alert_progress_pkey PRIMARY KEY (task),
  constraint alert_progress_task_is_known CHECK ((task = ANY (ARRAY['expiring'::text, 'usage'::text])))
);
grant select, update on alert_progress to scrip_ledger;
grant select on alert_progress to scrip_staff;
comment on column alert_progress.done_until is 'until when the task has looked; null when it has never run';

create table alert_settings (
  workspace_id uuid not null,
  low_percent smallint,
  critical_percent smallint,
  mark_micro bigint,
  run_out_days smallint,
  expiry_days smallint[] not null,
  spikes boolean not null,
  applied boolean not null default false,
  updated_by uuid,
  updated_at timestamp with time zone not null default now(),
  constraint alert_settings_pkey PRIMARY KEY (workspace_id),
  constraint alert_settings_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES people(id),
  constraint alert_settings_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint alert_settings_critical_is_a_share CHECK (((critical_percent >= 1) AND (critical_percent <= 100))),
  constraint alert_settings_expiry_days_are_offered CHECK ((expiry_days <@ '{14,3,1}'::smallint[])),
  constraint alert_settings_low_is_a_share CHECK (((low_percent >= 1) AND (low_percent <= 100))),
  constraint alert_settings_mark_is_positive CHECK ((mark_micro > 0)),
  constraint alert_settings_run_out_is_some_days CHECK (((run_out_days >= 1) AND (run_out_days <= 90)))
);
CREATE INDEX alert_settings_to_apply ON public.alert_settings USING btree (workspace_id) WHERE (NOT applied);
alter table alert_settings enable row level security;
create policy alert_settings_for_ledger on alert_settings for all to scrip_ledger using true with check true;
create policy alert_settings_for_staff on alert_settings for select to scrip_staff using true;
create policy alert_settings_of_own_workspace on alert_settings for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on alert_settings to scrip_app;
grant delete, insert, select, update on alert_settings to scrip_ledger;
grant select on alert_settings to scrip_staff;
comment on table alert_settings is 'What a workspace is alerted of; without a row, the defaults of the program';
comment on column alert_settings.applied is 'whether its wallets were looked at since it was changed';

create table alerts (
  id uuid not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  livemode boolean not null,
  kind text not null,
  subject text not null,
  facts jsonb not null,
  raised_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint alerts_kind_is_known CHECK ((kind = ANY (ARRAY['balance_low'::text, 'run_out'::text, 'lot_expiring'::text, 'spike'::text, 'budget_reached'::text, 'top_up_failed'::text, 'card_expiring'::text, 'recovered'::text])))
);
CREATE UNIQUE INDEX alerts_are_raised_once_while_they_last ON public.alerts USING btree (wallet_id, kind, subject) WHERE (ended_at IS NULL);
CREATE INDEX alerts_newest ON public.alerts USING btree (workspace_id, id);
CREATE INDEX alerts_of_low_balances ON public.alerts USING btree (workspace_id) WHERE ((kind = 'balance_low'::text) AND (ended_at IS NULL) AND livemode);
CREATE INDEX alerts_of_usage_that_last ON public.alerts USING btree (wallet_id) WHERE ((ended_at IS NULL) AND (kind = ANY (ARRAY['run_out'::text, 'spike'::text])));
alter table alerts enable row level security;
create policy alerts_for_ledger on alerts for all to scrip_ledger using true with check true;
create policy alerts_for_staff on alerts for select to scrip_staff using true;
create policy alerts_of_own_workspace on alerts for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant select on alerts to scrip_app;
grant delete, insert, select, update on alerts to scrip_ledger;
grant select on alerts to scrip_staff;
comment on column alerts.subject is 'what it is about within its kind: raised again only when it has ended';
comment on column alerts.facts is 'what it tells, in the form of the API: amounts are decimal strings';
comment on column alerts.ended_at is 'null while it lasts, and for ever where it tells of one moment';

create table api_keys (
  id uuid not null,
  workspace_id uuid,
  livemode boolean not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  scopes text[] not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  paused_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_have_one_prefix UNIQUE (prefix),
  constraint api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES people(id),
  constraint api_keys_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint api_keys_of_a_workspace_give_no_credits CHECK (((workspace_id IS NULL) OR (NOT (scopes && ARRAY['grants:write'::text, 'customers:write'::text]))))
);
CREATE INDEX api_keys_by_workspace ON public.api_keys USING btree (workspace_id);
alter table api_keys enable row level security;
create policy api_keys_for_ledger on api_keys for all to scrip_ledger using true with check true;
create policy api_keys_for_staff on api_keys for select to scrip_staff using true;
create policy api_keys_of_own_workspace on api_keys for all to scrip_app using (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid)) with check (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
grant insert, select, update on api_keys to scrip_app;
grant select on api_keys to scrip_ledger;
grant select on api_keys to scrip_staff;
comment on column api_keys.workspace_id is 'null for a key of the service, which acts on all wallets';
comment on column api_keys.last_used_at is 'by the clock of the process that was asked; written about once a minute';
comment on column api_keys.paused_at is 'since when requests with it are refused, until somebody resumes it';

create table api_rate_windows (
  api_key_id uuid not null,
  ends_at timestamp with time zone not null,
  taken integer not null,
  given integer not null,
  constraint api_rate_windows_pkey PRIMARY KEY (api_key_id),
  constraint api_rate_windows_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_keys(id),
  constraint api_rate_windows_given_is_not_negative CHECK ((given >= 0)),
  constraint api_rate_windows_taken_is_not_negative CHECK ((taken >= 0))
) with (fillfactor=50);
grant insert, select, update on api_rate_windows to scrip_app;
grant select on api_rate_windows to scrip_staff;
comment on table api_rate_windows is 'How much of its limit each API key has used, in the window that it began last';
comment on column api_rate_windows.taken is 'requests that processes may make or have made in the window';
comment on column api_rate_windows.given is 'how many of them were given to the process that asked last';

create table audit_events (
  id uuid not null,
  workspace_id uuid,
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  before jsonb,
  after jsonb,
  reason text,
  ip inet,
  request_id text,
  at timestamp with time zone not null default now(),
  constraint audit_events_pkey PRIMARY KEY (id),
  constraint audit_events_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint audit_events_actor_is_known CHECK ((actor_kind = ANY (ARRAY['person'::text, 'api_key'::text, 'payment'::text, 'job'::text, 'system'::text, 'customer'::text]))),
  constraint audit_events_by_people_and_keys_say_which CHECK (((actor_kind <> ALL (ARRAY['person'::text, 'api_key'::text])) OR (actor_id IS NOT NULL)))
);
CREATE INDEX audit_events_by_action ON public.audit_events USING btree (action, id);
CREATE INDEX audit_events_by_actor ON public.audit_events USING btree (actor_id, id);
CREATE INDEX audit_events_by_kind_of_actor ON public.audit_events USING btree (actor_kind, id);
CREATE INDEX audit_events_by_subject ON public.audit_events USING btree (subject_kind, subject_id, id);
CREATE INDEX audit_events_by_workspace ON public.audit_events USING btree (workspace_id, id);
alter table audit_events enable row level security;
create policy audit_events_for_ledger on audit_events for all to scrip_ledger using true with check true;
create policy audit_events_for_staff on audit_events for select to scrip_staff using true;
create policy audit_events_of_own_workspace on audit_events for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
CREATE TRIGGER audit_events_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on audit_events to scrip_app;
grant select on audit_events to scrip_staff;

create table auto_top_ups (
  workspace_id uuid not null,
  wallet_id uuid not null,
  provider text not null,
  livemode boolean not null,
  enabled boolean not null,
  below_micro bigint not null,
  package_id uuid not null,
  price_minor bigint not null,
  credits_micro bigint not null,
  currency text not null,
  monthly_limit_minor bigint not null,
  payment_method_id text not null,
  consent text not null,
  consented_at timestamp with time zone not null,
  consented_by uuid not null,
  consent_ip inet,
  failures integer not null default 0,
  next_look_at timestamp with time zone,
  stopped_at timestamp with time zone,
  stopped_reason text,
  updated_at timestamp with time zone not null default now(),
  constraint auto_top_ups_pkey PRIMARY KEY (workspace_id),
  constraint auto_top_ups_consented_by_fkey FOREIGN KEY (consented_by) REFERENCES people(id),
  constraint auto_top_ups_package_id_fkey FOREIGN KEY (package_id) REFERENCES packages(id),
  constraint auto_top_ups_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint auto_top_ups_credits_are_positive CHECK ((credits_micro > 0)),
  constraint auto_top_ups_failures_are_not_negative CHECK ((failures >= 0)),
  constraint auto_top_ups_limit_is_for_one_package CHECK ((monthly_limit_minor >= price_minor)),
  constraint auto_top_ups_mark_is_positive CHECK ((below_micro > 0)),
  constraint auto_top_ups_price_is_positive CHECK ((price_minor > 0)),
  constraint auto_top_ups_provider_is_known CHECK ((provider = ANY (ARRAY['stripe'::text, 'simulated'::text]))),
  constraint auto_top_ups_say_why_they_stopped CHECK (((enabled = (stopped_at IS NULL)) AND (enabled = (stopped_reason IS NULL)))),
  constraint auto_top_ups_stopped_reason_is_known CHECK ((stopped_reason = ANY (ARRAY['turned_off'::text, 'declined'::text, 'not_confirmed'::text, 'card_gone'::text, 'card_changed'::text, 'offer_changed'::text, 'disputed'::text, 'refused'::text])))
);
CREATE INDEX auto_top_ups_enabled ON public.auto_top_ups USING btree (workspace_id) WHERE enabled;
alter table auto_top_ups enable row level security;
create policy auto_top_ups_for_ledger on auto_top_ups for all to scrip_ledger using true with check true;
create policy auto_top_ups_for_staff on auto_top_ups for select to scrip_staff using true;
create policy auto_top_ups_of_own_workspace on auto_top_ups for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on auto_top_ups to scrip_app;
grant select on auto_top_ups to scrip_ledger;
grant select on auto_top_ups to scrip_staff;
comment on column auto_top_ups.credits_micro is 'what one package gives with its bonus; with price_minor as it was agreed to';
comment on column auto_top_ups.payment_method_id is 'the card that the sentence names; another one asks for consent anew';
comment on column auto_top_ups.consent is 'the sentence as it was shown to who ticked it';
comment on column auto_top_ups.failures is 'declined charges in a row';
comment on column auto_top_ups.next_look_at is 'nothing is bought before: after a decline, or until the next month when the limit is reached';

create table backup_codes (
  person_id uuid not null,
  number integer not null,
  code_hash text not null,
  constraint backup_codes_pkey PRIMARY KEY (person_id, number),
  constraint backup_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint backup_codes_number_is_a_digit CHECK (((number >= 0) AND (number <= 9)))
);
grant delete, insert, select, update on backup_codes to scrip_app;
comment on table backup_codes is 'Those that are left: a code that was used is deleted';

create table billing_details (
  workspace_id uuid not null,
  legal_name text not null,
  address text not null,
  country text not null,
  tax_id text,
  tax_id_kind text,
  updated_at timestamp with time zone not null default now(),
  constraint billing_details_pkey PRIMARY KEY (workspace_id),
  constraint billing_details_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint billing_details_country_is_iso_3166 CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint billing_details_name_is_not_empty CHECK ((legal_name <> ''::text)),
  constraint billing_details_say_the_kind_of_a_tax_id CHECK (((tax_id IS NULL) = (tax_id_kind IS NULL))),
  constraint billing_details_tax_id_kind_is_known CHECK ((tax_id_kind = ANY (ARRAY['gstin'::text, 'eu_vat'::text, 'other'::text])))
);
alter table billing_details enable row level security;
create policy billing_details_for_staff on billing_details for select to scrip_staff using true;
create policy billing_details_of_own_workspace on billing_details for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant delete, insert, select, update on billing_details to scrip_app;
grant select on billing_details to scrip_staff;
comment on column billing_details.address is 'lines, as they stand on a letter';

create table blocked_domains (
  domain text not null,
  reason text not null,
  made_by uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint blocked_domains_pkey PRIMARY KEY (domain),
  constraint blocked_domains_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
  constraint blocked_domains_are_written_small CHECK ((domain ~ '^([a-z0-9-]+\.)+[a-z0-9-]+$'::text))
);
grant delete, insert, select on blocked_domains to scrip_app;
grant select on blocked_domains to scrip_staff;
comment on table blocked_domains is 'Whose addresses the welcome guard leaves to the staff, with all domains below them';

create table booked_activity (
  day text not null,
  wallet_id uuid not null,
  constraint booked_activity_pkey PRIMARY KEY (day, wallet_id)
);
CREATE INDEX booked_activity_by_wallet ON public.booked_activity USING btree (wallet_id, day);
alter table booked_activity enable row level security;
create policy booked_activity_for_ledger on booked_activity for all to scrip_ledger using true with check true;
create policy booked_activity_for_staff on booked_activity for select to scrip_staff using true;
create policy booked_activity_of_own_workspace on booked_activity for all to scrip_app using false with check false;
grant delete, insert, select, update on booked_activity to scrip_ledger;
grant select on booked_activity to scrip_staff;
comment on table booked_activity is 'Which wallets were charged on a day';

create table booked_credits (
  day text not null,
  kind text not null,
  source text not null,
  paid boolean not null,
  moved_from text not null,
  moved_to text not null,
  amount numeric not null,
  constraint booked_credits_pkey PRIMARY KEY (day, kind, source, paid, moved_from, moved_to)
);
alter table booked_credits enable row level security;
create policy booked_credits_for_ledger on booked_credits for all to scrip_ledger using true with check true;
create policy booked_credits_for_staff on booked_credits for select to scrip_staff using true;
create policy booked_credits_of_own_workspace on booked_credits for all to scrip_app using false with check false;
grant delete, insert, select, update on booked_credits to scrip_ledger;
grant select on booked_credits to scrip_staff;
comment on table booked_credits is 'The legs of the entries of a day, by what lots they were of; source is empty for those of the debt';
comment on column booked_credits.day is 'as 2026-11-20';

create table booked_lots (
  wallet_id uuid not null,
  lot_number integer not null,
  sent bigint not null,
  used bigint not null,
  expired bigint not null,
  returned bigint not null,
  corrected bigint not null,
  constraint booked_lots_pkey PRIMARY KEY (wallet_id, lot_number)
) with (fillfactor=60);
alter table booked_lots enable row level security;
create policy booked_lots_for_ledger on booked_lots for all to scrip_ledger using true with check true;
create policy booked_lots_for_staff on booked_lots for select to scrip_staff using true;
create policy booked_lots_of_own_workspace on booked_lots for all to scrip_app using false with check false;
grant delete, insert, select, update on booked_lots to scrip_ledger;
grant select on booked_lots to scrip_staff;
comment on table booked_lots is 'What has become of the lots that cost something, in micro-credits: the rest is still owed';
comment on column booked_lots.used is 'less what was clawed back after it had been used; what came back as a lot without a cost stays used';

create table booked_money (
  day text not null,
  currency text not null,
  sold_minor numeric not null,
  transferred_minor numeric not null,
  used_minor numeric not null,
  expired_minor numeric not null,
  returned_minor numeric not null,
  corrected_minor numeric not null,
  constraint booked_money_pkey PRIMARY KEY (day, currency)
);
alter table booked_money enable row level security;
create policy booked_money_for_ledger on booked_money for all to scrip_ledger using true with check true;
create policy booked_money_for_staff on booked_money for select to scrip_staff using true;
create policy booked_money_of_own_workspace on booked_money for all to scrip_app using false with check false;
grant delete, insert, select, update on booked_money to scrip_ledger;
grant select on booked_money to scrip_staff;
comment on column booked_money.transferred_minor is 'the cost of lots that came from other wallets, less the cost of what was sent to them';

create table booked_wallets (
  wallet_id uuid not null,
  last_seq bigint not null default 0,
  constraint booked_wallets_pkey PRIMARY KEY (wallet_id)
) with (fillfactor=50);
alter table booked_wallets enable row level security;
create policy booked_wallets_for_ledger on booked_wallets for all to scrip_ledger using true with check true;
create policy booked_wallets_for_staff on booked_wallets for select to scrip_staff using true;
create policy booked_wallets_of_own_workspace on booked_wallets for all to scrip_app using false with check false;
grant delete, insert, select, update on booked_wallets to scrip_ledger;
grant select on booked_wallets to scrip_staff;

create table bookkeeping (
  singleton boolean not null default true,
  time_zone text,
  done_until timestamp with time zone,
  constraint bookkeeping_pkey PRIMARY KEY (singleton),
  constraint bookkeeping_is_one CHECK (singleton)
);
grant select, update on bookkeeping to scrip_ledger;
grant select on bookkeeping to scrip_staff;
comment on column bookkeeping.time_zone is 'in which days are days; the books begin anew when the seller''s is another one';
comment on column bookkeeping.done_until is 'entries recorded before this are booked; null when none are';

create table budgets (
  wallet_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  subject text not null,
  period text not null,
  limit_amount bigint not null,
  hard boolean not null,
  raised_to bigint,
  raised_until timestamp with time zone,
  time_zone text not null default 'UTC'::text,
  created_at timestamp with time zone not null default now(),
  constraint budgets_pkey PRIMARY KEY (wallet_id, id),
  constraint budgets_a_raise_has_an_end CHECK (((raised_to IS NULL) = (raised_until IS NULL))),
  constraint budgets_limit_is_not_negative CHECK ((limit_amount >= 0)),
  constraint budgets_period_is_known CHECK ((period = ANY (ARRAY['hour'::text, 'day'::text, 'week'::text, 'month'::text, 'all'::text])))
);
alter table budgets enable row level security;
create policy budgets_for_ledger on budgets for all to scrip_ledger using true with check true;
create policy budgets_for_staff on budgets for select to scrip_staff using true;
create policy budgets_of_own_workspace on budgets for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant delete, insert, select, update on budgets to scrip_app;
grant insert, select, update on budgets to scrip_ledger;
grant select on budgets to scrip_staff;

create table bulk_grant_rows (
  bulk_grant_id uuid not null,
  number integer not null,
  customer text not null,
  written_amount text not null,
  wallet_id uuid,
  amount bigint,
  state text not null,
  fault text,
  entry_seq bigint,
  note text,
  expires_at timestamp with time zone,
  constraint bulk_grant_rows_pkey PRIMARY KEY (bulk_grant_id, number),
  constraint bulk_grant_rows_bulk_grant_id_fkey FOREIGN KEY (bulk_grant_id) REFERENCES bulk_grants(id),
  constraint bulk_grant_rows_wallet_id_fkey FOREIGN KEY (wallet_id) REFERENCES wallets(id),
  constraint bulk_grant_rows_amount_is_positive CHECK ((amount > 0)),
  constraint bulk_grant_rows_name_their_entry CHECK (((state = 'granted'::text) = (entry_seq IS NOT NULL))),
  constraint bulk_grant_rows_say_why_they_are_refused CHECK (((state = 'refused'::text) = (fault IS NOT NULL))),
  constraint bulk_grant_rows_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'granted'::text, 'refused'::text]))),
  constraint bulk_grant_rows_that_wait_are_whole CHECK (((state <> 'waiting'::text) OR ((wallet_id IS NOT NULL) AND (amount IS NOT NULL))))
);
CREATE INDEX bulk_grant_rows_of_a_wallet ON public.bulk_grant_rows USING btree (wallet_id);
CREATE INDEX bulk_grant_rows_waiting ON public.bulk_grant_rows USING btree (bulk_grant_id, number) WHERE (state = 'waiting'::text);
grant insert, select, update on bulk_grant_rows to scrip_app;
grant select on bulk_grant_rows to scrip_staff;
comment on column bulk_grant_rows.number is 'the line of the file; with the file it is the key of the grant, so that no line is given twice';
comment on column bulk_grant_rows.note is 'the reason of this grant; null: that of the file';
comment on column bulk_grant_rows.expires_at is 'when the credits expire; null: never';

create table bulk_grants (
  id uuid not null,
  made_by uuid not null,
  file_name text not null,
  file_hash text not null,
  reason text,
  state text not null default 'checked'::text,
  row_count integer not null,
  total bigint not null,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  started_by uuid,
  constraint bulk_grants_pkey PRIMARY KEY (id),
  constraint bulk_grants_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
  constraint bulk_grants_started_by_fkey FOREIGN KEY (started_by) REFERENCES people(id),
  constraint bulk_grants_are_done_at_a_time CHECK (((state = 'done'::text) = (finished_at IS NOT NULL))),
  constraint bulk_grants_have_rows CHECK ((row_count > 0)),
  constraint bulk_grants_run_since_a_time CHECK (((state = 'checked'::text) = (started_at IS NULL))),
  constraint bulk_grants_say_who_began_them_and_why CHECK (((state = 'checked'::text) OR ((reason IS NOT NULL) AND (started_by IS NOT NULL)))),
  constraint bulk_grants_state_is_known CHECK ((state = ANY (ARRAY['checked'::text, 'running'::text, 'stopped'::text, 'done'::text]))),
  constraint bulk_grants_total_is_not_negative CHECK ((total >= 0))
);
CREATE INDEX bulk_grants_of_one_file ON public.bulk_grants USING btree (file_hash);
CREATE INDEX bulk_grants_running ON public.bulk_grants USING btree (started_at) WHERE (state = 'running'::text);
grant insert, select, update on bulk_grants to scrip_app;
grant select on bulk_grants to scrip_staff;
comment on column bulk_grants.total is 'in micro-credits, of the rows that are right';
comment on column bulk_grants.started_by is 'who confirmed it; made_by: who had the file read';

create table business_profiles (
  workspace_id uuid not null,
  industry text not null default ''::text,
  about text not null default ''::text,
  brand_voice text,
  customer_roles text not null default ''::text,
  customer_companies text not null default ''::text,
  customer_places text not null default ''::text,
  customer_needs text not null default ''::text,
  updated_at timestamp with time zone not null default now(),
  constraint business_profiles_pkey PRIMARY KEY (workspace_id),
  constraint business_profiles_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint business_profiles_are_short CHECK (((length(industry) <= 60) AND (GREATEST(length(about), length(customer_roles), length(customer_companies), length(customer_places), length(customer_needs)) <= 500))),
  constraint business_profiles_brand_voice_is_known CHECK ((brand_voice = ANY (ARRAY['professional'::text, 'casual'::text, 'friendly'::text])))
);
alter table business_profiles enable row level security;
create policy business_profiles_for_staff on business_profiles for select to scrip_staff using true;
create policy business_profiles_of_own_workspace on business_profiles for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant delete, insert, select, update on business_profiles to scrip_app;
grant select on business_profiles to scrip_staff;
comment on table business_profiles is 'customer_… is whom the business wants to sell to: its ideal customer';

create table catalogue_versions (
  kind text not null,
  code text not null,
  version integer not null,
  valid_from timestamp with time zone not null,
  active boolean not null,
  content jsonb not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint catalogue_versions_pkey PRIMARY KEY (kind, code, version),
  constraint catalogue_versions_kind_is_known CHECK ((kind = ANY (ARRAY['welcome'::text, 'step'::text, 'completion'::text, 'achievement'::text, 'alert_defaults'::text, 'benchmark'::text, 'own_amount'::text, 'referral'::text, 'industry'::text]))),
  constraint catalogue_versions_start_at_one CHECK ((version >= 1))
);
CREATE TRIGGER catalogue_versions_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.catalogue_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on catalogue_versions to scrip_app;
grant select on catalogue_versions to scrip_ledger;
grant select on catalogue_versions to scrip_staff;
comment on table catalogue_versions is 'What is given to whoever is new, and what is said of balances; the content of each kind is read by the feature that it is of';

create table counters (
  wallet_id uuid not null,
  subject text not null,
  period text not null,
  starts_at timestamp with time zone not null,
  workspace_id uuid not null,
  quantity bigint not null default 0,
  amount bigint not null default 0,
  constraint counters_pkey PRIMARY KEY (wallet_id, subject, period, starts_at),
  constraint counters_period_is_known CHECK ((period = ANY (ARRAY['hour'::text, 'day'::text, 'week'::text, 'month'::text, 'all'::text])))
) with (fillfactor=50);
alter table counters enable row level security;
create policy counters_for_ledger on counters for all to scrip_ledger using true with check true;
create policy counters_for_staff on counters for select to scrip_staff using true;
create policy counters_of_own_workspace on counters for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on counters to scrip_app;
grant insert, select, update on counters to scrip_ledger;
grant select on counters to scrip_staff;
comment on column counters.subject is 'wallet, operation:<code>, member:<id>, api_key:<id>, or several joined by a space';
comment on column counters.quantity is 'used, for tiers of the operation''s price; counted while its rule has some';
comment on column counters.amount is 'charged and held, for budgets; counted while the wallet has one';

create table customer_notes (
  id uuid not null,
  workspace_id uuid not null,
  person_id uuid not null,
  note text not null,
  created_at timestamp with time zone not null default now(),
  constraint customer_notes_pkey PRIMARY KEY (id),
  constraint customer_notes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint customer_notes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint customer_notes_say_something CHECK (((length(note) >= 1) AND (length(note) <= 2000)))
);
CREATE INDEX customer_notes_newest ON public.customer_notes USING btree (workspace_id, id);
alter table customer_notes enable row level security;
create policy customer_notes_for_staff on customer_notes for select to scrip_staff using true;
create policy customer_notes_of_own_workspace on customer_notes for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select on customer_notes to scrip_app;
grant select on customer_notes to scrip_staff;

create table customer_rollups (
  wallet_id uuid not null,
  workspace_id uuid not null,
  quarter_hour timestamp with time zone not null,
  occurred_quarter_hour timestamp with time zone not null,
  kind text not null,
  operation text not null,
  api_key_id uuid not null,
  person_id uuid not null,
  on_behalf_of text not null,
  first_seq bigint not null,
  last_seq bigint not null,
  entry_count bigint not null,
  amount numeric not null,
  quantity numeric not null,
  constraint customer_rollups_pkey PRIMARY KEY (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id, person_id, on_behalf_of)
);
CREATE INDEX customer_rollups_by_age ON public.customer_rollups USING brin (quarter_hour) WITH (autosummarize='on');
CREATE INDEX customer_rollups_by_customer ON public.customer_rollups USING btree (wallet_id, on_behalf_of, occurred_quarter_hour);
CREATE INDEX customer_rollups_by_occurrence ON public.customer_rollups USING btree (wallet_id, occurred_quarter_hour);
alter table customer_rollups enable row level security;
create policy customer_rollups_for_ledger on customer_rollups for all to scrip_ledger using true with check true;
create policy customer_rollups_for_staff on customer_rollups for select to scrip_staff using true;
create policy customer_rollups_of_own_workspace on customer_rollups for select to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant select on customer_rollups to scrip_app;
grant delete, insert, select, update on customer_rollups to scrip_ledger;
grant select on customer_rollups to scrip_staff;
comment on table customer_rollups is 'As entry_rollups, of those entries alone that say for whom they were';
comment on column customer_rollups.operation is 'empty for none; of a capture that of its hold, of a refund that of what it gives back';
comment on column customer_rollups.api_key_id is 'zeros for none; of a capture that of its hold, of a refund that of what it gives back';
comment on column customer_rollups.person_id is 'who asked in person, zeros for none; of a capture that of its hold, of a refund that of what it gives back';

create table disputes (
  id text not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  payment_id uuid not null,
  status text not null,
  amount_minor bigint not null,
  currency text not null,
  reason text not null,
  evidence_due_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null default now(),
  constraint disputes_pkey PRIMARY KEY (id),
  constraint disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint disputes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint disputes_are_not_negative CHECK ((amount_minor >= 0)),
  constraint disputes_status_is_known CHECK ((status = ANY (ARRAY['warning'::text, 'open'::text, 'won'::text, 'lost'::text])))
);
CREATE INDEX disputes_by_payment ON public.disputes USING btree (payment_id);
CREATE INDEX disputes_lost ON public.disputes USING btree (updated_at) WHERE (status = 'lost'::text);
alter table disputes enable row level security;
create policy disputes_for_ledger on disputes for all to scrip_ledger using true with check true;
create policy disputes_for_staff on disputes for select to scrip_staff using true;
create policy disputes_of_own_workspace on disputes for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on disputes to scrip_app;
grant select on disputes to scrip_ledger;
grant select on disputes to scrip_staff;
comment on column disputes.status is 'a warning asks for nothing back yet; an open one has taken the money, won gives it back, lost keeps it';

create table entries (
  wallet_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  kind text not null,
  amount bigint not null,
  list_amount bigint,
  waiver text,
  leg_lots integer[] not null default '{}'::integer[],
  leg_from "char"[] not null default '{}'::"char"[],
  leg_to "char"[] not null default '{}'::"char"[],
  leg_amounts bigint[] not null default '{}'::bigint[],
  available_after bigint not null,
  held_after bigint not null,
  debt_after bigint not null,
  namespace text not null,
  key text not null,
  key_hash uuid not null,
  content_hash uuid not null,
  actor_kind text not null,
  actor_id uuid,
  on_behalf_of text,
  api_key_id uuid,
  operation text,
  quantity bigint,
  lines jsonb,
  parent_seq bigint,
  payment_id uuid,
  at timestamp with time zone not null,
  occurred_at timestamp with time zone,
  recorded_at timestamp with time zone not null,
  constraint entries_pkey PRIMARY KEY (wallet_id, seq),
  constraint entries_use_a_key_once_per_wallet UNIQUE (wallet_id, key_hash),
  constraint entries_actor_is_known CHECK ((actor_kind = ANY ('{person,api_key,payment,job,system}'::text[]))),
  constraint entries_amount_is_not_negative CHECK ((amount >= 0)),
  constraint entries_are_numbered_from_one CHECK ((seq >= 1)),
  constraint entries_available_after_is_not_negative CHECK ((available_after >= 0)),
  constraint entries_debt_after_is_not_negative CHECK ((debt_after >= 0)),
  constraint entries_held_after_is_not_negative CHECK ((held_after >= 0)),
  constraint entries_key_is_1_to_255_long CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint entries_kind_is_known CHECK ((kind = ANY ('{grant,debit,hold,extension,capture,release,refund,expiry,clawback,reinstatement,adjustment,transfer_out,transfer_in,repayment,write_off}'::text[]))),
  constraint entries_legs_are_of_one_length CHECK (((cardinality(leg_lots) = cardinality(leg_from)) AND (cardinality(leg_from) = cardinality(leg_to)) AND (cardinality(leg_to) = cardinality(leg_amounts)))),
  constraint entries_legs_move_between_known_buckets CHECK (((leg_from <@ '{w,a,h,c,e,r,d}'::"char"[]) AND (leg_to <@ '{w,a,h,c,e,r,d}'::"char"[])))
);
CREATE INDEX entries_by_parent ON public.entries USING btree (wallet_id, parent_seq) WHERE (parent_seq IS NOT NULL);
CREATE INDEX entries_by_recording ON public.entries USING brin (recorded_at) WITH (autosummarize='on');
CREATE INDEX entries_sent ON public.entries USING btree (wallet_id, seq) WHERE (kind = 'transfer_out'::text);
alter table entries enable row level security;
create policy entries_for_ledger on entries for all to scrip_ledger using true with check true;
create policy entries_for_staff on entries for select to scrip_staff using true;
create policy entries_of_own_workspace on entries for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
CREATE TRIGGER entries_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on entries to scrip_app;
grant insert, select on entries to scrip_ledger;
grant select on entries to scrip_staff;
comment on table entries is 'The ledger: one immutable event of one wallet a row. Never updated, never deleted.';
comment on column entries.leg_from is 'w outside, a available, h held, c consumed, e expired, r removed (all of leg_lots[i]), d the wallet''s debt (lot 0)';
comment on column entries.key_hash is 'the first 128 bits of SHA-256 over namespace, NUL and key: a short index for a promise that is never forgotten';
comment on column entries.content_hash is 'the first 128 bits of SHA-256 over the canonical request';
comment on column entries.lines is 'what made the amount: [{code, label, unit, quantity, price, amount, rule, version}], whole numbers as strings';

create table entry_details (
  wallet_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  description text,
  reason text,
  metadata jsonb,
  request_id text,
  erased_at timestamp with time zone,
  constraint entry_details_pkey PRIMARY KEY (wallet_id, seq)
);
alter table entry_details enable row level security;
create policy entry_details_for_ledger on entry_details for all to scrip_ledger using true with check true;
create policy entry_details_for_staff on entry_details for select to scrip_staff using true;
create policy entry_details_of_own_workspace on entry_details for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on entry_details to scrip_app;
grant delete, insert, select, update on entry_details to scrip_ledger;
grant select on entry_details to scrip_staff;
comment on table entry_details is 'Free text and metadata of entries, which can be erased';

create table entry_rollups (
  wallet_id uuid not null,
  workspace_id uuid not null,
  quarter_hour timestamp with time zone not null,
  occurred_quarter_hour timestamp with time zone not null,
  kind text not null,
  operation text not null,
  first_seq bigint not null,
  last_seq bigint not null,
  entry_count bigint not null,
  amount numeric not null,
  balance_change numeric not null,
  quantity numeric not null,
  api_key_id uuid not null,
  person_id uuid not null,
  constraint entry_rollups_pkey PRIMARY KEY (wallet_id, quarter_hour, occurred_quarter_hour, kind, operation, api_key_id, person_id) INCLUDE (workspace_id, first_seq, last_seq, entry_count, amount, balance_change)
);
CREATE INDEX entry_rollups_by_age ON public.entry_rollups USING brin (quarter_hour) WITH (autosummarize='on');
CREATE INDEX entry_rollups_by_occurrence ON public.entry_rollups USING btree (wallet_id, occurred_quarter_hour);
alter table entry_rollups enable row level security;
create policy entry_rollups_for_ledger on entry_rollups for all to scrip_ledger using true with check true;
create policy entry_rollups_for_staff on entry_rollups for select to scrip_staff using true;
create policy entry_rollups_of_own_workspace on entry_rollups for select to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant select on entry_rollups to scrip_app;
grant delete, insert, select, update on entry_rollups to scrip_ledger;
grant select on entry_rollups to scrip_staff;
comment on column entry_rollups.quarter_hour is 'when it begins, by the ledger time of the entries';
comment on column entry_rollups.occurred_quarter_hour is 'the same by occurred_at, where the caller said one';
comment on column entry_rollups.operation is 'empty for none; of a capture that of its hold, of a refund that of what it gives back';
comment on column entry_rollups.balance_change is 'by how much the entries changed available and held, less debt';
comment on column entry_rollups.api_key_id is 'zeros for none; of a capture that of its hold, of a refund that of what it gives back';
comment on column entry_rollups.person_id is 'who asked in person, zeros for none; of a capture that of its hold, of a refund that of what it gives back';

create table hold_lots (
  wallet_id uuid not null,
  hold_id uuid not null,
  lot_number integer not null,
  workspace_id uuid not null,
  position smallint not null,
  amount bigint not null,
  captured bigint not null default 0,
  released bigint not null default 0,
  constraint hold_lots_pkey PRIMARY KEY (wallet_id, hold_id, lot_number),
  constraint hold_lots_amount_is_positive CHECK ((amount > 0)),
  constraint hold_lots_captured_is_not_negative CHECK ((captured >= 0)),
  constraint hold_lots_released_is_not_negative CHECK ((released >= 0)),
  constraint hold_lots_settle_no_more_than_was_held CHECK (((captured + released) <= amount))
) with (fillfactor=60);
alter table hold_lots enable row level security;
create policy hold_lots_for_ledger on hold_lots for all to scrip_ledger using true with check true;
create policy hold_lots_for_staff on hold_lots for select to scrip_staff using true;
create policy hold_lots_of_own_workspace on hold_lots for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on hold_lots to scrip_app;
grant insert, select, update on hold_lots to scrip_ledger;
grant select on hold_lots to scrip_staff;

create table holds (
  wallet_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  entry_seq bigint not null,
  operation text,
  amount bigint not null,
  captured bigint not null default 0,
  released bigint not null default 0,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  expires_at_most timestamp with time zone not null,
  open boolean not null default true,
  quantity bigint not null default 0,
  constraint holds_pkey PRIMARY KEY (wallet_id, id),
  constraint holds_amount_is_not_negative CHECK ((amount >= 0)),
  constraint holds_captured_is_not_negative CHECK ((captured >= 0)),
  constraint holds_end_by_their_deadline CHECK ((expires_at <= expires_at_most)),
  constraint holds_quantity_is_not_negative CHECK ((quantity >= 0)),
  constraint holds_released_is_not_negative CHECK ((released >= 0)),
  constraint holds_settle_no_more_than_was_held CHECK (((captured + released) <= amount))
) with (fillfactor=60);
CREATE INDEX holds_due ON public.holds USING btree (expires_at, wallet_id) WHERE open;
CREATE INDEX holds_open ON public.holds USING btree (wallet_id, expires_at) WHERE open;
alter table holds enable row level security;
create policy holds_for_ledger on holds for all to scrip_ledger using true with check true;
create policy holds_for_staff on holds for select to scrip_staff using true;
create policy holds_of_own_workspace on holds for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on holds to scrip_app;
grant insert, select, update on holds to scrip_ledger;
grant select on holds to scrip_staff;
comment on column holds.quantity is 'what is still held of the quantity, where tiers of the operation count it; else 0';

create table hour_seals (
  number bigint not null,
  hour timestamp with time zone not null,
  wallet_count bigint not null,
  entry_count bigint not null,
  key_name text not null,
  hash bytea not null,
  constraint hour_seals_pkey PRIMARY KEY (number),
  constraint hour_seals_seal_an_hour_once UNIQUE (hour)
);
CREATE TRIGGER hour_seals_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.hour_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on hour_seals to scrip_ledger;
grant select on hour_seals to scrip_staff;
comment on table hour_seals is 'The chain: a keyed hash over the seal of the hour before and the wallet seals of the hour';

create table invitations (
  id uuid not null,
  workspace_id uuid not null,
  email text not null,
  email_normalized text not null,
  role text not null,
  token_hash bytea not null,
  invited_by uuid not null,
  times_sent integer not null default 1,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  revoked_at timestamp with time zone,
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_have_one_token UNIQUE (token_hash),
  constraint invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES people(id),
  constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES people(id),
  constraint invitations_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint invitations_are_accepted_by_somebody CHECK (((accepted_at IS NULL) = (accepted_by IS NULL))),
  constraint invitations_are_accepted_or_revoked CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
  constraint invitations_are_sent_at_least_once CHECK ((times_sent > 0)),
  constraint invitations_role_is_known CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);
CREATE UNIQUE INDEX invitations_are_open_once_for_an_address ON public.invitations USING btree (workspace_id, email_normalized) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
alter table invitations enable row level security;
create policy invitations_for_staff on invitations for select to scrip_staff using true;
create policy invitations_of_own_workspace on invitations for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on invitations to scrip_app;
grant select on invitations to scrip_staff;
comment on table invitations is 'Open until they are accepted, revoked or expired; sending one again changes its token';
comment on column invitations.token_hash is 'SHA-256 of what stands in the link, which is kept nowhere else than in the mail';

create table invoice_counters (
  series text not null,
  last_number integer not null,
  constraint invoice_counters_pkey PRIMARY KEY (series),
  constraint invoice_counters_begin_at_one CHECK ((last_number >= 1))
);
grant insert, select, update on invoice_counters to scrip_app;
grant select on invoice_counters to scrip_staff;
comment on table invoice_counters is 'A number is taken in the transaction that writes its invoice: one that is undone leaves no gap';

create table invoices (
  id uuid not null,
  workspace_id uuid not null,
  payment_id uuid not null,
  kind text not null,
  corrects_id uuid,
  series text not null,
  number_in_series integer not null,
  number text not null,
  livemode boolean not null,
  issued_at timestamp with time zone not null,
  seller jsonb not null,
  buyer jsonb not null,
  lines jsonb not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null,
  tax_minor bigint not null,
  total_minor bigint not null,
  currency text not null,
  constraint invoices_pkey PRIMARY KEY (id),
  constraint invoices_are_one_a_payment UNIQUE (payment_id),
  constraint invoices_number_is_unique UNIQUE (number),
  constraint invoices_number_once_in_a_series UNIQUE (series, number_in_series),
  constraint invoices_corrects_id_fkey FOREIGN KEY (corrects_id) REFERENCES invoices(id),
  constraint invoices_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint invoices_series_fkey FOREIGN KEY (series) REFERENCES invoice_counters(series),
  constraint invoices_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint invoices_add_up CHECK ((total_minor = ((subtotal_minor - discount_minor) + tax_minor))),
  constraint invoices_credit_notes_correct_an_invoice CHECK (((kind = 'credit_note'::text) = (corrects_id IS NOT NULL))),
  constraint invoices_currency_is_iso_4217 CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint invoices_discount_is_not_negative CHECK ((discount_minor >= 0)),
  constraint invoices_kind_is_known CHECK ((kind = ANY (ARRAY['invoice'::text, 'credit_note'::text]))),
  constraint invoices_subtotal_is_not_negative CHECK ((subtotal_minor >= 0)),
  constraint invoices_tax_is_not_negative CHECK ((tax_minor >= 0)),
  constraint invoices_total_is_not_negative CHECK ((total_minor >= 0))
);
CREATE INDEX invoices_corrections ON public.invoices USING btree (corrects_id) WHERE (corrects_id IS NOT NULL);
alter table invoices enable row level security;
create policy invoices_for_staff on invoices for select to scrip_staff using true;
create policy invoices_of_own_workspace on invoices for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
CREATE TRIGGER invoices_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on invoices to scrip_app;
grant select on invoices to scrip_staff;
comment on column invoices.payment_id is 'the purchase, or of a credit note the refund';
comment on column invoices.buyer is 'as they stood when it was issued, as the seller';

create table ledger_drifts (
  id uuid not null,
  rule text not null,
  wallet_id uuid,
  detail text not null,
  first_seen_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  gone_at timestamp with time zone,
  constraint ledger_drifts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ledger_drifts_are_open_once ON public.ledger_drifts USING btree (rule, COALESCE(wallet_id, '00000000-0000-0000-0000-000000000000'::uuid), detail) WHERE (gone_at IS NULL);
alter table ledger_drifts enable row level security;
create policy ledger_drifts_for_ledger on ledger_drifts for all to scrip_ledger using true with check true;
create policy ledger_drifts_for_staff on ledger_drifts for select to scrip_staff using true;
create policy ledger_drifts_of_own_workspace on ledger_drifts for all to scrip_app using false with check false;
grant insert, select, update on ledger_drifts to scrip_ledger;
grant select on ledger_drifts to scrip_staff;
comment on table ledger_drifts is 'What proofs found that does not add up, until one finds it gone';
comment on column ledger_drifts.wallet_id is 'null for what is of all wallets together: the chain of seals';

create table ledger_outbox (
  wallet_id uuid not null,
  seq bigint not null,
  kind text not null,
  workspace_id uuid not null,
  payload jsonb not null,
  created_at timestamp with time zone not null,
  constraint ledger_outbox_pkey PRIMARY KEY (wallet_id, seq, kind)
);
alter table ledger_outbox enable row level security;
create policy ledger_outbox_for_ledger on ledger_outbox for all to scrip_ledger using true with check true;
create policy ledger_outbox_for_staff on ledger_outbox for select to scrip_staff using true;
create policy ledger_outbox_of_own_workspace on ledger_outbox for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on ledger_outbox to scrip_app;
grant delete, insert, select, update on ledger_outbox to scrip_ledger;
grant select on ledger_outbox to scrip_staff;
comment on table ledger_outbox is 'What somebody may want to be told, until it is handed on: what a wallet crossed, and which entries are news';

create table ledger_progress (
  task text not null,
  done_until timestamp with time zone,
  constraint ledger_progress_pkey PRIMARY KEY (task),
  constraint ledger_progress_task_is_known CHECK ((task = ANY (ARRAY['verify'::text, 'rollups'::text, 'retention'::text, 'expiring'::text])))
);
grant select on ledger_progress to scrip_app;
grant select, update on ledger_progress to scrip_ledger;
grant select on ledger_progress to scrip_staff;
comment on column ledger_progress.done_until is 'entries recorded before this were looked at by the task; null when it has never run';

create table ledger_proofs (
  id uuid not null,
  scope text not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null default now(),
  violations integer not null,
  constraint ledger_proofs_pkey PRIMARY KEY (id),
  constraint ledger_proofs_scope_is_known CHECK ((scope = ANY (ARRAY['all'::text, 'changed'::text, 'wallet'::text]))),
  constraint ledger_proofs_violations_are_not_negative CHECK ((violations >= 0))
);
CREATE INDEX ledger_proofs_by_scope ON public.ledger_proofs USING btree (scope, finished_at);
alter table ledger_proofs enable row level security;
create policy ledger_proofs_for_ledger on ledger_proofs for all to scrip_ledger using true with check true;
create policy ledger_proofs_for_staff on ledger_proofs for select to scrip_staff using true;
create policy ledger_proofs_of_own_workspace on ledger_proofs for all to scrip_app using false with check false;
grant insert, select, update on ledger_proofs to scrip_ledger;
grant select on ledger_proofs to scrip_staff;

create table lots (
  wallet_id uuid not null,
  number integer not null,
  workspace_id uuid not null,
  entry_seq bigint not null,
  source text not null,
  priority smallint not null,
  granted_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  granted bigint not null,
  available bigint not null,
  held bigint not null default 0,
  consumed bigint not null default 0,
  expired bigint not null default 0,
  removed bigint not null default 0,
  open boolean not null default true,
  cost_minor bigint not null default 0,
  currency text,
  payment_id uuid,
  subscription_id uuid,
  operations text[],
  constraint lots_pkey PRIMARY KEY (wallet_id, number),
  constraint lots_are_open_while_something_is_left CHECK ((open = ((available + held) > 0))),
  constraint lots_available_is_not_negative CHECK ((available >= 0)),
  constraint lots_consumed_is_not_negative CHECK ((consumed >= 0)),
  constraint lots_cost_is_not_negative CHECK ((cost_minor >= 0)),
  constraint lots_expired_is_not_negative CHECK ((expired >= 0)),
  constraint lots_granted_is_positive CHECK ((granted > 0)),
  constraint lots_held_is_not_negative CHECK ((held >= 0)),
  constraint lots_keep_what_was_granted CHECK ((((((available + held) + consumed) + expired) + removed) = granted)),
  constraint lots_removed_is_not_negative CHECK ((removed >= 0)),
  constraint lots_source_is_known CHECK ((source = ANY ('{purchase,bonus,plan,rollover,welcome,reward,promo,adjustment,transfer,import}'::text[]))),
  constraint lots_with_a_cost_have_a_currency CHECK (((cost_minor = 0) OR (currency IS NOT NULL)))
) with (fillfactor=60);
CREATE INDEX lots_by_payment ON public.lots USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX lots_due ON public.lots USING btree (expires_at, wallet_id) WHERE (open AND (expires_at IS NOT NULL));
CREATE INDEX lots_to_burn ON public.lots USING btree (wallet_id, priority, expires_at, number) WHERE open;
alter table lots enable row level security;
create policy lots_for_ledger on lots for all to scrip_ledger using true with check true;
create policy lots_for_staff on lots for select to scrip_staff using true;
create policy lots_of_own_workspace on lots for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on lots to scrip_app;
grant insert, select, update on lots to scrip_ledger;
grant select on lots to scrip_staff;
comment on column lots.cost_minor is 'what was paid for the lot, net of tax, in minor units of its currency';
comment on column lots.operations is 'the only operations that may burn it; null for all';

create table mailed_links (
  token_hash text not null,
  person_id uuid not null,
  purpose text not null,
  address text not null,
  address_normalized text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint mailed_links_pkey PRIMARY KEY (token_hash),
  constraint mailed_links_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint mailed_links_purpose_is_known CHECK ((purpose = ANY (ARRAY['address'::text, 'password'::text, 'undo'::text])))
);
CREATE INDEX mailed_links_by_person ON public.mailed_links USING btree (person_id);
CREATE UNIQUE INDEX mailed_links_newest_counts ON public.mailed_links USING btree (person_id, purpose) WHERE (purpose <> 'undo'::text);
CREATE INDEX mailed_links_that_undo ON public.mailed_links USING btree (address_normalized) WHERE (purpose = 'undo'::text);
grant delete, insert, select, update on mailed_links to scrip_app;
comment on column mailed_links.token_hash is 'SHA-256 of the token, of which nothing else is kept';
comment on column mailed_links.purpose is 'address: whoever opens it has the address, which becomes the person''s; password: a new one may be set; undo: the address before comes back';
comment on column mailed_links.address is 'where it was sent';

create table mails (
  id uuid not null,
  key text not null,
  workspace_id uuid,
  person_id uuid,
  kind text not null,
  to_address text not null,
  subject text not null,
  text text,
  state text not null default 'waiting'::text,
  tries integer not null default 0,
  next_try_at timestamp with time zone default now(),
  sent_at timestamp with time zone,
  error text,
  created_at timestamp with time zone not null default now(),
  unsubscribe_path text,
  is_secret boolean not null default false,
  constraint mails_pkey PRIMARY KEY (id),
  constraint mails_have_one_for_each_reason UNIQUE (key),
  constraint mails_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint mails_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint mails_address_is_one_line CHECK ((to_address !~ '[[:cntrl:]]'::text)),
  constraint mails_are_sent_at_a_moment CHECK (((sent_at IS NOT NULL) = (state = 'sent'::text))),
  constraint mails_are_tried_until_they_are_over CHECK (((next_try_at IS NOT NULL) = (state = ANY (ARRAY['waiting'::text, 'failed'::text])))),
  constraint mails_have_a_text_until_they_are_over CHECK (((next_try_at IS NULL) OR (text IS NOT NULL))),
  constraint mails_kind_is_noun_and_verb CHECK ((kind ~ '^[a-z_]+[.][a-z_]+$'::text)),
  constraint mails_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'failed'::text, 'sent'::text, 'given_up'::text]))),
  constraint mails_subject_is_one_line CHECK ((subject !~ '[[:cntrl:]]'::text)),
  constraint mails_tries_are_not_negative CHECK ((tries >= 0)),
  constraint mails_unsubscribe_path_is_a_path CHECK ((unsubscribe_path ~ '^/[^[:cntrl:] ]+$'::text))
);
CREATE INDEX mails_due ON public.mails USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
alter table mails enable row level security;
create policy mails_for_ledger on mails for all to scrip_ledger using true with check true;
create policy mails_for_staff on mails for select to scrip_staff using true;
create policy mails_of_own_workspace on mails for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
grant insert, select on mails to scrip_app;
grant insert, select, update on mails to scrip_ledger;
comment on column mails.key is 'the reason, with its ids: whoever writes the same mail again writes none';
comment on column mails.text is 'what is said; the HTML is made from it when it is sent. Null when it was forgotten';
comment on column mails.state is 'failed waits for its next try; given_up is over without having been sent';
comment on column mails.next_try_at is 'while it is being sent, when it is tried again if nobody says what came of it';
comment on column mails.unsubscribe_path is 'where whoever has the mail ends mails of its kind, signed in or not; null for those that nobody can end';
comment on column mails.is_secret is 'whether the text lets its reader in: it is forgotten as soon as the mail is over';

create table marketing_goals (
  workspace_id uuid not null,
  id uuid not null,
  title text not null,
  measure text not null default ''::text,
  target bigint not null,
  reached bigint not null default 0,
  position integer not null,
  constraint marketing_goals_pkey PRIMARY KEY (workspace_id, id),
  constraint marketing_goals_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES business_profiles(workspace_id),
  constraint marketing_goals_have_a_title CHECK (((length(title) >= 1) AND (length(title) <= 120))),
  constraint marketing_goals_measure_is_short CHECK ((length(measure) <= 40)),
  constraint marketing_goals_reached_is_not_negative CHECK ((reached >= 0)),
  constraint marketing_goals_target_is_positive CHECK ((target > 0))
);
alter table marketing_goals enable row level security;
create policy marketing_goals_for_staff on marketing_goals for select to scrip_staff using true;
create policy marketing_goals_of_own_workspace on marketing_goals for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant delete, insert, select, update on marketing_goals to scrip_app;
grant select on marketing_goals to scrip_staff;
comment on column marketing_goals.measure is 'what is counted up to the target; empty with a target of 1: it is ticked';

create table memberships (
  workspace_id uuid not null,
  person_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  invited_by uuid,
  last_used_at timestamp with time zone,
  constraint memberships_pkey PRIMARY KEY (workspace_id, person_id),
  constraint memberships_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES people(id),
  constraint memberships_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint memberships_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint memberships_role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);
CREATE INDEX memberships_by_person ON public.memberships USING btree (person_id);
alter table memberships enable row level security;
create policy memberships_for_ledger on memberships for all to scrip_ledger using true with check true;
create policy memberships_for_staff on memberships for select to scrip_staff using true;
create policy memberships_of_own_workspace on memberships for all to scrip_app using ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (person_id = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant delete, insert, select, update on memberships to scrip_app;
grant select on memberships to scrip_ledger;
grant select on memberships to scrip_staff;
comment on column memberships.last_used_at is 'written when somebody changes to another workspace; the latest of a person is their home';

create table milestone_progress (
  singleton boolean not null default true,
  done_until timestamp with time zone,
  constraint milestone_progress_pkey PRIMARY KEY (singleton),
  constraint milestone_progress_is_one CHECK (singleton)
);
grant select, update on milestone_progress to scrip_app;
grant select on milestone_progress to scrip_staff;

create table milestones (
  workspace_id uuid not null,
  kind text not null,
  code text not null,
  reward bigint not null,
  reached_at timestamp with time zone not null default now(),
  constraint milestones_pkey PRIMARY KEY (workspace_id, kind, code),
  constraint milestones_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint milestones_kind_is_known CHECK ((kind = ANY (ARRAY['step'::text, 'achievement'::text, 'completion'::text]))),
  constraint milestones_reward_is_not_negative CHECK ((reward >= 0))
);
alter table milestones enable row level security;
create policy milestones_for_staff on milestones for select to scrip_staff using true;
create policy milestones_of_own_workspace on milestones for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select on milestones to scrip_app;
grant select on milestones to scrip_staff;

create table moved_in_accounts (
  system text not null,
  account text not null,
  workspace_id uuid not null,
  constraint moved_in_accounts_pkey PRIMARY KEY (system, account),
  constraint moved_in_accounts_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table moved_in_accounts enable row level security;
create policy moved_in_accounts_for_ledger on moved_in_accounts for all to scrip_ledger using true with check true;
create policy moved_in_accounts_for_staff on moved_in_accounts for select to scrip_staff using true;
create policy moved_in_accounts_of_own_workspace on moved_in_accounts for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select on moved_in_accounts to scrip_app;
grant select on moved_in_accounts to scrip_staff;
comment on column moved_in_accounts.account is 'what the former system called them';

create table moved_in_rows (
  id uuid not null,
  workspace_id uuid not null,
  system text not null,
  form text not null,
  ref text not null,
  amount bigint not null,
  kind text not null,
  description text not null,
  at timestamp with time zone,
  entry_seq bigint,
  moved_in_at timestamp with time zone not null default now(),
  constraint moved_in_rows_pkey PRIMARY KEY (id),
  constraint moved_in_rows_are_taken_in_once UNIQUE (system, form, ref),
  constraint moved_in_rows_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint moved_in_rows_are_history_or_have_an_entry CHECK (((entry_seq IS NULL) = (form = ANY (ARRAY['credit_transactions'::text, 'credit_logs'::text, 'transactions'::text])))),
  constraint moved_in_rows_of_history_have_a_time CHECK (((entry_seq IS NOT NULL) OR (at IS NOT NULL)))
);
CREATE INDEX moved_in_rows_newest ON public.moved_in_rows USING btree (workspace_id, at, id) WHERE (entry_seq IS NULL);
alter table moved_in_rows enable row level security;
create policy moved_in_rows_for_ledger on moved_in_rows for all to scrip_ledger using true with check true;
create policy moved_in_rows_for_staff on moved_in_rows for select to scrip_staff using true;
create policy moved_in_rows_of_own_workspace on moved_in_rows for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select on moved_in_rows to scrip_app;
grant insert, select on moved_in_rows to scrip_ledger;
grant select on moved_in_rows to scrip_staff;
comment on column moved_in_rows.amount is 'in micro-credits: of history as it was, which moves nothing here; else what was granted';
comment on column moved_in_rows.entry_seq is 'the entry that granted an opening balance';

create table operations (
  code text not null,
  name text not null,
  description text not null default ''::text,
  unit text not null,
  position integer not null default 0,
  active boolean not null default true,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1,
  constraint operations_pkey PRIMARY KEY (code),
  constraint operations_code_is_dotted_lower_case CHECK (((code ~ '^[a-z][a-z0-9_]*(.[a-z][a-z0-9_]*)*$'::text) AND (length(code) <= 100)))
);
grant insert, select, update on operations to scrip_app;
grant select on operations to scrip_ledger;
grant select on operations to scrip_staff;

create table package_prices (
  package_id uuid not null,
  currency text not null,
  price_minor bigint not null,
  version integer not null,
  constraint package_prices_pkey PRIMARY KEY (package_id, version, currency),
  constraint package_prices_are_of_a_version FOREIGN KEY (package_id, version) REFERENCES package_versions(package_id, version),
  constraint package_prices_are_positive CHECK ((price_minor > 0)),
  constraint package_prices_currency_is_iso_4217 CHECK ((currency ~ '^[A-Z]{3}$'::text))
);
CREATE TRIGGER package_prices_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.package_prices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on package_prices to scrip_app;
grant select on package_prices to scrip_staff;
comment on column package_prices.price_minor is 'in minor units as Stripe counts them: USD 2 decimals, JPY none, KWD 3 of which the last is 0, ISK 2 that are 00';

create table package_versions (
  package_id uuid not null,
  version integer not null,
  valid_from timestamp with time zone not null,
  name text not null,
  credits bigint not null,
  bonus bigint not null,
  expires_after_days integer,
  bonus_expires_after_days integer,
  popular boolean not null,
  position integer not null,
  active boolean not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint package_versions_pkey PRIMARY KEY (package_id, version),
  constraint package_versions_package_id_fkey FOREIGN KEY (package_id) REFERENCES packages(id),
  constraint package_versions_bonus_expires_after_a_day_or_more CHECK ((bonus_expires_after_days > 0)),
  constraint package_versions_bonus_is_not_negative CHECK ((bonus >= 0)),
  constraint package_versions_credits_are_positive CHECK ((credits > 0)),
  constraint package_versions_expire_after_a_day_or_more CHECK ((expires_after_days > 0)),
  constraint package_versions_start_at_one CHECK ((version >= 1))
);
CREATE TRIGGER package_versions_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.package_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on package_versions to scrip_app;
grant select on package_versions to scrip_staff;

create table packages (
  id uuid not null,
  code text not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint packages_pkey PRIMARY KEY (id),
  constraint packages_have_one_code UNIQUE (code),
  constraint packages_leave_own_to_free_amounts CHECK ((code <> 'own'::text))
);
grant insert, select on packages to scrip_app;
grant select on packages to scrip_staff;

create table passkeys (
  id uuid not null,
  person_id uuid not null,
  credential_id text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  constraint passkeys_pkey PRIMARY KEY (id),
  constraint passkeys_are_one_persons UNIQUE (credential_id),
  constraint passkeys_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint passkeys_counter_is_not_negative CHECK ((counter >= 0))
);
CREATE INDEX passkeys_by_person ON public.passkeys USING btree (person_id);
grant delete, insert, select, update on passkeys to scrip_app;
comment on column passkeys.counter is 'what the device counted last; 0 for those that do not count';

create table payments (
  id uuid not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  person_id uuid,
  order_key text not null,
  type text not null,
  status text not null,
  provider text not null,
  livemode boolean not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null default 0,
  tax_minor bigint not null default 0,
  total_minor bigint not null,
  refunded_minor bigint not null default 0,
  currency text not null,
  package_id uuid,
  subscription_id uuid,
  parent_payment_id uuid,
  catalogue jsonb not null,
  checkout_session_id text,
  checkout_url text,
  checkout_tries integer not null default 1,
  payment_intent_id text,
  failure text,
  created_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  charge_refunded_minor bigint not null default 0,
  stripe_refund_id text,
  reason text,
  made_by uuid,
  tries integer not null default 0,
  next_try_at timestamp with time zone,
  stripe_invoice_id text,
  auto_top_up boolean not null default false,
  payment_method_id text,
  bank_reference text,
  bank_received_on text,
  duplicate_of uuid,
  next_check_at timestamp with time zone,
  return_path text,
  constraint payments_pkey PRIMARY KEY (id),
  constraint payments_are_ordered_once UNIQUE (workspace_id, order_key),
  constraint payments_have_one_checkout_session UNIQUE (checkout_session_id),
  constraint payments_have_one_payment_intent UNIQUE (payment_intent_id),
  constraint payments_have_one_stripe_invoice UNIQUE (stripe_invoice_id),
  constraint payments_have_one_stripe_refund UNIQUE (stripe_refund_id),
  constraint payments_duplicate_of_fkey FOREIGN KEY (duplicate_of) REFERENCES payments(id),
  constraint payments_made_by_fkey FOREIGN KEY (made_by) REFERENCES people(id),
  constraint payments_package_id_fkey FOREIGN KEY (package_id) REFERENCES packages(id),
  constraint payments_parent_payment_id_fkey FOREIGN KEY (parent_payment_id) REFERENCES payments(id),
  constraint payments_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint payments_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint payments_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint payments_add_up CHECK ((total_minor = ((subtotal_minor - discount_minor) + tax_minor))),
  constraint payments_are_complete_from_a_time CHECK (((status <> ALL (ARRAY['completed'::text, 'refunded'::text, 'disputed'::text])) OR (completed_at IS NOT NULL))),
  constraint payments_are_no_duplicate_of_themselves CHECK ((duplicate_of <> id)),
  constraint payments_bank_received_on_is_a_day CHECK ((bank_received_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'::text)),
  constraint payments_bank_reference_is_of_a_transfer CHECK (((bank_reference IS NULL) OR (provider = 'transfer'::text))),
  constraint payments_bank_says_reference_and_day_together CHECK (((bank_reference IS NULL) = (bank_received_on IS NULL))),
  constraint payments_charge_refunds_are_not_negative CHECK ((charge_refunded_minor >= 0)),
  constraint payments_currency_is_iso_4217 CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint payments_discount_is_not_negative CHECK ((discount_minor >= 0)),
  constraint payments_of_top_ups_name_their_card CHECK ((auto_top_up = (payment_method_id IS NOT NULL))),
  constraint payments_of_type_refund_have_a_parent CHECK (((type = 'refund'::text) = (parent_payment_id IS NOT NULL))),
  constraint payments_provider_is_known CHECK ((provider = ANY (ARRAY['stripe'::text, 'simulated'::text, 'transfer'::text]))),
  constraint payments_refund_no_more_than_was_paid CHECK (((refunded_minor >= 0) AND (refunded_minor <= total_minor))),
  constraint payments_return_path_stays_here CHECK (((return_path ~ '^/[wc]/'::text) AND (return_path !~ '[[:cntrl:]\\]'::text) AND (length(return_path) <= 2000))),
  constraint payments_status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'refunded'::text, 'disputed'::text]))),
  constraint payments_subtotal_is_not_negative CHECK ((subtotal_minor >= 0)),
  constraint payments_tax_is_not_negative CHECK ((tax_minor >= 0)),
  constraint payments_total_is_not_negative CHECK ((total_minor >= 0)),
  constraint payments_type_is_known CHECK ((type = ANY (ARRAY['credit_purchase'::text, 'subscription'::text, 'refund'::text])))
);
CREATE INDEX payments_by_completion ON public.payments USING btree (completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX payments_by_number ON public.payments USING btree ("right"((id)::text, 12));
CREATE INDEX payments_by_parent ON public.payments USING btree (parent_payment_id) WHERE (parent_payment_id IS NOT NULL);
CREATE INDEX payments_by_person ON public.payments USING btree (person_id, completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX payments_by_status ON public.payments USING btree (status, id);
CREATE INDEX payments_by_workspace ON public.payments USING btree (workspace_id, id);
CREATE INDEX payments_duplicates ON public.payments USING btree (duplicate_of) WHERE (duplicate_of IS NOT NULL);
CREATE INDEX payments_failed ON public.payments USING btree (created_at) WHERE (status = 'failed'::text);
CREATE UNIQUE INDEX payments_have_one_open_top_up ON public.payments USING btree (wallet_id) WHERE (auto_top_up AND (status = 'pending'::text));
CREATE INDEX payments_of_top_ups ON public.payments USING btree (wallet_id, completed_at) WHERE auto_top_up;
CREATE INDEX payments_pending ON public.payments USING btree (created_at) WHERE (status = 'pending'::text);
CREATE INDEX payments_to_ask_for ON public.payments USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
alter table payments enable row level security;
create policy payments_for_ledger on payments for all to scrip_ledger using true with check true;
create policy payments_for_staff on payments for select to scrip_staff using true;
create policy payments_of_own_workspace on payments for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on payments to scrip_app;
grant select on payments to scrip_staff;
comment on column payments.order_key is 'the form''s nonce and what was chosen: an order sent twice is one payment';
comment on column payments.catalogue is 'what was sold, as it stood when it was ordered';
comment on column payments.checkout_tries is 'part of the idempotency key towards Stripe, which repeats an error of its own under the same key';
comment on column payments.charge_refunded_minor is 'the most that a charge said was refunded of it; refunded_minor is what follows from this and from each refund that is known';
comment on column payments.next_try_at is 'when Stripe is to be asked for what this row says; while it is asked, when it is tried again if nobody says what came of it';
comment on column payments.payment_method_id is 'the saved card that is charged for it while nobody is there';
comment on column payments.bank_reference is 'under which the bank lists the money of a transfer, as staff read it there';
comment on column payments.duplicate_of is 'the order that had been paid before: somebody paid twice, got the credits twice, and is to be asked which to refund';
comment on column payments.next_check_at is 'when Stripe may be asked next what became of a pending payment';
comment on column payments.return_path is 'the page of ours, with its query, on which credits had run out: where the buyer goes on';

create table people (
  id uuid not null,
  email text not null,
  email_normalized text not null,
  email_verified_at timestamp with time zone,
  name text not null,
  password_hash text,
  google_subject text,
  staff_role text,
  time_zone text not null default 'UTC'::text,
  locale text not null default 'en'::text,
  deactivated_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  picture_id uuid,
  deleted_at timestamp with time zone,
  google_email text,
  google_disconnected_at timestamp with time zone,
  constraint people_pkey PRIMARY KEY (id),
  constraint people_have_one_account_per_address UNIQUE (email_normalized),
  constraint people_have_one_account_per_google_subject UNIQUE (google_subject),
  constraint people_connect_google_to_a_verified_address CHECK (((google_subject IS NULL) OR (email_verified_at IS NOT NULL))),
  constraint people_have_the_address_of_a_google_account_that_is_connected CHECK (((google_email IS NULL) OR (google_subject IS NOT NULL))),
  constraint people_staff_role_is_known CHECK ((staff_role = ANY (ARRAY['support'::text, 'finance'::text, 'admin'::text, 'super_admin'::text]))),
  constraint people_who_are_deleted_keep_nothing_personal CHECK (((deleted_at IS NULL) OR ((deactivated_at IS NOT NULL) AND (password_hash IS NULL) AND (google_subject IS NULL) AND (email_verified_at IS NULL) AND (staff_role IS NULL) AND (picture_id IS NULL))))
);
CREATE INDEX people_by_beginning_of_address ON public.people USING btree (email_normalized text_pattern_ops);
CREATE INDEX people_by_creation ON public.people USING btree (created_at);
CREATE INDEX people_by_words_of_name ON public.people USING gin (to_tsvector('simple'::regconfig, regexp_replace(name, '[!-/:-@\[-`{-~]+'::text, ' '::text, 'g'::text)));
CREATE INDEX people_deactivated ON public.people USING btree (id) WHERE (deactivated_at IS NOT NULL);
grant insert, select, update on people to scrip_app;
comment on column people.email_normalized is 'what decides whether two addresses are one person: trimmed, lower case, NFKC';
comment on column people.password_hash is 'argon2id in PHC form; null for people who sign in with Google only';
comment on column people.google_email is 'what Google says the address is, to be shown; null until the next sign-in with it';
comment on column people.google_disconnected_at is 'since then a sign-in with Google does not connect it again by the address alone';

create table person_pictures (
  id uuid not null,
  person_id uuid not null,
  image bytea not null,
  created_at timestamp with time zone not null default now(),
  constraint person_pictures_pkey PRIMARY KEY (id),
  constraint person_pictures_are_one_for_each_person UNIQUE (person_id),
  constraint person_pictures_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint person_pictures_are_small CHECK ((octet_length(image) <= 65536))
);
grant delete, insert, select, update on person_pictures to scrip_app;
grant select on person_pictures to scrip_staff;

create table plan_grants (
  id uuid not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  subscription_id uuid not null,
  plan_id uuid not null,
  kind text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  credits bigint,
  entry_seq bigint,
  payment_id uuid,
  change_id uuid,
  created_at timestamp with time zone not null default now(),
  constraint plan_grants_pkey PRIMARY KEY (id),
  constraint plan_grants_are_once_a_period UNIQUE (subscription_id, kind, starts_at),
  constraint plan_grants_are_one_a_change UNIQUE (change_id),
  constraint plan_grants_are_one_a_payment UNIQUE (payment_id),
  constraint plan_grants_change_id_fkey FOREIGN KEY (change_id) REFERENCES subscription_changes(id),
  constraint plan_grants_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint plan_grants_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint plan_grants_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint plan_grants_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint plan_grants_are_not_negative CHECK ((credits >= 0)),
  constraint plan_grants_kind_is_known CHECK ((kind = ANY (ARRAY['trial'::text, 'period'::text, 'upgrade'::text, 'rollover'::text]))),
  constraint plan_grants_last_some_time CHECK ((ends_at > starts_at)),
  constraint plan_grants_of_credits_have_an_entry CHECK (((COALESCE(credits, (0)::bigint) > 0) = (entry_seq IS NOT NULL))),
  constraint plan_grants_of_upgrades_have_a_change CHECK (((kind = 'upgrade'::text) = (change_id IS NOT NULL)))
);
CREATE INDEX plan_grants_by_end ON public.plan_grants USING btree (ends_at) WHERE (kind = 'period'::text);
CREATE INDEX plan_grants_by_wallet ON public.plan_grants USING btree (wallet_id);
alter table plan_grants enable row level security;
create policy plan_grants_for_ledger on plan_grants for all to scrip_ledger using true with check true;
create policy plan_grants_for_staff on plan_grants for select to scrip_staff using true;
create policy plan_grants_of_own_workspace on plan_grants for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on plan_grants to scrip_app;
grant select on plan_grants to scrip_ledger;
grant select on plan_grants to scrip_staff;
comment on column plan_grants.credits is 'null: the plan is unlimited, and nothing was granted';
comment on column plan_grants.entry_seq is 'the entry of the wallet that granted the credits as a lot';

create table plan_prices (
  id uuid not null,
  plan_id uuid not null,
  period text not null,
  currency text not null,
  price_minor bigint not null,
  version integer not null,
  plan_version integer not null,
  constraint plan_prices_pkey PRIMARY KEY (id),
  constraint plan_prices_have_one_row_per_version UNIQUE (plan_id, period, currency, version),
  constraint plan_prices_are_of_a_version FOREIGN KEY (plan_id, plan_version) REFERENCES plan_versions(plan_id, version),
  constraint plan_prices_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint plan_prices_are_not_negative CHECK ((price_minor >= 0)),
  constraint plan_prices_currency_is_iso_4217 CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint plan_prices_period_is_known CHECK ((period = ANY (ARRAY['month'::text, 'year'::text])))
);
CREATE TRIGGER plan_prices_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.plan_prices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on plan_prices to scrip_app;
grant select on plan_prices to scrip_staff;
comment on column plan_prices.plan_version is 'what is bought by this price: who has it keeps it when the plan is changed';

create table plan_versions (
  plan_id uuid not null,
  version integer not null,
  valid_from timestamp with time zone not null,
  name text not null,
  credits bigint,
  unlimited boolean not null,
  rollover_cap bigint,
  trial_days integer not null,
  grace_days integer not null,
  limits jsonb not null,
  position integer not null,
  active boolean not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint plan_versions_pkey PRIMARY KEY (plan_id, version),
  constraint plan_versions_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint plan_versions_credits_are_positive CHECK ((credits > 0)),
  constraint plan_versions_give_credits_or_are_unlimited CHECK (((credits IS NULL) = unlimited)),
  constraint plan_versions_grace_is_not_negative CHECK ((grace_days >= 0)),
  constraint plan_versions_rollover_cap_is_not_negative CHECK ((rollover_cap >= 0)),
  constraint plan_versions_start_at_one CHECK ((version >= 1)),
  constraint plan_versions_trial_is_not_negative CHECK ((trial_days >= 0))
);
CREATE TRIGGER plan_versions_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.plan_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on plan_versions to scrip_app;
grant select on plan_versions to scrip_staff;
comment on column plan_versions.credits is 'each month; a year is paid for and granted at once, twelve times as much';
comment on column plan_versions.rollover_cap is 'how much of what a period leaves over is granted again with the next one';
comment on column plan_versions.grace_days is 'so long an unlimited plan goes on after its period when the next one is not paid';

create table plans (
  id uuid not null,
  code text not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint plans_pkey PRIMARY KEY (id),
  constraint plans_have_one_code UNIQUE (code)
);
grant insert, select on plans to scrip_app;
grant select on plans to scrip_ledger;
grant select on plans to scrip_staff;

create table preset_in_use (
  singleton boolean not null default true,
  preset text not null,
  chosen_at timestamp with time zone not null default now(),
  constraint preset_in_use_pkey PRIMARY KEY (singleton),
  constraint preset_in_use_is_one CHECK (singleton)
);
grant insert, select, update on preset_in_use to scrip_app;
grant select on preset_in_use to scrip_staff;

create table preset_versions (
  preset text not null,
  version integer not null,
  kept text[] not null,
  applied_at timestamp with time zone not null default now(),
  constraint preset_versions_pkey PRIMARY KEY (preset, version)
);
grant insert, select on preset_versions to scrip_app;
grant select on preset_versions to scrip_staff;
comment on column preset_versions.kept is 'what somebody had changed, so that this version of the preset left it alone';

create table price_rules (
  id uuid not null,
  operation text not null,
  plan_id uuid,
  workspace_id uuid,
  version integer not null,
  valid_from timestamp with time zone not null,
  components jsonb not null,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint price_rules_pkey PRIMARY KEY (id),
  constraint price_rules_have_one_row_per_version UNIQUE NULLS NOT DISTINCT (operation, plan_id, workspace_id, version),
  constraint price_rules_operation_fkey FOREIGN KEY (operation) REFERENCES operations(code),
  constraint price_rules_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint price_rules_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint price_rules_are_for_a_plan_or_a_workspace CHECK (((plan_id IS NULL) OR (workspace_id IS NULL))),
  constraint price_rules_versions_start_at_one CHECK ((version >= 1))
);
alter table price_rules enable row level security;
create policy price_rules_for_ledger on price_rules for all to scrip_ledger using true with check true;
create policy price_rules_for_staff on price_rules for select to scrip_staff using true;
create policy price_rules_of_own_workspace on price_rules for all to scrip_app using ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid)) with check ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
CREATE TRIGGER price_rules_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.price_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on price_rules to scrip_app;
grant select on price_rules to scrip_ledger;
grant select on price_rules to scrip_staff;
comment on table price_rules is 'Versions are never edited: a change is the next version, valid from a time';
comment on column price_rules.components is 'what pricing/stored-rules.ts reads; prices in 10^-12 credit per unit, as strings; empty: the rule ends';

create table promo_codes (
  id uuid not null,
  code text not null,
  name text not null,
  kind text not null,
  credits bigint,
  percent integer,
  packages text[],
  first_purchase_only boolean not null default false,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  total_limit integer,
  person_limit integer not null default 1,
  taken integer not null default 0,
  expires_after_days integer,
  active boolean not null default true,
  made_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  plans text[],
  version integer not null default 1,
  constraint promo_codes_pkey PRIMARY KEY (id),
  constraint promo_codes_are_unique UNIQUE (code),
  constraint promo_codes_are_taken_or_not CHECK ((taken >= 0)),
  constraint promo_codes_are_taken_within_their_limit CHECK ((taken <= total_limit)),
  constraint promo_codes_are_written_in_capitals CHECK ((code ~ '^[A-Z0-9][A-Z0-9-]{2,39}$'::text)),
  constraint promo_codes_credits_are_positive CHECK ((credits > 0)),
  constraint promo_codes_expire_after_a_day_or_more CHECK ((expires_after_days > 0)),
  constraint promo_codes_give_credits_or_percent CHECK ((num_nonnulls(credits, percent) = 1)),
  constraint promo_codes_have_the_terms_of_their_kind CHECK ((((kind = 'purchase'::text) OR (packages IS NULL)) AND ((kind = 'plan'::text) OR (plans IS NULL)) AND ((kind <> 'grant'::text) OR ((percent IS NULL) AND (NOT first_purchase_only))))),
  constraint promo_codes_kind_is_known CHECK ((kind = ANY (ARRAY['grant'::text, 'purchase'::text, 'plan'::text]))),
  constraint promo_codes_name_some_package CHECK ((cardinality(packages) > 0)),
  constraint promo_codes_name_some_plan CHECK ((cardinality(plans) > 0)),
  constraint promo_codes_percent_is_sensible CHECK (((percent >= 1) AND (percent <= 1000))),
  constraint promo_codes_person_limit_is_positive CHECK ((person_limit > 0)),
  constraint promo_codes_start_before_they_end CHECK ((starts_at < ends_at)),
  constraint promo_codes_total_limit_is_positive CHECK ((total_limit > 0))
);
grant insert, select, update on promo_codes to scrip_app;
grant select on promo_codes to scrip_staff;
comment on column promo_codes.credits is 'in micro-credits';
comment on column promo_codes.percent is 'of the credits that are bought, without their bonus; of a plan those of its first period';
comment on column promo_codes.packages is 'codes of the packages that it is for, own for an amount of the buyer''s choice; null: for all';
comment on column promo_codes.ends_at is 'the first moment at which it is over';
comment on column promo_codes.taken is 'places that are redeemed, or reserved by an order that may still be paid; changed under this row''s lock';
comment on column promo_codes.plans is 'codes of the plans that it is for; null: for all';

create table promo_redemptions (
  id uuid not null,
  promo_code_id uuid not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  person_id uuid,
  payment_id uuid,
  nonce uuid,
  state text not null,
  first_purchase boolean not null,
  credits bigint not null,
  entry_seq bigint,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  subscription_id uuid,
  constraint promo_redemptions_pkey PRIMARY KEY (id),
  constraint promo_redemptions_are_one_a_payment UNIQUE (payment_id),
  constraint promo_redemptions_are_one_a_subscription UNIQUE (subscription_id),
  constraint promo_redemptions_of_one_form_are_one UNIQUE (workspace_id, promo_code_id, nonce),
  constraint promo_redemptions_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint promo_redemptions_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint promo_redemptions_promo_code_id_fkey FOREIGN KEY (promo_code_id) REFERENCES promo_codes(id),
  constraint promo_redemptions_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint promo_redemptions_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint promo_redemptions_are_of_a_form_an_order_or_a_plan CHECK (
CASE
    WHEN (subscription_id IS NULL) THEN (num_nonnulls(nonce, payment_id) = 1)
    ELSE ((nonce IS NULL) AND ((payment_id IS NOT NULL) = (state = 'redeemed'::text)))
END),
  constraint promo_redemptions_are_of_credits CHECK ((credits > 0)),
  constraint promo_redemptions_are_reserved_for_an_order_or_a_plan CHECK (((state = 'redeemed'::text) OR (nonce IS NULL))),
  constraint promo_redemptions_have_granted CHECK (((state = 'redeemed'::text) = (entry_seq IS NOT NULL))),
  constraint promo_redemptions_state_is_known CHECK ((state = ANY (ARRAY['reserved'::text, 'redeemed'::text, 'given_back'::text])))
);
CREATE INDEX promo_redemptions_by_code ON public.promo_redemptions USING btree (promo_code_id, id);
CREATE INDEX promo_redemptions_by_person ON public.promo_redemptions USING btree (person_id, promo_code_id) WHERE (person_id IS NOT NULL);
CREATE UNIQUE INDEX promo_redemptions_of_first_purchases_are_one_a_workspace ON public.promo_redemptions USING btree (workspace_id) WHERE (first_purchase AND (state <> 'given_back'::text));
alter table promo_redemptions enable row level security;
create policy promo_redemptions_for_staff on promo_redemptions for select to scrip_staff using true;
create policy promo_redemptions_of_own_workspace on promo_redemptions for all to scrip_app using ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (person_id = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on promo_redemptions to scrip_app;
grant select on promo_redemptions to scrip_staff;
comment on column promo_redemptions.person_id is 'null: the workspace of a product''s customer, who is nobody here';
comment on column promo_redemptions.nonce is 'of the form that redeemed credits at once: the same sent twice is one redemption';
comment on column promo_redemptions.credits is 'in micro-credits';
comment on column promo_redemptions.entry_seq is 'the entry that granted the credits';
comment on column promo_redemptions.subscription_id is 'the plan that was begun with it; its first payment redeems it';

create table quotes (
  id uuid not null,
  workspace_id uuid not null,
  wallet_id uuid not null,
  operation text not null,
  rule_id uuid not null,
  quantity bigint not null,
  components jsonb not null default '{}'::jsonb,
  expires_at timestamp with time zone not null,
  used_by text,
  made_by uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint quotes_pkey PRIMARY KEY (id),
  constraint quotes_operation_fkey FOREIGN KEY (operation) REFERENCES operations(code),
  constraint quotes_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES price_rules(id),
  constraint quotes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint quotes_expire_after_they_are_made CHECK ((expires_at > created_at)),
  constraint quotes_quantity_is_positive CHECK ((quantity > 0))
);
CREATE INDEX quotes_by_workspace ON public.quotes USING btree (workspace_id, expires_at);
alter table quotes enable row level security;
create policy quotes_for_staff on quotes for select to scrip_staff using true;
create policy quotes_of_own_workspace on quotes for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant delete, insert, select, update on quotes to scrip_app;
grant select on quotes to scrip_staff;
comment on table quotes is 'Prices that are locked for some minutes; forgotten a day after they expired';
comment on column quotes.quantity is '10^-6 of the unit, at most';
comment on column quotes.components is 'the same of components that are measured by themselves, as strings by code';
comment on column quotes.used_by is 'namespace and idempotency key of the one request that is charged by it';

create table rate_limits (
  key text not null,
  points integer not null default 0,
  expire bigint,
  constraint rate_limits_pkey PRIMARY KEY (key)
);
grant delete, insert, select, update on rate_limits to scrip_app;
grant select on rate_limits to scrip_staff;

create table reconciled_days (
  provider text not null,
  livemode boolean not null,
  day timestamp with time zone not null,
  currency text not null,
  payments integer not null,
  taken_minor bigint not null,
  refunded_minor bigint not null,
  disputed_minor bigint not null,
  booked_minor bigint not null,
  booked_refunded_minor bigint not null,
  booked_disputed_minor bigint not null,
  sold_micro bigint not null,
  granted_micro bigint not null,
  differences jsonb not null,
  reconciliation_id uuid not null,
  constraint reconciled_days_pkey PRIMARY KEY (provider, livemode, day, currency),
  constraint reconciled_days_reconciliation_id_fkey FOREIGN KEY (reconciliation_id) REFERENCES reconciliations(id)
);
grant delete, insert, select, update on reconciled_days to scrip_app;
grant select on reconciled_days to scrip_staff;
comment on column reconciled_days.day is 'its midnight in UTC, by when Stripe made the charge, refund or dispute';
comment on column reconciled_days.taken_minor is 'what Stripe says; the columns that begin with booked are what our payments say of the same';
comment on column reconciled_days.sold_micro is 'credits that were sold for it; granted_micro those that its lots were made with';

create table reconciliations (
  id uuid not null,
  provider text not null,
  livemode boolean not null,
  state text not null,
  asked_by uuid,
  since timestamp with time zone,
  started_at timestamp with time zone,
  heard_at timestamp with time zone,
  finished_at timestamp with time zone,
  looked_at integer not null default 0,
  changed integer not null default 0,
  findings jsonb not null default '[]'::jsonb,
  agrees boolean,
  failure text,
  created_at timestamp with time zone not null default now(),
  constraint reconciliations_pkey PRIMARY KEY (id),
  constraint reconciliations_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES people(id),
  constraint reconciliations_are_over_at_a_moment CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'failed'::text])))),
  constraint reconciliations_fail_for_a_reason CHECK (((failure IS NOT NULL) = (state = 'failed'::text))),
  constraint reconciliations_provider_is_known CHECK ((provider = ANY (ARRAY['stripe'::text, 'simulated'::text]))),
  constraint reconciliations_state_is_known CHECK ((state = ANY (ARRAY['asked'::text, 'running'::text, 'done'::text, 'failed'::text]))),
  constraint reconciliations_that_are_done_say_whether_all_agrees CHECK (((agrees IS NOT NULL) = (state = 'done'::text)))
);
CREATE UNIQUE INDEX reconciliations_are_one_at_a_time ON public.reconciliations USING btree (provider, livemode) WHERE (finished_at IS NULL);
CREATE INDEX reconciliations_newest ON public.reconciliations USING btree (provider, livemode, started_at);
grant insert, select, update on reconciliations to scrip_app;
grant select on reconciliations to scrip_staff;
comment on column reconciliations.since is 'what Stripe made from then on was looked at; the next run begins some time before started_at';
comment on column reconciliations.heard_at is 'the last sign of life of the process that runs it; one that is silent for long is given up';
comment on column reconciliations.looked_at is 'objects of Stripe''s that are ours';
comment on column reconciliations.changed is 'objects that had an effect, which no webhook had brought';
comment on column reconciliations.findings is 'what somebody has to look at: the object, the payment where it is known, and why';

create table referral_codes (
  workspace_id uuid not null,
  code text not null,
  created_at timestamp with time zone not null default now(),
  constraint referral_codes_pkey PRIMARY KEY (workspace_id),
  constraint referral_codes_are_unique UNIQUE (code),
  constraint referral_codes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table referral_codes enable row level security;
create policy referral_codes_for_staff on referral_codes for select to scrip_staff using true;
create policy referral_codes_of_own_workspace on referral_codes for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on referral_codes to scrip_app;
grant select on referral_codes to scrip_staff;

create table referrals (
  id uuid not null,
  workspace_id uuid not null,
  person_id uuid not null,
  referrer_workspace_id uuid not null,
  state text not null default 'waiting'::text,
  reason text,
  payment_id uuid,
  money_back_at timestamp with time zone,
  next_try_at timestamp with time zone,
  card_fingerprint text,
  wallet_id uuid,
  referrer_wallet_id uuid,
  entry_seq bigint,
  referrer_entry_seq bigint,
  credits bigint,
  referrer_credits bigint,
  reversible_until timestamp with time zone,
  rewarded_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint referrals_pkey PRIMARY KEY (id),
  constraint referrals_are_once_a_person UNIQUE (person_id),
  constraint referrals_are_one_a_workspace UNIQUE (workspace_id),
  constraint referrals_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments(id),
  constraint referrals_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint referrals_referrer_workspace_id_fkey FOREIGN KEY (referrer_workspace_id) REFERENCES workspaces(id),
  constraint referrals_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint referrals_are_looked_at_while_due CHECK (((state <> 'due'::text) OR (next_try_at IS NOT NULL))),
  constraint referrals_are_of_another CHECK ((referrer_workspace_id <> workspace_id)),
  constraint referrals_are_refused_for_a_reason CHECK (((state = 'refused'::text) = (reason IS NOT NULL))),
  constraint referrals_reward_both_or_neither CHECK ((num_nonnulls(wallet_id, referrer_wallet_id, entry_seq, referrer_entry_seq, credits, referrer_credits, reversible_until, rewarded_at) =
CASE
    WHEN (state = ANY (ARRAY['rewarded'::text, 'taken_back'::text])) THEN 8
    ELSE 0
END)),
  constraint referrals_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'due'::text, 'rewarded'::text, 'refused'::text, 'taken_back'::text]))),
  constraint referrals_wait_for_a_purchase CHECK (((state = 'waiting'::text) = (payment_id IS NULL)))
);
CREATE UNIQUE INDEX referrals_are_rewarded_once_a_card ON public.referrals USING btree (card_fingerprint) WHERE (state = ANY (ARRAY['rewarded'::text, 'taken_back'::text]));
CREATE INDEX referrals_by_payment ON public.referrals USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX referrals_by_referrer ON public.referrals USING btree (referrer_workspace_id, id);
CREATE INDEX referrals_to_look_at ON public.referrals USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
alter table referrals enable row level security;
create policy referrals_for_staff on referrals for select to scrip_staff using true;
create policy referrals_of_own_workspace on referrals for all to scrip_app using ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (referrer_workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid)) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on referrals to scrip_app;
grant select on referrals to scrip_staff;
comment on column referrals.workspace_id is 'the one that was brought';
comment on column referrals.payment_id is 'the purchase that the reward is for';
comment on column referrals.money_back_at is 'when money of that purchase first went back, by a refund or a dispute';
comment on column referrals.credits is 'what the one that was brought got, in micro-credits';

create table refund_totals (
  wallet_id uuid not null,
  entry_seq bigint not null,
  lot_number integer not null,
  workspace_id uuid not null,
  taken bigint not null,
  refunded bigint not null,
  constraint refund_totals_pkey PRIMARY KEY (wallet_id, entry_seq, lot_number),
  constraint refund_totals_refund_no_more_than_was_taken CHECK (((refunded >= 0) AND (refunded <= taken))),
  constraint refund_totals_taken_is_positive CHECK ((taken > 0))
) with (fillfactor=60);
alter table refund_totals enable row level security;
create policy refund_totals_for_ledger on refund_totals for all to scrip_ledger using true with check true;
create policy refund_totals_for_staff on refund_totals for select to scrip_staff using true;
create policy refund_totals_of_own_workspace on refund_totals for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) AND (wallet_id IN ( SELECT w.id
   FROM wallets w)));
grant insert, select, update on refund_totals to scrip_app;
grant insert, select, update on refund_totals to scrip_ledger;
grant select on refund_totals to scrip_staff;

create table rollup_progress (
  wallet_id uuid not null,
  workspace_id uuid not null,
  forgotten_seq bigint not null default 0,
  last_seq bigint not null default 0,
  constraint rollup_progress_pkey PRIMARY KEY (wallet_id)
) with (fillfactor=50);
alter table rollup_progress enable row level security;
create policy rollup_progress_for_ledger on rollup_progress for all to scrip_ledger using true with check true;
create policy rollup_progress_for_staff on rollup_progress for select to scrip_staff using true;
create policy rollup_progress_of_own_workspace on rollup_progress for select to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant select on rollup_progress to scrip_app;
grant delete, insert, select, update on rollup_progress to scrip_ledger;
grant select on rollup_progress to scrip_staff;
comment on table rollup_progress is 'Which entries the rollups of a wallet consist of: those above one number, up to another';

create table seller_details (
  singleton boolean not null default true,
  details jsonb not null,
  updated_at timestamp with time zone not null default now(),
  constraint seller_details_pkey PRIMARY KEY (singleton),
  constraint seller_details_are_of_one_seller CHECK (singleton)
);
grant insert, select, update on seller_details to scrip_app;
grant select on seller_details to scrip_staff;
comment on table seller_details is 'The seller as the settings of the running program say, for whoever issues an invoice';

create table sessions (
  sid text not null,
  sess json not null,
  expire timestamp with time zone not null,
  person_id uuid generated always as ((((sess)::jsonb #>> '{passport,user}'::text[]))::uuid) stored,
  constraint sessions_pkey PRIMARY KEY (sid)
);
CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expire);
CREATE INDEX sessions_by_person ON public.sessions USING btree (person_id);
grant delete, insert, select, update on sessions to scrip_app;

create table staff_deeds (
  nonce uuid not null,
  person_id uuid not null,
  content_hash text not null,
  done_at timestamp with time zone not null default now(),
  constraint staff_deeds_pkey PRIMARY KEY (nonce),
  constraint staff_deeds_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id)
);
grant insert, select on staff_deeds to scrip_app;
grant select on staff_deeds to scrip_staff;
comment on table staff_deeds is 'Forms of the staff that were carried out: one that is sent twice is carried out once';

create table staff_limits (
  singleton boolean not null default true,
  small_credits bigint not null default 100000000,
  credits bigint default '10000000000'::bigint,
  money jsonb not null default '{"EUR": "100000", "GBP": "80000", "INR": "8000000", "USD": "100000"}'::jsonb,
  constraint staff_limits_pkey PRIMARY KEY (singleton),
  constraint staff_limits_are_one CHECK (singleton),
  constraint staff_limits_credits_are_not_negative CHECK ((credits >= 0)),
  constraint staff_limits_small_credits_are_not_negative CHECK ((small_credits >= 0))
);
grant select, update on staff_limits to scrip_app;
grant select on staff_limits to scrip_staff;
comment on table staff_limits is 'What one of the staff may move in 24 hours before somebody else has to approve';
comment on column staff_limits.small_credits is 'in micro-credits, of support and finance';
comment on column staff_limits.credits is 'in micro-credits, of admins; null: there is no limit';
comment on column staff_limits.money is 'what is given back of payments, in minor units by currency; one that is not there has no limit';

create table staff_requests (
  id uuid not null,
  workspace_id uuid,
  kind text not null,
  subject_id uuid not null,
  amount bigint not null,
  currency text,
  credits_expire_at timestamp with time zone,
  reason text not null,
  state text not null,
  asked_by uuid not null,
  nonce uuid not null,
  decided_by uuid,
  decided_at timestamp with time zone,
  decision_reason text,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  entry_seq bigint,
  constraint staff_requests_pkey PRIMARY KEY (id),
  constraint staff_requests_of_one_form_are_one UNIQUE (asked_by, nonce),
  constraint staff_requests_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES people(id),
  constraint staff_requests_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES people(id),
  constraint staff_requests_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint staff_requests_amount_is_positive CHECK ((amount > 0)),
  constraint staff_requests_are_approved_by_somebody_else CHECK (((state <> 'done'::text) OR (decided_by <> asked_by))),
  constraint staff_requests_are_of_a_workspace_or_many CHECK (((workspace_id IS NULL) = (kind = 'bulk_grant'::text))),
  constraint staff_requests_kind_is_known CHECK ((kind = ANY (ARRAY['grant'::text, 'deduct'::text, 'bulk_grant'::text, 'refund'::text, 'give_back'::text]))),
  constraint staff_requests_of_money_have_a_currency CHECK (((currency IS NOT NULL) = (kind = 'refund'::text))),
  constraint staff_requests_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'refused'::text]))),
  constraint staff_requests_that_give_back_name_an_entry CHECK (((entry_seq IS NOT NULL) = (kind = 'give_back'::text))),
  constraint staff_requests_wait_until_they_expire CHECK (((state = 'done'::text) OR (expires_at IS NOT NULL)))
);
CREATE INDEX staff_requests_by_asker ON public.staff_requests USING btree (asked_by, created_at);
CREATE INDEX staff_requests_by_subject ON public.staff_requests USING btree (subject_id, id);
CREATE INDEX staff_requests_that_wait ON public.staff_requests USING btree (created_at) WHERE (state = 'waiting'::text);
alter table staff_requests enable row level security;
create policy staff_requests_for_staff on staff_requests for select to scrip_staff using true;
create policy staff_requests_of_own_workspace on staff_requests for all to scrip_app using ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (asked_by = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)) with check ((workspace_id IS NULL) OR (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (asked_by = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid));
grant insert, select, update on staff_requests to scrip_app;
grant select on staff_requests to scrip_staff;
comment on column staff_requests.subject_id is 'the wallet, the payment, or the file of many grants';
comment on column staff_requests.amount is 'in micro-credits, or of a refund in minor units';
comment on column staff_requests.credits_expire_at is 'of a grant: when its credits expire; null: never';
comment on column staff_requests.decided_by is 'null and done: it was carried out at once';
comment on column staff_requests.expires_at is 'nobody can approve it any more; null: it was carried out at once';
comment on column staff_requests.entry_seq is 'of what is given back: the entry of the wallet that charged it';

create table stripe_customers (
  workspace_id uuid not null,
  provider text not null,
  livemode boolean not null,
  customer_id text,
  deletions integer not null default 0,
  payment_method_id text,
  card jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  leaves_at timestamp with time zone,
  constraint stripe_customers_pkey PRIMARY KEY (workspace_id, provider, livemode),
  constraint stripe_customers_are_of_one_workspace UNIQUE (customer_id),
  constraint stripe_customers_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint stripe_customers_have_cards_while_they_are_there CHECK (((payment_method_id IS NULL) OR (customer_id IS NOT NULL))),
  constraint stripe_customers_provider_is_known CHECK ((provider = ANY (ARRAY['stripe'::text, 'simulated'::text]))),
  constraint stripe_customers_show_the_card_that_is_kept CHECK (((payment_method_id IS NULL) = (card IS NULL)))
);
CREATE INDEX stripe_customers_that_leave ON public.stripe_customers USING btree (leaves_at) WHERE (leaves_at IS NOT NULL);
alter table stripe_customers enable row level security;
create policy stripe_customers_for_ledger on stripe_customers for all to scrip_ledger using true with check true;
create policy stripe_customers_for_staff on stripe_customers for select to scrip_staff using true;
create policy stripe_customers_of_own_workspace on stripe_customers for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on stripe_customers to scrip_app;
grant select on stripe_customers to scrip_ledger;
grant select on stripe_customers to scrip_staff;
comment on column stripe_customers.deletions is 'how often somebody deleted the customer at Stripe; part of the idempotency key with which the next is made';
comment on column stripe_customers.payment_method_id is 'the card that may be charged when nobody is there; card is what people know of it';
comment on column stripe_customers.leaves_at is 'when Stripe is asked next to delete the customer of a workspace that was closed';

create table stripe_events (
  id text not null,
  type text not null,
  livemode boolean not null,
  object_id text,
  payment_id uuid,
  state text not null,
  note text,
  body jsonb not null,
  created_at timestamp with time zone not null,
  received_at timestamp with time zone not null default now(),
  constraint stripe_events_pkey PRIMARY KEY (id),
  constraint stripe_events_state_is_known CHECK ((state = ANY (ARRAY['done'::text, 'ignored'::text, 'flagged'::text])))
);
CREATE INDEX stripe_events_by_object ON public.stripe_events USING btree (object_id);
CREATE INDEX stripe_events_by_payment ON public.stripe_events USING btree (payment_id);
CREATE INDEX stripe_events_flagged ON public.stripe_events USING btree (received_at) WHERE (state = 'flagged'::text);
CREATE INDEX stripe_events_newest ON public.stripe_events USING btree (received_at, id);
grant insert, select, update on stripe_events to scrip_app;
grant select on stripe_events to scrip_staff;

create table subscription_changes (
  id uuid not null,
  workspace_id uuid not null,
  subscription_id uuid not null,
  kind text not null,
  from_plan_price_id uuid not null,
  to_plan_price_id uuid not null,
  prorated_at timestamp with time zone,
  person_id uuid,
  state text not null default 'asked'::text,
  note text,
  tries integer not null default 0,
  next_try_at timestamp with time zone default now(),
  created_at timestamp with time zone not null default now(),
  constraint subscription_changes_pkey PRIMARY KEY (id),
  constraint subscription_changes_from_plan_price_id_fkey FOREIGN KEY (from_plan_price_id) REFERENCES plan_prices(id),
  constraint subscription_changes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint subscription_changes_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint subscription_changes_to_plan_price_id_fkey FOREIGN KEY (to_plan_price_id) REFERENCES plan_prices(id),
  constraint subscription_changes_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint subscription_changes_are_tried_while_asked CHECK (((state = 'asked'::text) = (next_try_at IS NOT NULL))),
  constraint subscription_changes_kind_is_known CHECK ((kind = ANY (ARRAY['upgrade'::text, 'downgrade'::text, 'keep'::text, 'cancel'::text, 'resume'::text, 'end_trial'::text]))),
  constraint subscription_changes_state_is_known CHECK ((state = ANY (ARRAY['asked'::text, 'done'::text, 'refused'::text]))),
  constraint subscription_upgrades_are_prorated CHECK (((kind = 'upgrade'::text) = (prorated_at IS NOT NULL)))
);
CREATE UNIQUE INDEX subscription_changes_are_asked_one_at_a_time ON public.subscription_changes USING btree (subscription_id) WHERE (state = 'asked'::text);
CREATE INDEX subscription_changes_to_ask_for ON public.subscription_changes USING btree (next_try_at) WHERE (state = 'asked'::text);
alter table subscription_changes enable row level security;
create policy subscription_changes_for_ledger on subscription_changes for all to scrip_ledger using true with check true;
create policy subscription_changes_for_staff on subscription_changes for select to scrip_staff using true;
create policy subscription_changes_of_own_workspace on subscription_changes for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on subscription_changes to scrip_app;
grant select on subscription_changes to scrip_ledger;
grant select on subscription_changes to scrip_staff;
comment on table subscription_changes is 'What Stripe is asked to change, written down before it is asked: the id is the key of the request';

create table subscriptions (
  id uuid not null,
  workspace_id uuid not null,
  plan_id uuid not null,
  plan_price_id uuid not null,
  status text not null,
  livemode boolean not null,
  stripe_subscription_id text,
  current_period_starts_at timestamp with time zone,
  current_period_ends_at timestamp with time zone,
  cancel_at_period_end boolean not null default false,
  trial_ends_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  provider text not null default 'none'::text,
  person_id uuid,
  order_key text,
  checkout_session_id text,
  checkout_url text,
  checkout_tries integer not null default 1,
  stripe_item_id text,
  state_at timestamp with time zone,
  anchor_at timestamp with time zone,
  next_plan_price_id uuid,
  past_due_at timestamp with time zone,
  open_invoice_url text,
  ended_at timestamp with time zone,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_are_ordered_once UNIQUE (workspace_id, order_key),
  constraint subscriptions_have_one_checkout_session UNIQUE (checkout_session_id),
  constraint subscriptions_have_one_stripe_subscription UNIQUE (stripe_subscription_id),
  constraint subscriptions_next_plan_price_id_fkey FOREIGN KEY (next_plan_price_id) REFERENCES plan_prices(id),
  constraint subscriptions_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint subscriptions_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint subscriptions_plan_price_id_fkey FOREIGN KEY (plan_price_id) REFERENCES plan_prices(id),
  constraint subscriptions_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint subscriptions_end_at_a_time CHECK (((status = 'cancelled'::text) = (ended_at IS NOT NULL))),
  constraint subscriptions_provider_is_known CHECK ((provider = ANY (ARRAY['stripe'::text, 'simulated'::text, 'none'::text]))),
  constraint subscriptions_status_is_known CHECK ((status = ANY (ARRAY['incomplete'::text, 'trialing'::text, 'active'::text, 'past_due'::text, 'cancelled'::text])))
);
CREATE UNIQUE INDEX subscriptions_are_begun_one_at_a_time ON public.subscriptions USING btree (workspace_id) WHERE (status = 'incomplete'::text);
CREATE UNIQUE INDEX subscriptions_are_one_at_a_time ON public.subscriptions USING btree (workspace_id) WHERE (status = ANY (ARRAY['trialing'::text, 'active'::text, 'past_due'::text]));
CREATE INDEX subscriptions_by_workspace ON public.subscriptions USING btree (workspace_id);
CREATE INDEX subscriptions_to_renew ON public.subscriptions USING btree (current_period_ends_at) WHERE ((provider = 'none'::text) AND (status = 'active'::text));
alter table subscriptions enable row level security;
create policy subscriptions_for_ledger on subscriptions for all to scrip_ledger using true with check true;
create policy subscriptions_for_staff on subscriptions for select to scrip_staff using true;
create policy subscriptions_of_own_workspace on subscriptions for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on subscriptions to scrip_app;
grant select on subscriptions to scrip_ledger;
grant select on subscriptions to scrip_staff;
comment on column subscriptions.plan_price_id is 'what the running period was paid by; the next one is paid by next_plan_price_id where that is set';
comment on column subscriptions.provider is 'none: the plan costs nothing, and a job grants its periods';
comment on column subscriptions.state_at is 'when Stripe made the event that told the state: what was made before tells nothing any more';
comment on column subscriptions.anchor_at is 'where the periods of a plan that costs nothing are counted from';

create table totp_secrets (
  person_id uuid not null,
  sealed text not null,
  last_step bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint totp_secrets_pkey PRIMARY KEY (person_id),
  constraint totp_secrets_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id)
);
grant delete, insert, select, update on totp_secrets to scrip_app;
comment on column totp_secrets.sealed is 'the secret, encrypted with a key that the database does not know';
comment on column totp_secrets.last_step is 'the 30 seconds, counted from 1970, of the newest code that was used: none is good twice';

create table trials (
  subscription_id uuid not null,
  workspace_id uuid not null,
  person_id uuid not null,
  card_fingerprint text,
  state text not null default 'checking'::text,
  next_try_at timestamp with time zone default now(),
  created_at timestamp with time zone not null default now(),
  constraint trials_pkey PRIMARY KEY (subscription_id),
  constraint trials_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint trials_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint trials_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint trials_are_granted_on_a_card CHECK (((state <> 'granted'::text) OR (card_fingerprint IS NOT NULL))),
  constraint trials_are_looked_at_while_checking CHECK (((state = 'checking'::text) = (next_try_at IS NOT NULL))),
  constraint trials_state_is_known CHECK ((state = ANY (ARRAY['checking'::text, 'granted'::text, 'refused'::text])))
);
CREATE UNIQUE INDEX trials_are_once_a_card ON public.trials USING btree (card_fingerprint) WHERE (state <> 'refused'::text);
CREATE UNIQUE INDEX trials_are_once_a_person ON public.trials USING btree (person_id) WHERE (state <> 'refused'::text);
alter table trials enable row level security;
create policy trials_for_ledger on trials for all to scrip_ledger using true with check true;
create policy trials_for_staff on trials for select to scrip_staff using true;
create policy trials_of_own_workspace on trials for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on trials to scrip_app;
grant select on trials to scrip_ledger;
grant select on trials to scrip_staff;

create table wallet_seals (
  hour timestamp with time zone not null,
  wallet_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  entry_count bigint not null,
  amount numeric not null,
  hash bytea not null,
  constraint wallet_seals_pkey PRIMARY KEY (hour, wallet_id)
);
CREATE TRIGGER wallet_seals_are_never_changed BEFORE DELETE OR UPDATE OR TRUNCATE ON public.wallet_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on wallet_seals to scrip_ledger;
grant select on wallet_seals to scrip_staff;
comment on table wallet_seals is 'The entries of a wallet that were recorded in a closed hour: their number, sum and keyed hash';

create table wallets (
  id uuid not null,
  workspace_id uuid not null,
  livemode boolean not null,
  available bigint not null default 0,
  held bigint not null default 0,
  debt bigint not null default 0,
  overdraft_limit bigint not null default 0,
  last_seq bigint not null default 0,
  last_lot integer not null default 0,
  last_at timestamp with time zone not null default '2000-01-01 00:00:00+00'::timestamp with time zone,
  next_due_at timestamp with time zone,
  frozen_at timestamp with time zone,
  frozen_reason text,
  unlimited_until timestamp with time zone,
  unlimited_reason text,
  alert_below bigint,
  alert_above bigint,
  time_zone text not null default 'UTC'::text,
  refund_to_expired_lot text not null default 'expire'::text,
  grace_seconds integer not null default 2592000,
  capture_above_hold text not null default 'refuse'::text,
  reversal text not null default 'debt'::text,
  hold_max_seconds integer not null default 86400,
  created_at timestamp with time zone not null default now(),
  has_budgets boolean not null default false,
  watch_below bigint,
  watch_above bigint,
  constraint wallets_pkey PRIMARY KEY (id),
  constraint wallets_one_live_and_one_test_per_workspace UNIQUE (workspace_id, livemode),
  constraint wallets_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint wallets_available_is_not_negative CHECK ((available >= 0)),
  constraint wallets_capture_policy_is_known CHECK ((capture_above_hold = ANY ('{refuse,debit}'::text[]))),
  constraint wallets_debt_is_not_negative CHECK ((debt >= 0)),
  constraint wallets_grace_is_positive CHECK ((grace_seconds > 0)),
  constraint wallets_held_is_not_negative CHECK ((held >= 0)),
  constraint wallets_hold_max_is_positive CHECK ((hold_max_seconds > 0)),
  constraint wallets_overdraft_limit_is_not_negative CHECK ((overdraft_limit >= 0)),
  constraint wallets_refund_policy_is_known CHECK ((refund_to_expired_lot = ANY ('{expire,grace_lot}'::text[]))),
  constraint wallets_reversal_policy_is_known CHECK ((reversal = ANY ('{debt,write_off}'::text[]))),
  constraint wallets_unlimited_has_a_reason CHECK (((unlimited_until IS NULL) = (unlimited_reason IS NULL))),
  constraint wallets_unlimited_reason_is_known CHECK ((unlimited_reason = ANY ('{plan,super_admin,contract}'::text[])))
) with (fillfactor=50);
CREATE INDEX wallets_frozen ON public.wallets USING btree (workspace_id) WHERE ((frozen_at IS NOT NULL) AND livemode);
alter table wallets enable row level security;
create policy wallets_for_ledger on wallets for all to scrip_ledger using true with check true;
create policy wallets_for_staff on wallets for select to scrip_staff using true;
create policy wallets_of_own_workspace on wallets for all to scrip_app using (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on wallets to scrip_app;
grant insert, select, update on wallets to scrip_ledger;
grant select on wallets to scrip_staff;
comment on column wallets.last_at is 'ledger time of the last entry; the next is later';
comment on column wallets.next_due_at is 'no lot expires and no hold lapses before this; null when nothing will: until then what is stored is what is reported';
comment on column wallets.has_budgets is 'whether the wallet''s budgets have to be read: told by the row that is locked, so that wallets without them pay nothing';
comment on column wallets.watch_below is 'what is available fell below this: somebody looks which alerts that means, and sets it anew';
comment on column wallets.watch_above is 'the same when it has risen to this';

create table webhook_deliveries (
  id uuid not null,
  endpoint_id uuid not null,
  workspace_id uuid,
  message_id text not null,
  type text not null,
  body text not null,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  attempted_at timestamp with time zone,
  status integer,
  answer text,
  error text,
  delivered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_are_one_a_message_and_endpoint UNIQUE (endpoint_id, message_id),
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (endpoint_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX webhook_deliveries_newest ON public.webhook_deliveries USING btree (endpoint_id, id);
CREATE INDEX webhook_deliveries_undelivered ON public.webhook_deliveries USING btree (id) WHERE (delivered_at IS NULL);
alter table webhook_deliveries enable row level security;
create policy webhook_deliveries_for_ledger on webhook_deliveries for all to scrip_ledger using true with check true;
create policy webhook_deliveries_for_staff on webhook_deliveries for select to scrip_staff using true;
create policy webhook_deliveries_of_own_workspace on webhook_deliveries for all to scrip_app using (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid)) with check (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on webhook_deliveries to scrip_app;
grant delete, insert, select, update on webhook_deliveries to scrip_ledger;
grant select on webhook_deliveries to scrip_staff;
comment on column webhook_deliveries.body is 'what is sent, to the letter: its signature is made over this';
comment on column webhook_deliveries.next_attempt_at is 'null when it was delivered or given up; while it is being sent, when it is tried again if nobody says what came of it';
comment on column webhook_deliveries.answer is 'the beginning of what the endpoint answered last';
comment on column webhook_deliveries.error is 'why there was no answer to the last attempt';

create table webhook_endpoints (
  id uuid not null,
  workspace_id uuid,
  livemode boolean not null,
  url text not null,
  events text[] not null,
  secret text not null,
  previous_secret text,
  previous_secret_until timestamp with time zone,
  failures integer not null default 0,
  failing_since timestamp with time zone,
  paused_at timestamp with time zone,
  paused_reason text,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint webhook_endpoints_pkey PRIMARY KEY (id),
  constraint webhook_endpoints_have_one_url_each UNIQUE NULLS NOT DISTINCT (workspace_id, livemode, url),
  constraint webhook_endpoints_created_by_fkey FOREIGN KEY (created_by) REFERENCES people(id),
  constraint webhook_endpoints_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint webhook_endpoints_fail_since_a_moment CHECK (((failures = 0) = (failing_since IS NULL))),
  constraint webhook_endpoints_failures_are_not_negative CHECK ((failures >= 0)),
  constraint webhook_endpoints_pause_for_a_reason CHECK (((paused_at IS NULL) = (paused_reason IS NULL))),
  constraint webhook_endpoints_paused_reason_is_known CHECK ((paused_reason = ANY (ARRAY['by_hand'::text, 'failing'::text, 'gone'::text]))),
  constraint webhook_endpoints_previous_secret_has_an_end CHECK (((previous_secret IS NULL) = (previous_secret_until IS NULL))),
  constraint webhook_endpoints_url_is_not_too_long CHECK ((length(url) <= 2000)),
  constraint webhook_endpoints_want_some_event CHECK ((cardinality(events) > 0))
);
alter table webhook_endpoints enable row level security;
create policy webhook_endpoints_for_ledger on webhook_endpoints for all to scrip_ledger using true with check true;
create policy webhook_endpoints_for_staff on webhook_endpoints for select to scrip_staff using true;
create policy webhook_endpoints_of_own_workspace on webhook_endpoints for all to scrip_app using (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid)) with check (NOT (workspace_id IS DISTINCT FROM (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on webhook_endpoints to scrip_app;
grant delete, insert, select, update on webhook_endpoints to scrip_ledger;
comment on column webhook_endpoints.secret is 'encrypted with a key that the database does not know, for this endpoint; begins with whsec_ where it is still plain';
comment on column webhook_endpoints.previous_secret is 'encrypted like the secret; signs too until its end, so that a receiver can change to the new one in its own time';
comment on column webhook_endpoints.failures is 'attempts in a row that were not answered with success, since failing_since';

create table welcome_arrivals (
  id uuid not null,
  address_block text not null,
  at timestamp with time zone not null default now(),
  constraint welcome_arrivals_pkey PRIMARY KEY (id)
);
CREATE INDEX welcome_arrivals_by_block ON public.welcome_arrivals USING btree (address_block, at);
grant insert, select on welcome_arrivals to scrip_app;
grant select on welcome_arrivals to scrip_staff;

create table welcome_campaigns (
  singleton boolean not null default true,
  budget bigint,
  granted bigint not null default 0,
  constraint welcome_campaigns_pkey PRIMARY KEY (singleton),
  constraint welcome_campaigns_are_one CHECK (singleton),
  constraint welcome_campaigns_budget_is_not_negative CHECK ((budget >= 0)),
  constraint welcome_campaigns_granted_is_not_negative CHECK ((granted >= 0))
);
grant select, update on welcome_campaigns to scrip_app;
grant select on welcome_campaigns to scrip_staff;
comment on column welcome_campaigns.budget is 'the most that is given in all, in micro-credits; null: there is no end';

create table welcome_claims (
  workspace_id uuid not null,
  person_id uuid not null,
  state text not null,
  reason text,
  amount bigint not null,
  expires_after_days integer,
  mailbox_hash text not null,
  google_hash text,
  address_block text,
  decided_by uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint welcome_claims_pkey PRIMARY KEY (workspace_id),
  constraint welcome_claims_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES people(id),
  constraint welcome_claims_person_id_fkey FOREIGN KEY (person_id) REFERENCES people(id),
  constraint welcome_claims_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint welcome_claims_amount_is_positive CHECK ((amount > 0)),
  constraint welcome_claims_reason_is_known CHECK ((reason = ANY (ARRAY['mailbox'::text, 'google'::text, 'throw_away'::text, 'block'::text, 'budget'::text, 'staff'::text]))),
  constraint welcome_claims_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'review'::text, 'granted'::text, 'refused'::text])))
);
CREATE INDEX welcome_claims_by_person ON public.welcome_claims USING btree (person_id);
CREATE INDEX welcome_claims_in_review ON public.welcome_claims USING btree (created_at) WHERE (state = 'review'::text);
alter table welcome_claims enable row level security;
create policy welcome_claims_for_staff on welcome_claims for select to scrip_staff using true;
create policy welcome_claims_of_own_workspace on welcome_claims for all to scrip_app using ((workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (person_id = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)) with check (workspace_id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on welcome_claims to scrip_app;
grant select on welcome_claims to scrip_staff;

create table welcome_givings (
  hash text not null,
  kind text not null,
  given_at timestamp with time zone not null default now(),
  constraint welcome_givings_pkey PRIMARY KEY (hash),
  constraint welcome_givings_kind_is_known CHECK ((kind = ANY (ARRAY['mailbox'::text, 'google'::text])))
);
grant insert, select on welcome_givings to scrip_app;
grant select on welcome_givings to scrip_staff;
comment on table welcome_givings is 'Who had the welcome credits, as SHA-256 and without saying who: it outlives the account';

create table workspaces (
  id uuid not null,
  kind text not null,
  name text not null,
  slug text not null,
  external_id text,
  currency text not null default 'USD'::text,
  time_zone text not null default 'UTC'::text,
  deactivated_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  email text,
  first_steps_left_at timestamp with time zone,
  constraint workspaces_pkey PRIMARY KEY (id),
  constraint workspaces_have_one_external_id UNIQUE (external_id),
  constraint workspaces_have_one_slug UNIQUE (slug),
  constraint workspaces_currency_is_iso_4217 CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint workspaces_email_is_of_a_customer CHECK (((email IS NULL) OR (kind = 'external'::text))),
  constraint workspaces_external_have_an_external_id CHECK (((kind = 'external'::text) = (external_id IS NOT NULL))),
  constraint workspaces_kind_is_known CHECK ((kind = ANY (ARRAY['personal'::text, 'team'::text, 'external'::text])))
);
CREATE INDEX workspaces_by_beginning_of_address ON public.workspaces USING btree (lower(email) text_pattern_ops) WHERE (email IS NOT NULL);
CREATE INDEX workspaces_by_creation ON public.workspaces USING btree (created_at);
CREATE INDEX workspaces_by_kind ON public.workspaces USING btree (kind, id);
CREATE INDEX workspaces_by_words_of_name ON public.workspaces USING gin (to_tsvector('simple'::regconfig, regexp_replace(name, '[!-/:-@\[-`{-~]+'::text, ' '::text, 'g'::text)));
CREATE INDEX workspaces_deactivated ON public.workspaces USING btree (id) WHERE (deactivated_at IS NOT NULL);
CREATE INDEX workspaces_external_in_order ON public.workspaces USING btree (id) WHERE (kind = 'external'::text);
alter table workspaces enable row level security;
create policy workspaces_for_ledger on workspaces for all to scrip_ledger using true with check true;
create policy workspaces_for_staff on workspaces for select to scrip_staff using true;
create policy workspaces_of_own_workspace on workspaces for all to scrip_app using ((id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid) OR (id IN ( SELECT m.workspace_id
   FROM memberships m
  WHERE (m.person_id = (NULLIF(current_setting('scrip.person_id'::text, true), ''::text))::uuid)))) with check (id = (NULLIF(current_setting('scrip.workspace_id'::text, true), ''::text))::uuid);
grant insert, select, update on workspaces to scrip_app;
grant select on workspaces to scrip_ledger;
grant select on workspaces to scrip_staff;
comment on column workspaces.email is 'where a product''s customer is reached, who has no account; members have their own';
