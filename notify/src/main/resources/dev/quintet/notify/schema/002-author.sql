-- Adds whose words a notification carries, so that they go with the person; locks notifications for as long as the index takes.
alter table notify.notifications add column author uuid;
create index notifications_author on notify.notifications (author) where author is not null;
