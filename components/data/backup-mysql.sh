# What the scripts for MySQL share. Read with "." after backup-manifest.sh, never run by itself.

# Options of the client for answers that are read by a script.
mysql_plain="--default-character-set=utf8mb4 --batch --raw --skip-column-names"

# mysql_names: DATABASES as SQL wants them; the names stand in statements.
mysql_names() {
  mysql_list=
  for database in $DATABASES; do
    case $database in
    *[!A-Za-z0-9_-]* | -*) fail "\"$database\" is no name of a database that this script takes" ;;
    esac
    mysql_list="$mysql_list${mysql_list:+,}$database"
  done
  [ -n "$mysql_list" ] || fail "DATABASES names no database"
}

# mysql_remote HOST PORT: writes $TMPDIR/options for a server that is reached by TLS with the user of the Secret.
mysql_remote() {
  quoted() { printf '"%s"\n' "$(secret_value "$1" | sed 's/[\\"]/\\&/g')"; }
  {
    printf '[client]\nprotocol=TCP\nhost=%s\nport=%s\n' "$1" "$2"
    printf 'user=%s\npassword=%s\n' "$(quoted username)" "$(quoted password)"
    # Grants on masking policies are those of an administrator; clients before 9.7 do not know them.
    printf '[mysqldump]\nloose-skip-masking-policies\n[client]\n'
    if [ -n "${CA_FILE:-}" ]; then printf 'ssl-mode=VERIFY_CA\nssl-ca=%s\n' "$CA_FILE"; else echo ssl-mode=REQUIRED; fi
  } >"$TMPDIR/options"
}
