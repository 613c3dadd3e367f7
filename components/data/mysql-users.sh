#!/bin/sh
# Makes databases, users, passwords and grants of MySQL what the files say, and nothing else. Changes only what differs, so
# it can run at any time, and a run that died is finished by the next. Says what it changed; never a password.
# Environment: MYSQL_HOST, MYSQL_PORT, WAIT_SECONDS (for the server, at the start), WORK (folder in memory),
# CONFIG: folder with `databases` (one a line), `accounts` (user and connections a line) and `grants-USER` (one a line),
# CREDENTIALS: folder with ADMIN/ and one folder for each user, each with `password` and `previous-password`,
# ADMIN: folder of the administrator, which has his name in `rootUser`.
set -u
umask 077

managed='managed-by'
manager='realmgrid'
failed=0
trap 'rm -f "$WORK/admin.cnf" "$WORK/check.cnf" "$WORK/error" "$WORK/actual"' EXIT

complain() {
  echo "$*" >&2
}

# The password in a file. Signs that end a string of SQL or of an option file are refused rather than escaped.
password_in() {
  secret=$(cat "$1") || return 1
  case $secret in
  '' | *[!A-Za-z0-9_.,:~+=@%^/-]*)
    complain "$1: want letters, digits and any of _.,:~+=@%^/- and nothing else"
    return 1
    ;;
  esac
  printf '%s' "$secret"
}

# Option file for a login: a command line could be seen by others.
login_file() { # FILE USER PASSWORD-FILE
  word=$(password_in "$3") || return 1
  printf '[client]\nhost=%s\nport=%s\nuser=%s\npassword="%s"\nssl-mode=REQUIRED\nconnect-timeout=10\n' \
    "$MYSQL_HOST" "$MYSQL_PORT" "$2" "$word" >"$1"
}

# Whether a password opens an account: 0 yes, 1 no, 2 unknown, and `answer` says why.
opens() { # USER PASSWORD-FILE
  answer="there is no password to try"
  login_file "$WORK/check.cnf" "$1" "$2" || return 2
  if answer=$(mysql --defaults-file="$WORK/check.cnf" --execute='DO 1' 2>&1 >/dev/null </dev/null); then return 0; fi
  case $answer in
  *'ERROR 1045 '*) return 1 ;;
  # Too many connections of this user: the server has looked at the password before it counted.
  *'ERROR 1226 '*) return 0 ;;
  esac
  return 2
}

# Runs the statements on standard input as administrator and prints the rows.
sql() {
  mysql --defaults-file="$WORK/admin.cnf" --batch --raw --skip-column-names
}

# The same for statements that hold a password: of an error only the number is told, since the text may quote them.
secret_sql() {
  if sql 2>"$WORK/error"; then return 0; fi
  sed -n 's/^\(ERROR [0-9]* ([0-9A-Z]*)\).*/\1/p' "$WORK/error" >&2
  return 1
}

set_password() { # USER PASSWORD-FILE
  word=$(password_in "$2") || return 1
  printf "ALTER USER '%s'@'%%' IDENTIFIED BY '%s' RETAIN CURRENT PASSWORD;\n" "$1" "$word" | secret_sql
}

# The current password opens the account, and the one before it stays valid. A generation that was passed over is set
# first, so that pods which still have it can log in.
rotate() { # USER FOLDER
  if [ -s "$2/previous-password" ]; then
    opens "$1" "$2/previous-password"
    case $? in
    1) set_password "$1" "$2/previous-password" || return 1 ;;
    2)
      complain "$1: $answer"
      return 1
      ;;
    esac
  fi
  set_password "$1" "$2/password" || return 1
  echo "$1: new password, the one before it stays valid"
}

# The administrator's own login, with the password before if the current one is not set yet.
log_in() {
  folder=$CREDENTIALS/$ADMIN
  admin=$(cat "$folder/rootUser") || exit 1
  deadline=$(($(date +%s) + WAIT_SECONDS))
  while :; do
    opens "$admin" "$folder/password"
    case $? in
    0)
      login_file "$WORK/admin.cnf" "$admin" "$folder/password"
      return
      ;;
    1)
      if [ -s "$folder/previous-password" ] && opens "$admin" "$folder/previous-password"; then
        login_file "$WORK/admin.cnf" "$admin" "$folder/previous-password"
        set_password "$admin" "$folder/password" || exit 1
        echo "$admin: new password, the one before it stays valid"
        login_file "$WORK/admin.cnf" "$admin" "$folder/password"
        return
      fi
      complain "$admin: neither password opens $MYSQL_HOST"
      exit 1
      ;;
    esac
    if [ "$(date +%s)" -ge "$deadline" ]; then
      complain "$admin: $answer"
      exit 1
    fi
    sleep 2
  done
}

