#!/bin/sh
# Writes the access lists of a Valkey server from the Secrets of its users, each with two valid passwords: that of this
# generation and that of the one before. kubelet refreshes mounted Secrets, so a running server learns new passwords
# without a restart.
#
# Calls:
#   write     writes the files, before the server starts
#   refresh   writes them, and lets the running server read them again when something has changed
#
# Environment:
#   USERS_FOLDER        one folder for each user with the files password and previous-password
#   RULES_FILE          lines of a user's name and its rules: game-server ~* &* +@all -@admin
#   ACCESS_FOLDER       where users.acl and replication.conf are written
#   REPLICATION_USER    user as which a replica logs in at its primary
#   POD_IP, PORT, AUTH_USER, REDISCLI_AUTH, TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE  as for valkey-agent.sh; refresh only
set -eu
umask 077

fail() {
  echo "valkey-access: $*" >&2
  exit 1
}

# Only hashes are written. The shell's own printf keeps the password off every command line.
hash() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }

password() {
  file="$USERS_FOLDER/$1/$2"
  [ -s "$file" ] || fail "$file is missing or empty"
  cat "$file"
}

access_lists() {
  echo "user default off resetpass resetkeys resetchannels -@all"
  while read -r user rules; do
    [ -n "$user" ] || continue
    current=$(password "$user" password) || exit 1
    previous=$(password "$user" previous-password) || exit 1
    echo "user $user on #$(hash "$current") #$(hash "$previous") $rules"
  done <"$RULES_FILE"
}

# The password before is the one that a primary knows whether or not it has heard of the new one.
replication() {
  former=$(password "$REPLICATION_USER" previous-password) || exit 1
  echo "masteruser $REPLICATION_USER"
  echo "masterauth $former"
}

# Writes a file when it would be another than before, and marks it as not yet known to the server. Renamed, so that a
# server never reads half a file.
write() {
  "$2" >"$ACCESS_FOLDER/$1.new"
  if cmp -s "$ACCESS_FOLDER/$1.new" "$ACCESS_FOLDER/$1"; then
    rm "$ACCESS_FOLDER/$1.new"
  else
    : >"$ACCESS_FOLDER/$1.unread"
    mv "$ACCESS_FOLDER/$1.new" "$ACCESS_FOLDER/$1"
  fi
}

# Sends a command when the server does not know the file yet; a refusal is tried again with the next call.
tell() {
  [ -e "$ACCESS_FOLDER/$1.unread" ] || return 0
  answer=$(server) || true
  # Not what was sent: it may hold a password.
  [ "$answer" = OK ] || fail "the server does not take $1: $answer"
  rm "$ACCESS_FOLDER/$1.unread"
  echo "valkey-access: the server has read $1"
}

# Commands come as lines of the standard input: a password has no place among the arguments.
server() {
  client=valkey-cli
  command -v "$client" >/dev/null || client=redis-cli
  set -- -h "$POD_IP" -p "${PORT:-6379}" --user "$AUTH_USER"
  if [ -n "${TLS_CERT_FILE:-}" ]; then set -- "$@" --cert "$TLS_CERT_FILE" --key "$TLS_KEY_FILE"; fi
  if [ -n "${TLS_CA_FILE:-}" ]; then set -- "$@" --tls --cacert "$TLS_CA_FILE"; fi
  VALKEYCLI_AUTH="$REDISCLI_AUTH" timeout 5 "$client" "$@"
}

case "${1:-}" in
write)
  write users.acl access_lists
  write replication.conf replication
  # A server that starts reads both files.
  rm -f "$ACCESS_FOLDER"/*.unread
  ;;
refresh)
  write users.acl access_lists
  write replication.conf replication
  echo "ACL LOAD" | tell users.acl
  echo "CONFIG SET masterauth $(sed -n 's/^masterauth //p' "$ACCESS_FOLDER/replication.conf")" | tell replication.conf
  ;;
*)
  fail "unknown call ${1:-}; want write or refresh"
  ;;
esac
