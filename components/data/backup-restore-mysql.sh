#!/bin/sh
# Proves that a fetched backup of MySQL can be restored: loads it into a server of its own inside the pod, counts the
# rows, runs the checks, stops the server. With TARGET_HOST it restores into that server instead.
# Environment:
#   BACKUP_FOLDER   fetched backup
#   WORK_FOLDER     for the data of the server of its own
#   CHECKS_FOLDER   files *.sql; a check passes when it prints nothing
#   TARGET_HOST, TARGET_PORT, SECRET_FOLDER, CA_FILE   server to restore into, user that may do so; 3306 unless set
#   CONFIRM         name of the target; without it, a target that has tables is refused; with it, its databases are
#                   dropped and made anew
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-mysql.sh"

TARGET_HOST=${TARGET_HOST:-}
started=$(date -u +%s)
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/restore-XXXXXX") || exit 1
server=
finish() {
  code=$?
  trap - EXIT
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null
    wait "$server"
    rm -rf "$WORK_FOLDER/mysql"
  fi
  rm -rf "$TMPDIR"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM

manifest_whole "$BACKUP_FOLDER"
[ "$(manifest_value "$BACKUP_FOLDER" store)" = mysql ] || fail "$BACKUP_FOLDER is no backup of MySQL"
DATABASES=$(manifest_value "$BACKUP_FOLDER" 'database databases.sql.gz')
mysql_names

sql() { mysql --defaults-file="$TMPDIR/options" $mysql_plain "$@" 2>"$TMPDIR/errors"; }

if [ -n "$TARGET_HOST" ]; then
  where=$TARGET_HOST
  mysql_remote "$TARGET_HOST" "${TARGET_PORT:-3306}"
  tables=$(sql --execute="SELECT COUNT(*) FROM information_schema.tables
    WHERE FIND_IN_SET(table_schema, '$mysql_list')") || fail "$TARGET_HOST refused: $(head -n 3 "$TMPDIR/errors")"
  if [ "$tables" != 0 ]; then
    [ "${CONFIRM:-}" = "$TARGET_HOST" ] ||
      fail "$TARGET_HOST has $tables tables in $DATABASES: they would be lost, so CONFIRM must say $TARGET_HOST"
    for database in $DATABASES; do
      sql --execute="DROP DATABASE IF EXISTS \`$database\`" ||
        fail "$database was not dropped: $(head -n 3 "$TMPDIR/errors")"
    done
  fi
else
  where="a server of its own"
  data="$WORK_FOLDER/mysql"
  rm -rf "$data"
  mkdir -p "$data/tmp" || fail "cannot write to $WORK_FOLDER"
  mysqld --no-defaults --initialize-insecure --datadir="$data/data" --secure-file-priv=NULL \
    >"$TMPDIR/server-log" 2>&1 || fail "no server could be made: $(tail -n 3 "$TMPDIR/server-log")"
  # Nothing of it outlives the proof, so it need not be safe; nobody else can reach it, so it needs no password.
  mysqld --no-defaults --datadir="$data/data" --tmpdir="$data/tmp" --socket="$data/socket" --pid-file="$data/pid" \
    --skip-networking --mysqlx=OFF --skip-log-bin --event-scheduler=DISABLED --secure-file-priv=NULL \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF --max-allowed-packet=1G \
    >"$TMPDIR/server-log" 2>&1 &
  server=$!
  printf '[client]\nprotocol=SOCKET\nsocket=%s\nuser=root\n' "$data/socket" >"$TMPDIR/options"
  waited=0
  until sql --execute='DO 0'; do
    kill -0 "$server" 2>/dev/null || fail "the server did not start: $(tail -n 3 "$TMPDIR/server-log")"
    [ "$waited" -lt 120 ] || fail "the server did not answer in 120 s: $(tail -n 3 "$TMPDIR/server-log")"
    waited=$((waited + 1))
    sleep 1
  done
fi

{
  gzip -dc "$BACKUP_FOLDER/databases.sql.gz" 2>"$TMPDIR/gzip-errors"
  echo $? >"$TMPDIR/gzip-code"
} | sql --max-allowed-packet=1G || fail "the dump was not loaded: $(head -n 3 "$TMPDIR/errors")"
[ "$(cat "$TMPDIR/gzip-code")" = 0 ] || fail "the dump cannot be read: $(head -n 3 "$TMPDIR/gzip-errors")"

{
  echo "SET @databases = '$mysql_list';"
  cat "$(dirname "$0")/backup-counts-mysql.sql"
} | sql >"$TMPDIR/counts" || fail "the rows were not counted: $(head -n 3 "$TMPDIR/errors")"
manifest_same "$BACKUP_FOLDER" "$TMPDIR/counts"

check() { mysql --defaults-file="$TMPDIR/options" $mysql_plain "${DATABASES%% *}" <"$1"; }
checks_pass "${CHECKS_FOLDER:-/nowhere}" sql check
proof "$BACKUP_FOLDER" "$where" "$started"
