#!/bin/bash
# Runs once, when the Postgres of compose.yaml starts on an empty volume: the roles and rights that
# the embedded Postgres gets too, then a password for each role. For a Postgres of your own, run
# bootstrap.sql as superuser in the database and set the passwords the same way.
set -euo pipefail

: "${TIEOUT_OWNER_PASSWORD:?}" "${TIEOUT_APP_PASSWORD:?}" "${TIEOUT_READER_PASSWORD:?}"
bootstrap=${TIEOUT_BOOTSTRAP:-/opt/tieout/bootstrap.sql}
connect=(psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1
  --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-postgres}")

"${connect[@]}" --file="$bootstrap"

# \getenv keeps the passwords out of the process list and out of the server's statement log.
"${connect[@]}" <<'SQL'
set log_statement = 'none';
set log_min_error_statement = 'panic';
\getenv owner TIEOUT_OWNER_PASSWORD
\getenv app TIEOUT_APP_PASSWORD
\getenv reader TIEOUT_READER_PASSWORD
alter role tieout_owner password :'owner';
alter role tieout_app password :'app';
alter role tieout_reader password :'reader';
SQL
