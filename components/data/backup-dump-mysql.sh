#!/bin/sh
# Dumps databases of a MySQL server at one moment, while others write, and counts their rows at that same moment.
# Writers wait from the read lock until mysqldump has its own view of the data: about a second, LOCK_SECONDS at most.
# Environment:
#   STORE_HOST, STORE_PORT   server; 3306 unless set
#   DATABASES                names, separated by spaces
#   SECRET_FOLDER            mounted Secret with the files `username` and `password`
#   CA_FILE                  authority of the server's certificate; without it TLS is wanted but nobody is checked
#   BACKUP_FOLDER            for dump and manifest
#   LOCK_SECONDS             60 unless set
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-mysql.sh"

LOCK_SECONDS=${LOCK_SECONDS:-60}
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/dump-XXXXXX") || exit 1
session=
dump=
finish() {
  code=$?
  trap - EXIT
  # The lock ends with its session.
  for process in $session $dump; do kill "$process" 2>/dev/null; done
  wait
  rm -rf "$TMPDIR"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM
# A session that has died must be reported, not end the script without a word.
trap '' PIPE

mysql_names
mysql_remote "$STORE_HOST" "${STORE_PORT:-3306}"
manifest_begin "$BACKUP_FOLDER" mysql

# One session holds the moment open. It answers on a file, and each answer ends in a line that was asked for.
mkfifo "$TMPDIR/questions" || exit 1
mysql --defaults-file="$TMPDIR/options" $mysql_plain --unbuffered \
  <"$TMPDIR/questions" >>"$TMPDIR/answers" 2>"$TMPDIR/errors" &
session=$!
exec 3>"$TMPDIR/questions"
asked=0
ask() {
  asked=$((asked + 1))
  : >"$TMPDIR/answers"
  { cat && printf "SELECT 'answered %s';\n" "$asked"; } >&3 2>/dev/null
  until [ "$(tail -n 1 "$TMPDIR/answers")" = "answered $asked" ]; do
    kill -0 "$session" 2>/dev/null || fail "the server refused: $(head -n 3 "$TMPDIR/errors")"
    sleep 0.2
  done
  sed '$d' "$TMPDIR/answers"
}

ask >"$TMPDIR/moment" <<END
SET SESSION lock_wait_timeout = $LOCK_SECONDS, wait_timeout = 86400, max_execution_time = 0;
SET SESSION transaction_isolation = 'REPEATABLE-READ', @databases = '$mysql_list';
FLUSH TABLES WITH READ LOCK;
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SELECT CONCAT('server ', VERSION());
SELECT CONCAT('position ', REPLACE(@@GLOBAL.gtid_executed, '\n', '')) WHERE @@GLOBAL.gtid_executed <> '';
END

# The GTID set stands in the manifest alone: a server that has a history of its own would refuse it in the dump.
{
  mysqldump --defaults-file="$TMPDIR/options" --default-character-set=utf8mb4 --single-transaction --hex-blob \
    --routines --events --triggers --no-tablespaces --set-gtid-purged=OFF --max-allowed-packet=1G \
    --databases $DATABASES 2>"$TMPDIR/dump-errors"
  echo $? >"$TMPDIR/dump-code"
} | {
  # mysqldump names the first database when it has its view. A line at a time reads nothing beyond that line.
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in "-- Current Database"*) : >"$TMPDIR/begun" && break ;; esac
  done
  cat
} | gzip -n >"$BACKUP_FOLDER/databases.sql.gz" &
dump=$!

waited=0
until [ -e "$TMPDIR/begun" ]; do
  if [ -e "$TMPDIR/dump-code" ]; then fail "mysqldump failed: $(head -n 3 "$TMPDIR/dump-errors")"; fi
  [ "$waited" -lt "$((LOCK_SECONDS * 5))" ] || fail "mysqldump did not begin in $LOCK_SECONDS s"
  waited=$((waited + 1))
  sleep 0.2
done
echo 'UNLOCK TABLES;' | ask
ask <"$(dirname "$0")/backup-counts-mysql.sql" >"$TMPDIR/counts"
exec 3>&-
wait "$session" || fail "the session that counts rows failed: $(head -n 3 "$TMPDIR/errors")"
session=
wait "$dump" || fail "the dump could not be written to $BACKUP_FOLDER"
dump=
[ "$(cat "$TMPDIR/dump-code")" = 0 ] || fail "mysqldump failed: $(head -n 3 "$TMPDIR/dump-errors")"
gzip -dc "$BACKUP_FOLDER/databases.sql.gz" | tail -n 1 | grep -q '^-- Dump completed' || fail "the dump has no end"

while IFS= read -r line; do manifest_add "$line"; done <"$TMPDIR/moment"
manifest_add "database databases.sql.gz $DATABASES"
while IFS= read -r line; do manifest_add "$line"; done <"$TMPDIR/counts"
manifest_file databases.sql.gz
manifest_end
