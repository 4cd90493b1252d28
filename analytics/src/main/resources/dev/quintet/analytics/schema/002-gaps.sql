-- Adds what was set aside of the event log. A new table only: locks nothing.
create table analytics.gaps (
    from_position text primary key,
    to_position   text not null,
    bytes         bigint not null,
    at            timestamptz not null
);
