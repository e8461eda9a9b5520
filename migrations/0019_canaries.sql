-- Of a scheduled run: which planted anomalies its control found. One that it missed shows that the
-- control can no longer fail.
alter table tieout.runs add column canaries jsonb check (jsonb_typeof(canaries) = 'array');
comment on column tieout.runs.canaries is
  'procedure, code, found (null: could not be planted) and note; null where none were planted';
