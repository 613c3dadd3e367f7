# What the scripts for PostgreSQL share. Read with "." after backup-manifest.sh, never run by itself.

# postgres_remote HOST PORT: the user of the Secret, by TLS.
postgres_remote() {
  escaped() { secret_value "$1" | sed 's/[\\:]/\\&/g'; }
  printf '*:*:*:%s:%s\n' "$(escaped username)" "$(escaped password)" >"$TMPDIR/passwords"
  PGUSER=$(secret_value username)
  export PGHOST="$1" PGPORT="$2" PGUSER PGPASSFILE="$TMPDIR/passwords" PGCONNECT_TIMEOUT=30
  if [ -n "${CA_FILE:-}" ]; then
    export PGSSLMODE=verify-ca PGSSLROOTCERT="$CA_FILE"
  else
    export PGSSLMODE="${PGSSLMODE:-require}"
  fi
}

# sql DATABASE ARGUMENTS...: psql that prints bare values and stops at the first mistake.
sql() {
  database=$1
  shift
  # By variable: psql would read a name with "=" in it as more than a name.
  PGDATABASE=$database psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@" \
    2>"$TMPDIR/errors"
}
