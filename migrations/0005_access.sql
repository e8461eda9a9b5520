-- Tokens that machines and people present to the HTTP API. The token itself is shown once and never
-- stored; whoever reads this table cannot log in with it.
create table tieout.api_tokens (
  token_id uuid primary key default gen_random_uuid(),
  name text not null
    constraint api_tokens_name_is_short check (length(name) >= 1 and length(name) <= 100),
  token_sha256 text not null
    constraint api_tokens_are_unique unique
    constraint api_tokens_sha256 check (token_sha256 ~ '^[0-9a-f]{64}$'),
  scope text not null
    constraint api_tokens_scope_is_known check (scope in ('read', 'write')),
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null
    constraint api_tokens_expire_later check (expires_at > created_at),
  last_used_at timestamptz,
  revoked_at timestamptz
);

grant select, insert on tieout.api_tokens to tieout_app;
-- What a token may do, and until when, never changes: a new token is made instead.
grant update (last_used_at, revoked_at) on tieout.api_tokens to tieout_app;

-- A revoked token stays revoked.
create function tieout.keep_revoked() returns trigger language plpgsql as $$
begin
  raise exception 'token % was revoked and stays so', old.token_id
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger keep_revoked before update of revoked_at on tieout.api_tokens
  for each row when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
  execute function tieout.keep_revoked();

-- The API lists exceptions newest first, page by page.
create index exceptions_by_first_seen
  on tieout.exceptions (first_seen_at desc, exception_id);
