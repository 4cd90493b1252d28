-- Adds users, clients, sign-ins, codes, token families, revocations and signing keys. All tables are new: nothing locks.

create table auth.users (
  person        uuid        primary key references platform.people (id) on delete cascade,
  organisation  uuid        not null,
  email         text        not null collate "C",
  name          text        not null,
  password      text,
  scopes        text[]      not null,
  created_at    timestamptz not null default clock_timestamp()
);
comment on column auth.users.person is 'the id of the row in platform.people: there is one id of a person';
comment on column auth.users.email is 'in lower case; unique in its organisation, so that organisations cannot feel for each other''s users';
comment on column auth.users.password is 'Argon2id as a PHC string; null for one who cannot sign in by password';
create unique index users_by_email on auth.users (organisation, email);

create table auth.clients (
  id             uuid        primary key,
  organisation   uuid        not null,
  name           text        not null,
  secret_hash    text,
  auth_method    text        not null check (auth_method in ('client_secret_basic', 'client_secret_post', 'none')),
  redirect_uris  text[]      not null,
  logout_uris    text[]      not null,
  grant_types    text[]      not null,
  scopes         text[]      not null,
  first_party    boolean     not null,
  created_at     timestamptz not null default clock_timestamp(),
  check ((secret_hash is null) = (auth_method = 'none'))
);

create table auth.sessions (
  id             uuid        primary key,
  secret_hash    text        not null unique,
  organisation   uuid        not null,
  person         uuid        not null,
  signed_in_at   timestamptz not null,
  ends_at        timestamptz not null
);
comment on table auth.sessions is 'browsers in which someone is signed in';
create index sessions_by_person on auth.sessions (person);
create index sessions_by_end on auth.sessions (ends_at);

create table auth.consents (
  person  uuid        not null,
  client  uuid        not null,
  scopes  text[]      not null,
  at      timestamptz not null,
  primary key (person, client)
);

create table auth.codes (
  hash            text        primary key,
  organisation    uuid        not null,
  client          uuid        not null,
  person          uuid        not null,
  session         uuid        not null,
  scopes          text[]      not null,
  redirect_uri    text        not null,
  challenge       text        not null,
  nonce           text,
  signed_in_at    timestamptz not null,
  ends_at         timestamptz not null,
  used            boolean     not null default false,
  family          uuid
);
comment on column auth.codes.family is 'what the code gave; ended when the code comes a second time';
create index codes_by_end on auth.codes (ends_at);

create table auth.families (
  id             uuid          primary key,
  organisation   uuid          not null,
  client         uuid          not null,
  person         uuid          not null,
  session        uuid          not null,
  scopes         text[]        not null,
  signed_in_at   timestamptz   not null,
  seed           text          not null,
  generation     bigint        not null,
  spends         timestamptz[] not null,
  idle_until     timestamptz   not null,
  ends_at        timestamptz   not null,
  ended_at       timestamptz
) with (fillfactor = 70);
comment on table auth.families is 'one row per sign-in at a client; a refresh advances its generation in place';
comment on column auth.families.seed is 'random part of its refresh tokens, which are computed from it and the master key and never stored';
create index families_by_session on auth.families (session);
create index families_by_person on auth.families (person);
create index families_by_end on auth.families (ends_at);

create table auth.attempts (
  account        text        not null,
  source         text        not null,
  failures       integer     not null,
  blocked_until  timestamptz not null,
  last_at        timestamptz not null,
  primary key (account, source)
);
comment on column auth.attempts.account is 'HMAC of organisation and email, so that accounts that do not exist behave the same';
comment on column auth.attempts.source is 'a browser that has signed in to this account before, or empty for all others together';
create index attempts_by_age on auth.attempts (last_at);

create table auth.revocations (
  position  bigint      primary key,
  kind      text        not null check (kind in ('token', 'family', 'person')),
  subject   text        not null,
  until     timestamptz not null
);
comment on column auth.revocations.position is 'taken from auth.revocation_count under its row lock, so that positions commit in order and a poll skips none';
create index revocations_by_end on auth.revocations (until);

create table auth.revocation_count (
  one    boolean primary key default true check (one),
  value  bigint  not null
);
insert into auth.revocation_count (value) values (0);

create table auth.signing_keys (
  id           text        primary key,
  sealed       bytea       not null,
  active_from  timestamptz not null unique
);
