-- Every run says with which values its control was asked, and which of them the entity set.
alter table tieout.runs add column parameters jsonb check (jsonb_typeof(parameters) = 'object');
comment on column tieout.runs.parameters is
  'By name: type, value and set_by (run, control, entity); null in runs older than this column';
