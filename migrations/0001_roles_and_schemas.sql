-- Schema books holds the canonical rows that controls read; schema tieout is the control plane.
-- Runs as tieout_owner. The roles come from src/platform/database/bootstrap.sql; the schema tieout
-- and its table migrations from the migration runner itself.

create schema books;

grant usage on schema books to tieout_app, tieout_reader;
grant usage on schema tieout to tieout_app;
grant select on tieout.migrations to tieout_app;

-- Every later table and view of books can be read by the SQL of controls, and nothing else can.
alter default privileges in schema books grant select on tables to tieout_reader;

-- A function is for those it is granted to. What the app may do is granted table by table.
alter default privileges revoke execute on functions from public;
