-- Drops the queue of jobs, which no release used: schedules stay. Locks only that empty table.
drop table platform.jobs;
