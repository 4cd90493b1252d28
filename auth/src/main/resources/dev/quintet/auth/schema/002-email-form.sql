-- Adds the form of stored emails; the index locks writes to users for one pass over the table.

alter table auth.users add column email_form smallint not null default 0;
comment on column auth.users.email is 'the key of its canonical form (EmailAddress); unique in its organisation, so that organisations cannot feel for each other''s users';
comment on column auth.users.email_form is '0: written by a version that only lower-cased it';

-- Empties itself: each row in it is renewed by the next sweep.
create index users_by_old_email on auth.users (person) where email_form = 0 and octet_length(email) <> char_length(email);
