-- Adds organisations, API keys, people and the audit trail; locks nothing that exists.
create schema caller;
create schema audit;

create table caller.organisations (
    id uuid primary key,
    name text not null,
    made_at timestamptz not null default clock_timestamp()
);

-- Everything that the operator owns (Caller.ROOT).
insert into caller.organisations (id, name)
values ('00000000-0000-7000-8000-000000000001', 'root');

create table caller.keys (
    id uuid primary key,
    organisation uuid not null references caller.organisations (id),
    name text not null,
    scopes text[] not null,
    hash bytea not null unique,
    made_at timestamptz not null default clock_timestamp(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index keys_by_organisation on caller.keys (organisation, id);

-- Counters that rise when something cached on every node changes; all nodes poll them.
create table caller.versions (
    name text collate "C" primary key,
    version bigint not null
);

create table platform.people (
    id uuid primary key,
    organisation uuid not null references caller.organisations (id),
    issuer text collate "C" not null,
    subject text collate "C" not null,
    version int not null default 1,
    name text,
    email text,
    phone text,
    locale text,
    zone text,
    first_seen_at timestamptz not null default clock_timestamp(),
    unique (organisation, issuer, subject)
);

create table audit.entries (
    position bigint generated always as identity,
    organisation uuid not null,
    who text not null,
    person uuid,
    action text collate "C" not null,
    target text not null,
    result text not null,
    address text not null,
    at timestamptz not null default clock_timestamp(),
    facts jsonb not null,
    primary key (organisation, position)
);

-- Append-only, also for whoever finds a way to run SQL as us.
create function audit.refuse() returns trigger
language plpgsql
as $$
begin
    raise exception 'audit.entries is append-only';
end
$$;
create trigger entries_stay
before update or delete or truncate on audit.entries
for each statement execute function audit.refuse();
