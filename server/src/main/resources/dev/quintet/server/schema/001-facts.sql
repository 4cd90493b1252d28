-- Adds what is fixed once for a database, and the console links that were used. New tables only: locks nothing.

create table server.facts (
    name text primary key,
    value text not null
);

create table server.used_links (
    nonce bytea primary key,
    used_at timestamptz not null default clock_timestamp()
);
