-- What somebody sees of their own sessions: an id that is no secret, and what the browser calls itself.
alter table tieout.sessions
  add column session_id uuid not null default gen_random_uuid() unique,
  add column device text check (length(device) <= 200);
