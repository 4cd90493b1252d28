-- A node that left keeps the time at which it did: how long nobody served can be told. Rewrites nothing.
alter table platform.nodes add column has_left boolean not null default false;
