#!/bin/sh
# Takes a snapshot of every primary of a Valkey Cluster. Each is of one moment; primaries are taken one after the other.
# Environment:
#   STORE_HOST, STORE_PORT   any server of the cluster; 6379 unless set
#   SECRET_FOLDER            mounted Secret with the files `username` and `password`
#   CA_FILE                  authority of the servers' certificates, where they speak TLS
#   BACKUP_FOLDER            for snapshots and manifest
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-valkey.sh"

TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/dump-XXXXXX") || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM

client=$(program cli) checker=$(program check-rdb) || exit 1
STORE_PORT=${STORE_PORT:-6379}
valkey_login
manifest_begin "$BACKUP_FOLDER" valkey
primaries "$STORE_HOST" "$STORE_PORT" >"$TMPDIR/primaries" || fail "the server refused: $(head -n 3 "$TMPDIR/nodes")"
wholly_served "$TMPDIR/primaries"

version=$(remote "$STORE_HOST" "$STORE_PORT" INFO server | tr -d '\r' | awk -F : '
  $1 == "valkey_version" { valkey = $2 }
  $1 == "redis_version" { redis = $2 }
  END { print valkey ? valkey : redis }')
manifest_add "server $version"

number=0
while read -r host port slots known; do
  number=$((number + 1))
  file="primary-$number.rdb"
  keys=$(remote "$host" "$port" DBSIZE </dev/null)
  case $keys in *[!0-9]* | "") fail "$host refused: $keys" ;; esac
  remote "$host" "$port" --rdb "$BACKUP_FOLDER/$file" </dev/null >"$TMPDIR/said" 2>&1 ||
    fail "$host gave no snapshot: $(tail -n 3 "$TMPDIR/said")"
  # Reads the whole file and its sum; what it counts is what a restore must bring back.
  "$checker" "$BACKUP_FOLDER/$file" >"$TMPDIR/checked" 2>&1 ||
    fail "the snapshot of $host is no good: $(tail -n 3 "$TMPDIR/checked")"
  manifest_add "slots $file $slots"
  manifest_add "dbsize $file $keys"
  manifest_add "count $(sed -n 's/^\[info\] \([0-9]*\) keys read.*/\1/p' "$TMPDIR/checked") $file"
  manifest_file "$file"
done <"$TMPDIR/primaries"

# Slots that moved meanwhile could be in no snapshot or in two.
primaries "$STORE_HOST" "$STORE_PORT" >"$TMPDIR/after" || fail "the server refused: $(head -n 3 "$TMPDIR/nodes")"
cut -d ' ' -f 3 "$TMPDIR/primaries" | LC_ALL=C sort >"$TMPDIR/slots-before"
cut -d ' ' -f 3 "$TMPDIR/after" | LC_ALL=C sort >"$TMPDIR/slots-after"
[ "$(sum_of "$TMPDIR/slots-before")" = "$(sum_of "$TMPDIR/slots-after")" ] ||
  fail "slots moved while the snapshots were taken"
manifest_end
