-- One live message per control, entity and period, and the transactional outbox that feeds it.

create table tieout.alerts (
  id uuid primary key default gen_random_uuid(),
  control_id text not null,
  entity_id text not null,
  period text not null,
  -- Of the run that was last queued.
  outcome text not null
    constraint alerts_outcome_is_known
    check (outcome in ('passed', 'exceptions', 'not_evaluated', 'errored')),
  state_sha256 text not null
    constraint alerts_state_is_sha256 check (state_sha256 ~ '^[0-9a-f]{64}$'),
  -- Where the live message is; null until it was posted.
  channel text,
  slack_ts text,
  -- Since when a message may be in Slack that nobody confirmed; look before posting again.
  unconfirmed_since timestamptz,
  created_at timestamptz not null,
  constraint alerts_one_per_control_entity_period unique (control_id, entity_id, period),
  constraint alerts_message_has_channel check ((channel is null) = (slack_ts is null))
);

create table tieout.alert_outbox (
  id bigint generated always as identity primary key,
  alert_id uuid not null references tieout.alerts (id),
  run_id uuid not null,
  kind text not null
    constraint alert_outbox_kind_is_known check (kind in ('message', 'reply')),
  dedup_key text not null
    constraint alert_outbox_once_per_run unique,
  body jsonb not null,
  body_sha256 text not null
    constraint alert_outbox_body_is_sha256 check (body_sha256 ~ '^[0-9a-f]{64}$'),
  state text not null
    constraint alert_outbox_state_is_known
    check (state in ('pending', 'sending', 'uncertain', 'sent', 'superseded', 'dead')),
  attempts integer not null default 0
    constraint alert_outbox_attempts_count check (attempts >= 0),
  not_before timestamptz not null,
  queued_at timestamptz not null,
  first_attempt_at timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  -- A code, never a message: what Slack answers may repeat what it was sent.
  last_error text
    constraint alert_outbox_error_is_a_code check (last_error ~ '^[a-z0-9_]{1,64}$'),
  settled_at timestamptz,
  constraint alert_outbox_lease_while_sending
    check ((state = 'sending') = (lease_token is not null)
       and (state = 'sending') = (lease_until is not null)),
  constraint alert_outbox_settled_when_final
    check ((state in ('sent', 'superseded', 'dead')) = (settled_at is not null))
);

create index alert_outbox_unsettled on tieout.alert_outbox (alert_id, id)
  where state in ('pending', 'sending', 'uncertain');
create unique index alert_outbox_one_in_flight on tieout.alert_outbox (alert_id)
  where state = 'sending';

-- One message at a time per channel, and how long the channel must rest.
create table tieout.alert_channels (
  channel text primary key,
  not_before timestamptz not null,
  lease_token uuid,
  lease_until timestamptz,
  constraint alert_channels_lease_is_whole check ((lease_token is null) = (lease_until is null))
);

grant select, insert, update on tieout.alerts, tieout.alert_outbox, tieout.alert_channels
  to tieout_app;
