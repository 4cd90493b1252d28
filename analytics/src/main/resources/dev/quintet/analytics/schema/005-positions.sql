-- Positions of the event log are a partition and an offset instead of a text of segment and byte. Rewrites one row, the gaps, and the erasures that wait; locks each table for that long.
alter table analytics.loaded
    add column log_partition integer,
    add column log_offset bigint;

-- Only the log in files was there: one partition, and in its offset the segment stands above the byte.
update analytics.loaded
set log_partition = 0,
    log_offset = (split_part(position, ':', 1)::bigint << 32) | split_part(position, ':', 2)::bigint;

-- A release that knows no partitions must not load here any more: without this column it does not begin.
alter table analytics.loaded
    drop column position,
    alter column log_partition set not null,
    alter column log_offset set not null;

alter table analytics.gaps
    add column log_partition integer,
    add column from_offset bigint,
    add column to_offset bigint;

update analytics.gaps
set log_partition = 0,
    from_offset = (split_part(from_position, ':', 1)::bigint << 32) | split_part(from_position, ':', 2)::bigint,
    to_offset = (split_part(to_position, ':', 1)::bigint << 32) | split_part(to_position, ':', 2)::bigint;

alter table analytics.gaps
    drop column from_position,
    drop column to_position,
    alter column to_offset set not null,
    add primary key (log_partition, from_offset);

alter table analytics.erasures
    -- What the log held up to there goes, too.
    add column log_partition integer,
    add column log_offset bigint;

update analytics.erasures
set log_partition = 0,
    log_offset = (split_part(up_to, ':', 1)::bigint << 32) | split_part(up_to, ':', 2)::bigint
where done_at is null;

alter table analytics.erasures
    drop column up_to,
    add constraint erasures_wait_for_the_log
        check (done_at is not null or (log_partition is not null and log_offset is not null));
