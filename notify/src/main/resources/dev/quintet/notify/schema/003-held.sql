-- Adds how often a notification could not be expanded, and until when it is left alone; locks notifications for a moment.
alter table notify.notifications
    add column failed_expansions int not null default 0,
    add column held_until timestamptz;
