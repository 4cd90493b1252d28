-- Adds the index behind the bound on a person's and on an organisation's open uploads; locks uploads for as long as the index takes.

create index uploads_of_keys on files.uploads (organisation) include (length) where person is null;
drop index files.uploads_by_credential;
