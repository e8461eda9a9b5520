-- What vanished from its source is a few rows among all that were ever read: books.hard_deletions,
-- which IPE-01 asks every day, finds them without reading payloads of millions.
create index raw_objects_vanished on books.raw_objects (source, account, object, object_id, observed_at)
  where is_deleted and payload = '';
