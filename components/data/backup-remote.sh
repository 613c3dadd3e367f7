# Where backups are kept, for upload and fetch. Read with "." after backup-manifest.sh, never run by itself.
# Environment:
#   RCLONE_CONFIG_BACKUP_*   remote of rclone named "backup", with its credentials
#   REMOTE_PATH              bucket and folder in it, for example bucket/realmgrid/us-west
#   STORE                    folder of this store below it
#   ENCRYPTION_FILE          file with the password of encryption; without it backups are kept as they are

# remote_root: sets $root. Nothing is written to a configuration file, and no password is an argument.
remote_root() {
  command -v rclone >/dev/null || fail "there is no rclone"
  case $STORE in *[!a-z0-9-]* | "") fail "\"$STORE\" is no name of a folder" ;; esac
  export RCLONE_CONFIG=/notfound RCLONE_LOG_LEVEL="${RCLONE_LOG_LEVEL:-ERROR}" RCLONE_USE_JSON_LOG=false
  root="backup:$REMOTE_PATH/$STORE"
  if [ -n "${ENCRYPTION_FILE:-}" ]; then
    [ -s "$ENCRYPTION_FILE" ] || fail "the password of encryption is empty"
    # Obscured is how rclone reads a password; it is no protection.
    RCLONE_CONFIG_SEALED_PASSWORD=$(rclone obscure - <"$ENCRYPTION_FILE") ||
      fail "the password of encryption is no good"
    export RCLONE_CONFIG_SEALED_TYPE=crypt RCLONE_CONFIG_SEALED_REMOTE="backup:$REMOTE_PATH" \
      RCLONE_CONFIG_SEALED_PASSWORD
    root="sealed:$STORE"
  fi
}

# Names of backups in order of their time: those that have a manifest, and all. What is not named like a backup is never
# seen, so never touched.
complete_stamps() { listed --files-only --recursive --include '/*/manifest' | sed -n 's|/manifest$||p' | only_stamps; }
all_stamps() { listed --dirs-only | sed -n 's|/$||p' | only_stamps; }
only_stamps() { grep -x '[0-9]\{8\}-[0-9]\{6\}' | LC_ALL=C sort; }
listed() {
  rclone lsf "$@" "$root" 2>"$TMPDIR/listing-errors" && return
  # A store that was never backed up has no folder.
  grep -q 'directory not found' "$TMPDIR/listing-errors" && return
  echo "${0##*/}: backups cannot be listed: $(head -n 3 "$TMPDIR/listing-errors")" >&2
  : >"$TMPDIR/listing-failed"
}

# list WHICH FILE: writes the names that WHICH_stamps finds to a file; a pipe hides that its first command failed.
list() {
  "$1_stamps" >"$2"
  [ ! -e "$TMPDIR/listing-failed" ] || exit 1
}
