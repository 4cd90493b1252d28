-- Adds whose pages a source takes events from, and the key that a rotation leaves. Constant defaults: locks for a moment, rewrites nothing.
alter table analytics.sources
    -- Until now any page could send by a plain POST.
    add column allowed_origins text[] not null default '{*}',
    -- Goes on beside the new one until then.
    add column old_key_hash bytea,
    add column old_key_until timestamptz;
