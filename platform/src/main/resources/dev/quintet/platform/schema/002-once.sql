-- Adds the answers of idempotent requests, one partition a day; locks nothing that exists.
create function platform.today() returns date
    language sql stable
    return (clock_timestamp() at time zone 'UTC')::date;

create table platform.answers (
    day date not null,
    organisation uuid not null,
    caller text collate "C" not null,
    key text collate "C" not null,
    body_hash bytea not null,
    answer bytea not null,
    primary key (day, organisation, caller, key)
) partition by list (day);
