#!/bin/sh
# Dumps databases of a PostgreSQL server and its roles without passwords, each database at one moment, while others
# write, and counts its rows at that same moment.
# Environment:
#   STORE_HOST, STORE_PORT   server; 5432 unless set
#   DATABASES                names, separated by spaces; all but `postgres` and templates unless set
#   SECRET_FOLDER            mounted Secret with the files `username` and `password`
#   CA_FILE                  authority of the server's certificate; without it TLS is wanted but nobody is checked
#   PGSSLMODE                `require` unless set; not read with CA_FILE
#   BACKUP_FOLDER            for dumps and manifest
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-postgres.sh"

TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/dump-XXXXXX") || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM

postgres_remote "$STORE_HOST" "${STORE_PORT:-5432}"
manifest_begin "$BACKUP_FOLDER" postgres
sql postgres --command="SELECT 'server ' || current_setting('server_version') UNION ALL SELECT 'position ' || CASE
  WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END" >"$TMPDIR/about" ||
  fail "the server refused: $(head -n 3 "$TMPDIR/errors")"
while IFS= read -r line; do manifest_add "$line"; done <"$TMPDIR/about"

if [ -n "${DATABASES:-}" ]; then
  for database in $DATABASES; do echo "$database"; done >"$TMPDIR/databases"
else
  sql postgres --command="SELECT datname FROM pg_database
    WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY datname" >"$TMPDIR/databases" ||
    fail "databases were not listed: $(head -n 3 "$TMPDIR/errors")"
fi
[ -s "$TMPDIR/databases" ] || fail "the server has no database to dump"

PGDATABASE=postgres pg_dumpall --no-password --globals-only --no-role-passwords --no-tablespaces \
  2>"$TMPDIR/errors" >"$BACKUP_FOLDER/roles.sql" || fail "roles were not dumped: $(head -n 3 "$TMPDIR/errors")"

number=0
while IFS= read -r name; do
  number=$((number + 1))
  export DUMP_FILE="$BACKUP_FOLDER/database-$number.dump" DUMP_CODE="$TMPDIR/code" DUMP_ERRORS="$TMPDIR/dump-errors"
  rm -f "$DUMP_CODE"
  # The session that counts hands its view of the data to pg_dump.
  {
    cat <<'END'
SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET row_security = off;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --no-password -Fc --snapshot="$SNAPSHOT" --file="$DUMP_FILE" 2>"$DUMP_ERRORS"; echo $? >"$DUMP_CODE"
END
    cat "$(dirname "$0")/backup-counts-postgres.sql"
    echo 'COMMIT;'
  } | sql "$name" >"$TMPDIR/counts" || fail "$name was not counted: $(head -n 3 "$TMPDIR/errors")"
  [ "$(cat "$DUMP_CODE" 2>/dev/null)" = 0 ] || fail "$name was not dumped: $(head -n 3 "$DUMP_ERRORS")"
  manifest_add "database database-$number.dump $name"
  while IFS= read -r line; do manifest_add "$line"; done <"$TMPDIR/counts"
done <"$TMPDIR/databases"

manifest_file roles.sql
while [ "$number" -gt 0 ]; do
  manifest_file "database-$number.dump"
  number=$((number - 1))
done
manifest_end
