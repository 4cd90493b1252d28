-- Adds nodes and leases; locks nothing that exists.
create table platform.nodes (
    id uuid primary key,
    epoch bigint not null,
    systems text[] not null,
    started_at timestamptz not null,
    seen_at timestamptz not null
);

create table platform.leases (
    name text collate "C" primary key,
    holder uuid not null,
    epoch bigint not null,
    until timestamptz not null
);
