-- Adds notifications, their deliveries by lane, every attempt, the inbox and webhook endpoints. New tables only: locks nothing.

create table notify.notifications (
    id uuid primary key,
    organisation uuid not null,
    lane smallint not null check (lane between 0 and 3),
    category text,
    title text not null,
    body text not null,
    -- Recipients as accepted; rows per recipient are made when the notification is expanded.
    recipients jsonb not null,
    channels text[],
    dedupe_key text,
    send_at timestamptz not null,
    expires_at timestamptz,
    created_at timestamptz not null,
    state text not null check (state in ('accepted', 'expanded'))
);
create unique index notifications_dedupe on notify.notifications (organisation, dedupe_key) where dedupe_key is not null;
create index notifications_due on notify.notifications (lane, send_at) where state = 'accepted';
create index notifications_latest on notify.notifications (organisation, created_at desc, id);

-- One row per recipient and channel. One partition per lane, so that a million bulk rows never lie in the way of a critical one.
create table notify.deliveries (
    id uuid not null,
    lane smallint not null,
    notification uuid not null,
    organisation uuid not null,
    person uuid,
    channel text not null,
    -- The address as the channel takes it: a mail address, or the id of a webhook endpoint.
    address text not null,
    state text not null check (state in ('waiting', 'sending', 'delivered', 'failed', 'skipped')),
    attempts int not null default 0,
    due_at timestamptz not null,
    claimed_by uuid,
    expires_at timestamptz,
    detail text,
    primary key (id, lane)
) partition by list (lane);
create table notify.deliveries_critical partition of notify.deliveries for values in (0);
create table notify.deliveries_high partition of notify.deliveries for values in (1);
create table notify.deliveries_normal partition of notify.deliveries for values in (2);
create table notify.deliveries_bulk partition of notify.deliveries for values in (3);
-- Due work and expired claims alike: a claim moves due_at to the end of its lease.
create index deliveries_due on notify.deliveries (due_at) where state in ('waiting', 'sending');
create index deliveries_of_notification on notify.deliveries (notification);
create index deliveries_of_person on notify.deliveries (person) where person is not null;

-- Append-only but for the outcome: the row is there before anything leaves, so that a crash in between is visible.
create table notify.attempts (
    position bigint generated always as identity primary key,
    delivery uuid not null,
    notification uuid not null,
    attempt int not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    outcome text not null check (outcome in ('started', 'delivered', 'retrying', 'failed', 'interrupted', 'skipped')),
    detail text,
    unique (delivery, attempt)
);
create index attempts_of_notification on notify.attempts (notification, position);

-- The last number given in a person's inbox; its row lock makes numbers appear in their order.
create table notify.inbox_heads (
    person uuid primary key,
    organisation uuid not null,
    last bigint not null
);
create table notify.inbox (
    person uuid not null,
    position bigint not null,
    id uuid not null unique,
    organisation uuid not null,
    notification uuid not null,
    category text,
    title text not null,
    body text not null,
    at timestamptz not null,
    read_at timestamptz,
    primary key (person, position)
);

create table notify.webhook_endpoints (
    id uuid primary key,
    organisation uuid not null,
    url text not null,
    event_types text[] not null,
    secret bytea not null,
    created_at timestamptz not null,
    disabled_because text
);
create index webhook_endpoints_of_organisation on notify.webhook_endpoints (organisation, created_at);