# What a user may do now, one grant a line, as GRANT and REVOKE take it.
grants_of() { # USER
  sql <<EOF
SET @u = '$1', @g = '\\'$1\\'@\\'%\\'';
SELECT CONCAT(privilege_type, ' ON *.*') FROM information_schema.user_privileges
  WHERE grantee = @g AND privilege_type <> 'USAGE'
UNION SELECT CONCAT(privilege_type, ' ON \`', table_schema, '\`.*') FROM information_schema.schema_privileges
  WHERE grantee = @g
UNION SELECT CONCAT(privilege_type, ' ON \`', table_schema, '\`.\`', table_name, '\`')
  FROM information_schema.table_privileges WHERE grantee = @g
UNION SELECT CONCAT(privilege_type, ' (\`', column_name, '\`) ON \`', table_schema, '\`.\`', table_name, '\`')
  FROM information_schema.column_privileges WHERE grantee = @g
UNION SELECT CONCAT('ALL PRIVILEGES ON ', routine_type, ' \`', db, '\`.\`', routine_name, '\`') FROM mysql.procs_priv
  WHERE user = @u AND host = '%'
UNION SELECT 'GRANT OPTION ON *.*' FROM information_schema.user_privileges
  WHERE grantee = @g AND is_grantable = 'YES'
UNION SELECT CONCAT('GRANT OPTION ON \`', table_schema, '\`.*') FROM information_schema.schema_privileges
  WHERE grantee = @g AND is_grantable = 'YES'
UNION SELECT CONCAT('GRANT OPTION ON \`', table_schema, '\`.\`', table_name, '\`')
  FROM information_schema.table_privileges WHERE grantee = @g AND is_grantable = 'YES'
UNION SELECT CONCAT('PROXY ON \\'', proxied_user, '\\'@\\'', proxied_host, '\\'') FROM mysql.proxies_priv
  WHERE user = @u AND host = '%'
UNION SELECT CONCAT('\`', from_user, '\`@\`', from_host, '\`') FROM mysql.role_edges
  WHERE to_user = @u AND to_host = '%';
EOF
}

# Lines of the second file that the first does not have.
only_in_second() {
  awk 'FILENAME == ARGV[1] { seen[$0] = 1; next } !($0 in seen)' "$1" "$2"
}

# GRANT or REVOKE, line by line. A table that no migration has made yet is left for a later run.
apply() { # USER VERB JOIN LINES
  while read -r grant <&4; do
    if answer=$(printf "%s %s %s '%s'@'%%';\n" "$2" "$grant" "$3" "$1" | sql 2>&1); then
      echo "$1: $2 $grant"
    else
      case $answer in
      *'ERROR 1146 '*) echo "$1: waits for the table of $grant" ;;
      *)
        complain "$1: $answer"
        return 1
        ;;
      esac
    fi
  done 4<<EOF
$4
EOF
}

# First what is missing, then what is too much: at no moment does a user have less than it should.
set_grants() { # USER
  grants_of "$1" >"$WORK/actual" || return 1
  missing=$(only_in_second "$WORK/actual" "$CONFIG/grants-$1") || return 1
  excess=$(only_in_second "$CONFIG/grants-$1" "$WORK/actual") || return 1
  if [ -n "$missing" ]; then apply "$1" GRANT TO "$missing" || return 1; fi
  if [ -n "$excess" ]; then apply "$1" REVOKE FROM "$excess" || return 1; fi
}

create() { # USER LIMIT
  word=$(password_in "$CREDENTIALS/$1/password") || return 1
  printf "CREATE USER '%s'@'%%' IDENTIFIED BY '%s' REQUIRE SSL WITH MAX_USER_CONNECTIONS %s ATTRIBUTE '%s';\n" \
    "$1" "$word" "$2" "{\"$managed\": \"$manager\"}" | secret_sql || return 1
  echo "$1: created"
}

# One account; answers whether it is as it should be.
set_account() { # USER LIMIT
  found=$(sql <<EOF
SELECT CONCAT_WS(' ', max_user_connections, ssl_type, JSON_UNQUOTE(user_attributes->'$.metadata."$managed"'))
  FROM mysql.user WHERE user = '$1' AND host = '%';
EOF
  ) || return 1
  if [ -z "$found" ]; then
    create "$1" "$2" || return 1
  else
    if [ "$found" != "$2 ANY $manager" ]; then
      sql <<EOF || return 1
ALTER USER '$1'@'%' REQUIRE SSL WITH MAX_USER_CONNECTIONS $2 ATTRIBUTE '{"$managed": "$manager"}';
EOF
      echo "$1: at most $2 connections, with TLS"
    fi
    opens "$1" "$CREDENTIALS/$1/password"
    case $? in
    1) rotate "$1" "$CREDENTIALS/$1" || return 1 ;;
    2)
      complain "$1: $answer"
      return 1
      ;;
    esac
  fi
  set_grants "$1"
}

# Users that this script made and that nobody declares any more.
drop_others() {
  others=$(sql <<EOF
SELECT user FROM mysql.user
  WHERE host = '%' AND JSON_UNQUOTE(user_attributes->'$.metadata."$managed"') = '$manager';
EOF
  ) || return 1
  for other in $others; do
    if awk -v user="$other" '$1 == user { found = 1 } END { exit !found }' "$CONFIG/accounts"; then continue; fi
    echo "DROP USER '$other'@'%';" | sql || return 1
    echo "$other: dropped"
  done
}

log_in
if ! read_only=$(echo 'SELECT @@GLOBAL.super_read_only;' | sql); then exit 1; fi
if [ "$read_only" != 0 ]; then
  complain "$MYSQL_HOST does not write at present"
  exit 1
fi

while read -r database <&3; do
  there=$(echo "SELECT 1 FROM information_schema.schemata WHERE schema_name = '$database';" | sql) || exit 1
  [ -n "$there" ] && continue
  echo "CREATE DATABASE IF NOT EXISTS \`$database\`;" | sql || exit 1
  echo "$database: created"
done 3<"$CONFIG/databases"

# One account that fails does not keep the others from being set.
while read -r user limit <&3; do
  set_account "$user" "$limit" || {
    complain "$user: not as declared"
    failed=1
  }
done 3<"$CONFIG/accounts"
drop_others || failed=1
exit "$failed"
