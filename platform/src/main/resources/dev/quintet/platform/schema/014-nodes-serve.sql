-- Tells a node that serves from one that only starts, and keeps the last outage. Rewrites a handful of rows of platform.nodes.
alter table platform.nodes add column serving boolean not null default false;
alter table platform.nodes add column served_at timestamptz;
comment on column platform.nodes.served_at is 'the last heartbeat at which it served; kept when it starts again';
update platform.nodes set served_at = seen_at;

create table platform.outage (
    one boolean primary key default true check (one),
    from_at timestamptz not null,
    until_at timestamptz not null
);
insert into platform.outage (from_at, until_at) values ('epoch', 'epoch');
