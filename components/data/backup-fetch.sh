#!/bin/sh
# Fetches the newest complete backup, or the one that STAMP names, and verifies every file against its manifest. Fails
# when there is none, when the newest is too old, and when a file is missing, cut or changed: then backups are not what
# they should be, even if an older one would do.
# Environment:
#   BACKUP_FOLDER    for the backup
#   MAX_AGE_HOURS    age that the newest may have; not asked when STAMP is set
#   STAMP            name of a backup, such as 20261125-031500
#   see backup-remote.sh for where
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-remote.sh"

TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/fetch-XXXXXX") || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM

remote_root
list complete "$TMPDIR/complete"
stamp=${STAMP:-$(tail -n 1 "$TMPDIR/complete")}
[ -n "$stamp" ] || fail "there is no complete backup of $STORE"
grep -qx "$stamp" "$TMPDIR/complete" ||
  fail "there is no complete backup $stamp of $STORE; the newest are $(tail -n 5 "$TMPDIR/complete" | tr '\n' ' ')"

rm -rf "$BACKUP_FOLDER"
mkdir -p "$BACKUP_FOLDER" || fail "cannot write to $BACKUP_FOLDER"
rclone copy "$root/$stamp" "$BACKUP_FOLDER" || fail "$stamp was not copied"
manifest_verify "$BACKUP_FOLDER"
[ "$(manifest_value "$BACKUP_FOLDER" stamp)" = "$stamp" ] || fail "the manifest of $stamp is that of another backup"
if [ -z "${STAMP:-}" ]; then
  age=$(($(date -u +%s) - $(manifest_value "$BACKUP_FOLDER" time)))
  [ "$age" -le $((MAX_AGE_HOURS * 3600)) ] || fail "the newest backup of $STORE is $stamp," \
    "$((age / 3600)) h old, want at most $MAX_AGE_HOURS h: new ones are missing"
fi
echo "fetched $STORE backup $stamp: $(grep -c '^file ' "$BACKUP_FOLDER/manifest") files as in the manifest"
