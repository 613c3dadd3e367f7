#!/bin/sh
# Copies a dump to the place of backups: files first, read back and compared, the manifest last, since a backup without
# one does not count. Then removes backups that are both older than KEEP_DAYS and not among the newest KEEP_COUNT, and
# what interrupted uploads have left.
# Environment:
#   BACKUP_FOLDER            dump with its manifest
#   KEEP_COUNT, KEEP_DAYS    at least 1 each
#   see backup-remote.sh for where
set -u
umask 077
. "$(dirname "$0")/backup-manifest.sh"
. "$(dirname "$0")/backup-remote.sh"

TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/upload-XXXXXX") || exit 1
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM

for number in "$KEEP_COUNT" "$KEEP_DAYS"; do
  case $number in "" | 0* | *[!0-9]*) fail "KEEP_COUNT and KEEP_DAYS must be at least 1" ;; esac
done
manifest_verify "$BACKUP_FOLDER"
remote_root
stamp=$(manifest_value "$BACKUP_FOLDER" stamp)

same_manifest() { [ "$(rclone cat "$root/$stamp/manifest" | sha256sum)" = "$(sha256sum <"$BACKUP_FOLDER/manifest")" ]; }
list complete "$TMPDIR/complete"
if grep -qx "$stamp" "$TMPDIR/complete"; then
  # What went wrong in a run before this one came after the upload.
  same_manifest || fail "there is another backup $stamp already"
  echo "$STORE backup $stamp is there already"
else
  rclone copy --exclude /manifest "$BACKUP_FOLDER" "$root/$stamp" || fail "$stamp was not copied"
  # Reads everything back: what cannot be read, or not be decrypted, is found now and not on the day of need.
  rclone check --download --one-way --exclude /manifest "$BACKUP_FOLDER" "$root/$stamp" ||
    fail "$stamp is not there as it was sent"
  rclone copyto "$BACKUP_FOLDER/manifest" "$root/$stamp/manifest" || fail "the manifest of $stamp was not copied"
  same_manifest || fail "the manifest of $stamp is not there as it was sent"
  echo "uploaded $STORE backup $stamp"
fi

now=$(date -u +%s)
before() { date -u -d "@$((now - $1 * 86400))" +%Y%m%d-%H%M%S; }
# Times as numbers, in the order of their names.
older() { [ "${1%-*}${1#*-}" -lt "${2%-*}${2#*-}" ]; }
removed=0
# remove STAMP: its manifest first, so that a removal that is cut off leaves nothing that counts.
remove() {
  if grep -qx "$1" "$TMPDIR/complete"; then
    rclone deletefile "$root/$1/manifest" || fail "$1 is old and was not removed"
  fi
  rclone purge "$root/$1" || fail "$1 is old and was not removed"
  removed=$((removed + 1))
}

list complete "$TMPDIR/complete"
list all "$TMPDIR/all"
grep -qx "$stamp" "$TMPDIR/complete" || fail "$stamp is not listed, so nothing is removed"
newest=$(tail -n 1 "$TMPDIR/complete")
tail -n "$KEEP_COUNT" "$TMPDIR/complete" >"$TMPDIR/kept"
while read -r one; do
  if grep -qx "$one" "$TMPDIR/complete"; then
    if ! grep -qx "$one" "$TMPDIR/kept" && [ "$one" != "$stamp" ] && older "$one" "$(before "$KEEP_DAYS")"; then
      remove "$one"
    fi
  # One that is younger than a day may still be on its way.
  elif older "$one" "$newest" && older "$one" "$(before 1)"; then
    remove "$one"
  fi
done <"$TMPDIR/all"
list complete "$TMPDIR/complete"
echo "kept $(grep -c . "$TMPDIR/complete") backups of $STORE, removed $removed"
