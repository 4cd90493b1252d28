-- Adds sources, their version, and the ledger. New tables only: locks nothing.
create table analytics.sources (
    id              uuid primary key,
    organisation    uuid not null,
    name            text collate "C" not null,
    write_key_hash  bytea not null unique,
    created_at      timestamptz not null
);

create index sources_by_organisation on analytics.sources (organisation);

-- One row: raised with every change of sources, so that a node polls one number.
create table analytics.sources_version (
    version bigint not null
);

insert into analytics.sources_version values (0);

-- One row once something is loaded: up to where the log is counted in the ledger.
create table analytics.loaded (
    position text not null
);

create table analytics.ledger (
    organisation uuid primary key,
    received     bigint not null,
    stored       bigint not null,
    duplicate    bigint not null,
    rejected     bigint not null
);
