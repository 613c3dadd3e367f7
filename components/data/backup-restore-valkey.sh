#!/bin/sh
# Proves that a fetched backup of a Valkey Cluster can be restored: loads each snapshot into a server of its own inside
# the pod, counts the keys, runs the checks, stops the server. With TARGET_HOST it copies all keys into that cluster,
# which needs not have the number of primaries that the old one had.
# Environment:
#   BACKUP_FOLDER   fetched backup
#   WORK_FOLDER     for the server of its own
#   CHECKS_FOLDER   files *.lua, run on each snapshot; a check passes when it returns nothing
#   TARGET_HOST, TARGET_PORT, SECRET_FOLDER   any server of the cluster to restore into, user that may do so; 6379
#                   unless set
#   CA_FILE         authority of that cluster's certificates, where it speaks TLS; with it also
#   TLS_CERT_FILE, TLS_KEY_FILE   a certificate of that authority, without which no server calls another by TLS
#   CONFIRM         name of the target; without it, a target that has keys is refused; with it, its keys are deleted
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-valkey.sh"

TARGET_HOST=${TARGET_HOST:-}
TARGET_PORT=${TARGET_PORT:-6379}
started=$(date -u +%s)
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/restore-XXXXXX") || exit 1
server=
stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null
    wait "$server"
  fi
  server=
}
finish() {
  code=$?
  trap - EXIT
  stop_server
  rm -rf "$TMPDIR" "$WORK_FOLDER/valkey"
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM

client=$(program cli) serve=$(program server) || exit 1
manifest_whole "$BACKUP_FOLDER"
[ "$(manifest_value "$BACKUP_FOLDER" store)" = valkey ] || fail "$BACKUP_FOLDER is no backup of Valkey"
rm -rf "$WORK_FOLDER/valkey"
mkdir -p "$WORK_FOLDER/valkey" || fail "cannot write to $WORK_FOLDER"
socket="$WORK_FOLDER/valkey/socket"

local_one() { (unset REDISCLI_AUTH VALKEYCLI_AUTH && exec "$client" -s "$socket" "$@" </dev/null); }
info() { local_one INFO "$1" | tr -d '\r' | sed -n "s/^$2://p"; }

# keys_of_target: all keys of the cluster to restore into.
keys_of_target() {
  sum=0
  while read -r host port slots known; do
    keys=$(remote "$host" "$port" DBSIZE </dev/null)
    case $keys in *[!0-9]* | "") fail "$host refused: $keys" ;; esac
    sum=$((sum + keys))
  done <"$TMPDIR/primaries"
}

where="a server of its own"
if [ -n "$TARGET_HOST" ]; then
  where=$TARGET_HOST
  # Before anything is deleted.
  if [ -n "${CA_FILE:-}" ]; then
    for file in "${TLS_CERT_FILE:-}" "${TLS_KEY_FILE:-}"; do
      [ -r "$file" ] || fail "CA_FILE needs TLS_CERT_FILE and TLS_KEY_FILE, files that can be read; got \"$file\""
    done
  fi
  valkey_login
  primaries "$TARGET_HOST" "$TARGET_PORT" >"$TMPDIR/primaries" ||
    fail "$TARGET_HOST refused: $(head -n 3 "$TMPDIR/nodes")"
  wholly_served "$TMPDIR/primaries"
  keys_of_target
  if [ "$sum" -gt 0 ]; then
    [ "${CONFIRM:-}" = "$TARGET_HOST" ] ||
      fail "$TARGET_HOST has $sum keys: they would be lost, so CONFIRM must say $TARGET_HOST"
    while read -r host port slots known; do
      [ "$(remote "$host" "$port" FLUSHALL </dev/null)" = OK ] || fail "$host did not delete its keys"
    done <"$TMPDIR/primaries"
  fi
fi

: >"$TMPDIR/counts"
all_keys=0
mortal_keys=0
sed -n 's/^file [0-9a-f]* [0-9]* //p' "$BACKUP_FOLDER/manifest" >"$TMPDIR/files"
while IFS= read -r file; do
  # By its socket alone; a cluster to restore into is called from a port that only this pod has.
  port=0
  if [ -n "$TARGET_HOST" ]; then port=${LOCAL_PORT:-6390}; fi
  set -- --port "$port"
  # This server itself sends the keys to the cluster, by TLS; the client reads from it without, within the pod.
  if [ -n "$TARGET_HOST" ] && [ -n "${CA_FILE:-}" ]; then
    set -- "$@" --tls-cluster yes --tls-ca-cert-file "$CA_FILE" --tls-cert-file "$TLS_CERT_FILE" \
      --tls-key-file "$TLS_KEY_FILE"
  fi
  "$serve" "$@" --bind 127.0.0.1 --unixsocket "$socket" --unixsocketperm 700 --dir "$BACKUP_FOLDER" \
    --dbfilename "$file" --save '' --appendonly no --daemonize no >"$TMPDIR/server-log" 2>&1 </dev/null &
  server=$!
  until [ "$(local_one PING 2>/dev/null)" = PONG ]; do
    kill -0 "$server" 2>/dev/null || fail "$file was not loaded: $(tail -n 3 "$TMPDIR/server-log")"
    sleep 0.2
  done
  # A key whose time was over is read and not kept.
  keys=$(info persistence rdb_last_load_keys_loaded)
  echo "count $((keys + $(info persistence rdb_last_load_keys_expired))) $file" >>"$TMPDIR/counts"
  mortal=$(info keyspace 'db[0-9]*' | sed 's/.*expires=\([0-9]*\).*/\1/' | awk '{ sum += $1 } END { print sum + 0 }')
  all_keys=$((all_keys + keys)) mortal_keys=$((mortal_keys + mortal))
  check() { local_one --eval "$1"; }
  checks_pass "${CHECKS_FOLDER:-/nowhere}" lua check
  if [ -n "$TARGET_HOST" ]; then
    remote "$TARGET_HOST" "$TARGET_PORT" --cluster import "$TARGET_HOST:$TARGET_PORT" \
      --cluster-from "127.0.0.1:$port" --cluster-copy </dev/null >"$TMPDIR/said" 2>&1 ||
      fail "$file was not copied: $(tail -n 3 "$TMPDIR/said")"
  fi
  stop_server
done <"$TMPDIR/files"
manifest_same "$BACKUP_FOLDER" "$TMPDIR/counts"
if [ -n "$TARGET_HOST" ]; then
  keys_of_target
  # Keys with a time to live may have ended since.
  [ "$sum" -ge $((all_keys - mortal_keys)) ] && [ "$sum" -le "$all_keys" ] ||
    fail "$TARGET_HOST has $sum keys, want $all_keys, of which $mortal_keys may have ended"
fi
proof "$BACKUP_FOLDER" "$where" "$started"
