-- Adds buckets, files, open uploads, blobs to be dropped, and S3 access keys. All tables are new: nothing locks.

create table files.buckets (
  organisation  uuid        not null,
  name          text        not null collate "C",
  created_at    timestamptz not null,
  primary key (organisation, name)
);

create table files.files (
  id            uuid        primary key,
  organisation  uuid        not null,
  person        uuid,
  bucket        text        not null collate "C",
  key           text        not null collate "C",
  name          text        not null,
  media_type    text        not null,
  size          bigint      not null,
  tag           text        not null,
  checksum      jsonb       not null,
  metadata      jsonb       not null,
  tus_metadata  text        not null,
  blob          uuid        not null,
  created_at    timestamptz not null,
  position      bigint      generated always as identity,
  foreign key (organisation, bucket) references files.buckets (organisation, name)
);
create unique index files_by_key on files.files (organisation, bucket, key);
create unique index files_by_position on files.files (organisation, position);
create unique index files_by_blob on files.files (blob);
create index files_by_person on files.files (person) where person is not null;
comment on column files.files.tag is 'the entity tag: the MD5 of what came over S3, the id of what came by tus';

create table files.uploads (
  id            uuid        primary key,
  organisation  uuid        not null,
  person        uuid,
  credential    text        not null,
  bucket        text        not null collate "C",
  key           text        not null collate "C",
  name          text        not null,
  media_type    text        not null,
  tus_metadata  text        not null,
  length        bigint      not null,
  blob          uuid        not null,
  created_at    timestamptz not null,
  expires_at    timestamptz not null
);
create index uploads_by_credential on files.uploads (credential);
create unique index uploads_by_blob on files.uploads (blob);
create index uploads_by_expiry on files.uploads (expires_at);
create index uploads_by_person on files.uploads (person) where person is not null;
comment on table files.uploads is 'how far an upload is lies with its bytes, not here: only what is durable counts';

create table files.dropped (
  blob    uuid        primary key,
  due_at  timestamptz not null
);
create index dropped_by_due on files.dropped (due_at);
comment on table files.dropped is 'bytes whose row is gone, and when they may follow';

create table files.access_keys (
  id            text        primary key,
  organisation  uuid        not null,
  person        uuid,
  scopes        text[]      not null,
  secret        bytea       not null,
  created_at    timestamptz not null
);
create index access_keys_by_organisation on files.access_keys (organisation);
create index access_keys_by_person on files.access_keys (person) where person is not null;
comment on column files.access_keys.secret is 'sealed: SigV4 needs it back';
