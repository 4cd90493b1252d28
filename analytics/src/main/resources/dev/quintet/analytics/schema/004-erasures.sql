-- Who is to be erased from the lake; the loader does it, whatever happens to it in between.
create table analytics.erasures (
    id uuid primary key,
    organisation uuid not null,
    -- 'user' or 'device': the id is one of Segment's userId, or one of its anonymousId.
    kind text not null,
    -- Gone when it is done: what is erased is not kept here either.
    subject text,
    -- What the log held then goes, too.
    up_to text not null,
    requested_at timestamptz not null,
    -- Later when it has failed, so that it holds up no other.
    due_at timestamptz not null,
    done_at timestamptz,
    constraint erasures_forget check ((subject is null) = (done_at is not null))
);

create index erasures_waiting on analytics.erasures (organisation, id) where done_at is null;
