-- Adds jobs and schedules; locks nothing that exists.
create table platform.jobs (
    id uuid primary key,
    organisation uuid not null,
    kind text collate "C" not null,
    payload text not null,
    run_at timestamptz not null,
    attempts int not null default 0,
    epoch bigint not null default 0,
    leased_until timestamptz,
    error text,
    dead boolean not null default false
);
create index jobs_due on platform.jobs (kind, run_at) where not dead;

create table platform.schedules (
    name text collate "C" primary key,
    next_at timestamptz not null
);
