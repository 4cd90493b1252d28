-- Adds the outbox: three tables that take turns, their ticks and their readers; locks nothing that exists.
create sequence platform.outbox_id;

-- xid comes before id: a row's transaction has its xid before the sequence moves, so that a tick
-- which saw the sequence move also sees the transaction in progress.
create table platform.outbox_0 (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null default nextval('platform.outbox_id'),
    event_id uuid not null,
    organisation uuid not null,
    name text collate "C" not null,
    version int not null,
    key text collate "C" not null,
    body text not null,
    announced_at timestamptz not null default clock_timestamp()
);
create index outbox_0_xid on platform.outbox_0 (xid, id);

create table platform.outbox_1 (like platform.outbox_0 including all);
create table platform.outbox_2 (like platform.outbox_0 including all);

create view platform.outbox as
    select xid, id, event_id, organisation, name, version, key, body, announced_at from platform.outbox_0
    union all
    select xid, id, event_id, organisation, name, version, key, body, announced_at from platform.outbox_1
    union all
    select xid, id, event_id, organisation, name, version, key, body, announced_at from platform.outbox_2;

create table platform.ticks (
    id bigint generated always as identity primary key,
    snapshot pg_snapshot not null,
    at timestamptz not null default clock_timestamp()
);

-- One row: which table takes new events, and what the last tick saw.
create table platform.outbox_state (
    only_row boolean primary key default true check (only_row),
    current int not null,
    rotated_at timestamptz not null,
    ticked_id bigint not null,
    settled boolean not null,
    system_identifier bigint not null
);
insert into platform.outbox_state (current, rotated_at, ticked_id, settled, system_identifier)
select 0, clock_timestamp(), 0, false, system_identifier
from pg_control_system();

create table platform.subscribers (
    name text collate "C" primary key,
    event text collate "C" not null,
    from_snapshot pg_snapshot not null,
    to_snapshot pg_snapshot not null,
    tick bigint not null,
    last_id bigint not null,
    epoch bigint not null,
    seen_at timestamptz not null
);

create table platform.parked (
    position bigint generated always as identity primary key,
    subscriber text collate "C" not null references platform.subscribers (name) on delete cascade,
    event_id uuid not null,
    organisation uuid not null,
    name text collate "C" not null,
    version int not null,
    key text collate "C" not null,
    body text not null,
    attempts int not null,
    error text not null,
    parked_at timestamptz not null default clock_timestamp(),
    retry_at timestamptz not null,
    dead boolean not null default false,
    unique (subscriber, event_id)
);
create index parked_key on platform.parked (subscriber, key, position);
