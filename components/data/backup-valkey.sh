# What the scripts for Valkey share. Read with "." after backup-manifest.sh, never run by itself.

# Redis has the same programs under other names.
program() { command -v "valkey-$1" || command -v "redis-$1" || fail "there is no valkey-$1"; }

# valkey_login: the user of the Secret; the client reads the password from its environment, never from an argument.
valkey_login() {
  REDISCLI_AUTH=$(secret_value password)
  # Newer clients look for the password under their own name.
  export REDISCLI_AUTH VALKEYCLI_AUTH="$REDISCLI_AUTH"
  user=$(secret_value username)
}

# remote HOST PORT WORDS...: the client on a server of the cluster. It holds the certificate against the authority alone:
# servers are called by the addresses that the cluster names, which no certificate lists.
remote() {
  at=$1 port=$2
  shift 2
  if [ -n "${CA_FILE:-}" ]; then set -- --tls --cacert "$CA_FILE" "$@"; fi
  "$client" -h "$at" -p "$port" --user "$user" --no-auth-warning "$@"
}

# primaries HOST PORT: a line "ADDRESS PORT SLOTS KNOWN-SLOTS" for each primary with slots, as that server knows them.
# Slots that are on their way ("[...]") belong to who has them now.
primaries() {
  # An error is an answer too, with exit code 0.
  remote "$1" "$2" CLUSTER NODES >"$TMPDIR/nodes" 2>&1 && grep -q myself "$TMPDIR/nodes" || return 1
  awk '$3 ~ /master/ && NF > 8 {
      split($2, address, "@")
      port = address[1]; sub(/.*:/, "", port)
      host = address[1]; sub(/:[0-9]*$/, "", host)
      slots = ""; known = 0
      for (field = 9; field <= NF; field++) if ($field !~ /^\[/) {
        parts = split($field, range, "-")
        known += parts == 2 ? range[2] - range[1] + 1 : 1
        slots = slots (slots == "" ? "" : ",") $field
      }
      if (known > 0) print host, port, slots, known
    }' "$TMPDIR/nodes" | LC_ALL=C sort
}

# wholly_served FILE: every slot has a primary in the lines of that file.
wholly_served() {
  known=$(awk '{ sum += $4 } END { print sum + 0 }' "$1")
  [ "$known" = 16384 ] || fail "the cluster serves $known of 16384 slots: $(head -n 3 "$TMPDIR/nodes")"
}
