-- Adds the order in which rooms are listed; the table is new, so the lock is short.
create index rooms_listed on chat.rooms (organisation, created_at desc, id desc);
