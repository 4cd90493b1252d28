-- Adds which migration files each schema was brought up with, so that a start need not look again. No lock on what is used.
create table platform.schema_files (
    system text primary key,
    files  text not null
);
