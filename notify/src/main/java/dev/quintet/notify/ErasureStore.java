package dev.quintet.notify;

import static dev.quintet.notify.StoreRows.uuid;

import dev.quintet.platform.sql.Tx;
import java.util.List;
import java.util.UUID;

/** The SQL that forgets a person. */
final class ErasureStore {

    private static final String ERASE_INBOX =
            """
            delete from notify.inbox
            where person = :person
            """;

    private static final String ERASE_HEAD =
            """
            delete from notify.inbox_heads
            where person = :person
            """;

    private static final String ERASE_DELIVERIES =
            """
            update notify.deliveries
            set address = '',
                detail = 'the person was erased',
                person = null,
                state = case when state in ('waiting', 'sending') then 'skipped' else state end
            where person = :person
            returning id, notification
            """;

    private static final String ERASE_ATTEMPTS =
            """
            update notify.attempts
            set detail = null,
                outcome = case when outcome = 'started' then 'interrupted' else outcome end
            where delivery = any(:deliveries)
            """;

    // What was said to others too stays for them; what was said to this person alone goes.
    private static final String ERASE_CONTENT =
            """
            with touched as (
                select n.id,
                       exists (
                           select 1
                           from jsonb_array_elements(n.recipients) r
                           where r ->> 'user' is distinct from :person
                       ) as others
                from notify.notifications n
                where n.id = any(:notifications)
                   or (n.state = 'accepted' and n.recipients @> jsonb_build_array(jsonb_build_object('user', :person)))
            )
            update notify.notifications n
            set title = case when touched.others then n.title else '' end,
                body = case when touched.others then n.body else '' end,
                dedupe_key = case when touched.others then n.dedupe_key end,
                recipients = (
                    select coalesce(jsonb_agg(r), '[]')
                    from jsonb_array_elements(n.recipients) r
                    where r ->> 'user' is distinct from :person
                )
            from touched
            where n.id = touched.id
            """;

    // What they said to others. A mail that has left is out of reach.
    private static final String ERASE_WORDS =
            """
            with told as (
                update notify.notifications
                set body = '', author = null
                where author = :person
                returning id
            ), stopped as (
                update notify.deliveries
                set state = 'skipped', detail = 'its author was erased'
                where notification in (select id from told)
                  and state = 'waiting'
            )
            update notify.inbox i
            set body = ''
            from told
            join notify.deliveries d on d.notification = told.id
            where i.person = d.person
              and i.notification = told.id
            """;

    private record Touched(UUID delivery, UUID notification) {}

    void erase(Tx tx, UUID person) {
        tx.handle().createUpdate(ERASE_WORDS).bind("person", person).execute();
        tx.handle().createUpdate(ERASE_INBOX).bind("person", person).execute();
        tx.handle().createUpdate(ERASE_HEAD).bind("person", person).execute();
        List<Touched> touched =
                tx.handle()
                        .createQuery(ERASE_DELIVERIES)
                        .bind("person", person)
                        .map((rs, ctx) -> new Touched(uuid(rs, "id"), uuid(rs, "notification")))
                        .list();
        tx.handle()
                .createUpdate(ERASE_ATTEMPTS)
                .bindArray(
                        "deliveries", UUID.class, touched.stream().map(Touched::delivery).toList())
                .execute();
        tx.handle()
                .createUpdate(ERASE_CONTENT)
                .bindArray(
                        "notifications",
                        UUID.class,
                        touched.stream().map(Touched::notification).toList())
                .bind("person", person.toString())
                .execute();
    }
}
