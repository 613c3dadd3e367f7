#!/bin/sh
# Proves that a fetched backup of PostgreSQL can be restored: loads it into a server of its own inside the pod, counts
# the rows, runs the checks, stops the server. With TARGET_HOST it restores into that server instead, whose roles must
# be there already.
# Environment:
#   BACKUP_FOLDER   fetched backup
#   WORK_FOLDER     for the data of the server of its own
#   CHECKS_FOLDER   files DATABASE.*.sql, run in that database; a check passes when it prints nothing
#   TARGET_HOST, TARGET_PORT, SECRET_FOLDER, CA_FILE, PGSSLMODE   server to restore into, user that may do so;
#                   5432 and `require` unless set
#   CONFIRM         name of the target; without it, a target that has tables is refused; with it, its databases are
#                   dropped and made anew
#   NSS_WRAPPER     library that gives the pod's user a name; looked for where images have it unless set
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-postgres.sh"

TARGET_HOST=${TARGET_HOST:-}
started=$(date -u +%s)
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/restore-XXXXXX") || exit 1
server=
finish() {
  code=$?
  trap - EXIT
  if [ -n "$server" ]; then
    kill -INT "$server" 2>/dev/null
    wait "$server"
    rm -rf "$WORK_FOLDER/postgres"
  fi
  rm -rf "$TMPDIR"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM

manifest_whole "$BACKUP_FOLDER"
[ "$(manifest_value "$BACKUP_FOLDER" store)" = postgres ] || fail "$BACKUP_FOLDER is no backup of PostgreSQL"
sed -n 's/^database //p' "$BACKUP_FOLDER/manifest" >"$TMPDIR/databases"

user_tables="SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

if [ -n "$TARGET_HOST" ]; then
  where=$TARGET_HOST
  postgres_remote "$TARGET_HOST" "${TARGET_PORT:-5432}"
  sql postgres --command='SELECT datname FROM pg_database' >"$TMPDIR/there" ||
    fail "$TARGET_HOST refused: $(head -n 3 "$TMPDIR/errors")"
  while read -r file name; do
    grep -qxF "$name" "$TMPDIR/there" || continue
    tables=$(sql "$name" --command="$user_tables") || fail "$name cannot be read: $(head -n 3 "$TMPDIR/errors")"
    [ "$tables" = 0 ] || [ "${CONFIRM:-}" = "$TARGET_HOST" ] ||
      fail "$TARGET_HOST has $tables tables in $name: they would be lost, so CONFIRM must say $TARGET_HOST"
  done <"$TMPDIR/databases"
else
  where="a server of its own"
  data="$WORK_FOLDER/postgres"
  rm -rf "$data"
  mkdir -p "$data" || fail "cannot write to $WORK_FOLDER"
  # initdb wants a name for its user, and images know none for that of the pod.
  if ! getent passwd "$(id -u)" >/dev/null 2>&1; then
    for library in ${NSS_WRAPPER:-/usr/lib/*/libnss_wrapper.so /usr/lib/libnss_wrapper.so}; do
      [ -e "$library" ] || continue
      echo "restore:x:$(id -u):$(id -g)::$data:/bin/false" >"$TMPDIR/passwd"
      echo "restore:x:$(id -g):" >"$TMPDIR/group"
      export LD_PRELOAD="$library" NSS_WRAPPER_PASSWD="$TMPDIR/passwd" NSS_WRAPPER_GROUP="$TMPDIR/group"
      break
    done
  fi
  # A user of its own name: the backup makes every role that the real server has, `postgres` among them.
  initdb --pgdata="$data/data" --username=realmgrid_restore --auth=trust --encoding=UTF8 --locale=C --no-sync \
    >"$TMPDIR/server-log" 2>&1 || fail "no server could be made: $(tail -n 3 "$TMPDIR/server-log")"
  # Nothing of it outlives the proof, so it need not be safe; it listens on a socket in its own folder alone.
  postgres -D "$data/data" -c listen_addresses= -c unix_socket_directories="$data" -c unix_socket_permissions=0700 \
    -c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=20 -c max_wal_senders=0 \
    -c wal_level=minimal -c dynamic_shared_memory_type=mmap >"$TMPDIR/server-log" 2>&1 &
  server=$!
  export PGHOST="$data" PGPORT=5432 PGUSER=realmgrid_restore
  unset PGPASSFILE PGSSLMODE
  waited=0
  until sql postgres --command='SELECT 1' >/dev/null; do
    kill -0 "$server" 2>/dev/null || fail "the server did not start: $(tail -n 3 "$TMPDIR/server-log")"
    [ "$waited" -lt 120 ] || fail "the server did not answer in 120 s: $(tail -n 3 "$TMPDIR/server-log")"
    waited=$((waited + 1))
    sleep 1
  done
  sql postgres --file="$BACKUP_FOLDER/roles.sql" >/dev/null || fail "roles were not made: $(head -n 3 "$TMPDIR/errors")"
fi

: >"$TMPDIR/counts"
while read -r file name; do
  # Made anew with its owner and settings; a database that is there has no tables, or CONFIRM gave it up.
  PGDATABASE= pg_restore --no-password --create --clean --if-exists --exit-on-error --dbname=postgres \
    "$BACKUP_FOLDER/$file" 2>"$TMPDIR/errors" || fail "$name was not loaded: $(head -n 3 "$TMPDIR/errors")"
  sql "$name" --file="$(dirname "$0")/backup-counts-postgres.sql" >>"$TMPDIR/counts" ||
    fail "the rows of $name were not counted: $(head -n 3 "$TMPDIR/errors")"
done <"$TMPDIR/databases"
manifest_same "$BACKUP_FOLDER" "$TMPDIR/counts"

check() {
  name=${1##*/}
  sql "${name%%.*}" --file="$1" || { cat "$TMPDIR/errors"; false; }
}
checks_pass "${CHECKS_FOLDER:-/nowhere}" sql check
proof "$BACKUP_FOLDER" "$where" "$started"
