-- Adds mentions of which it is not decided yet whether their person missed them; locks nothing that exists.
create table chat.waiting_mentions (
    organisation uuid not null,
    room uuid not null,
    seq bigint not null,
    sender uuid not null,
    person uuid not null,
    at timestamptz not null,
    due_at timestamptz not null,
    primary key (room, seq, person)
);

create index waiting_mentions_due on chat.waiting_mentions (due_at);
create index waiting_mentions_person on chat.waiting_mentions (person);
create index waiting_mentions_sender on chat.waiting_mentions (sender);
