-- Adds rooms, members and messages; locks nothing that exists.
create table chat.rooms (
    id uuid primary key,
    organisation uuid not null,
    kind text not null check (kind in ('direct', 'group', 'channel')),
    name text not null,
    -- Of a direct room alone: its two people, the lower id first.
    low uuid,
    high uuid,
    -- Makes a client's offset valid; changed only by a restore.
    epoch text not null,
    last_seq bigint not null default 0,
    -- Rises with every change of members, so that a node sees that it missed one.
    members_version bigint not null default 0,
    member_count integer not null default 0,
    created_at timestamptz not null,
    last_at timestamptz not null,
    check ((kind = 'direct') = (low is not null and high is not null))
) with (fillfactor = 60);

create unique index rooms_direct on chat.rooms (organisation, low, high) where kind = 'direct';
create index rooms_organisation on chat.rooms (organisation);

create table chat.members (
    organisation uuid not null,
    room uuid not null references chat.rooms (id),
    person uuid not null,
    joined_at timestamptz not null,
    -- The room's last number at that moment: a live subscription begins behind it.
    joined_seq bigint not null,
    primary key (room, person)
);

create index members_person on chat.members (person);
create index members_joined on chat.members (joined_at);

-- No reference to the room: its writer holds the room's row locked, and rooms are never deleted.
create table chat.messages (
    organisation uuid not null,
    room uuid not null,
    seq bigint not null,
    id uuid not null,
    -- Null once the sender is erased; then client_id is null too and text is empty.
    sender uuid,
    client_id text collate "C",
    text text not null,
    mentions uuid[] not null,
    at timestamptz not null,
    primary key (room, seq)
);

-- The sender first, so that erasing a person finds their messages by it.
create unique index messages_once on chat.messages (sender, room, client_id);
create index messages_mentions on chat.messages using gin (mentions) where mentions <> '{}';
