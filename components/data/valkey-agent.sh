#!/bin/sh
# Keeps the pods of one StatefulSet a Valkey Cluster (Redis 7.0 or newer will do): forms it once, brings every node
# together again after restarts with new addresses, and gives a pod with a lost volume its place back. Failover is left
# to the servers. Every step is safe to repeat and to run in all pods at once. What to do is decided in
# valkey-decide.awk, which lies beside this file.
#
# Calls:
#   loop             one pass every INTERVAL_SECONDS, as a sidecar of each server (default)
#   once             one pass; exit code 1 when something needs a person, which it says
#   live             probe: the server answers at all
#   startup          probe: the server has loaded its data and accepts our password
#   ready            probe: the cluster is up, and this node serves slots or has copied its primary
#   prestop          hands this primary's slots to its replica, for at most PRESTOP_SECONDS
#   accept-loss ID   a person gives up the data of a dead node, so that its slots can be served again, empty
#
# Environment:
#   POD_NAME, POD_IP        this pod
#   PEERS                   host names of all pods in ordinal order, this one too, separated by spaces, as clients can
#                           reach them; the first label of each is the pod's name
#   PORT, BUS_PORT          ports of every server; 6379 and PORT + 10000 unless set
#   REPLICAS_PER_PRIMARY    1 unless set; n pods have n / (1 + this) primaries
#   ZONE                    zone of this pod or empty; the others see it where the server has `availability-zone`
#   AUTH_USER               ACL user; its password is in REDISCLI_AUTH, where the client reads it, never in an argument
#   TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE  TLS when the first is set, with a client certificate when all are
#   INTERVAL_SECONDS, CALL_SECONDS, PRESTOP_SECONDS  5, 3 and 20 unless set
#   EACH_PASS               a command to run in each pass in which the server answers, or empty
set -u

PORT=${PORT:-6379}
BUS_PORT=${BUS_PORT:-$((PORT + 10000))}
REPLICAS_PER_PRIMARY=${REPLICAS_PER_PRIMARY:-1}
INTERVAL_SECONDS=${INTERVAL_SECONDS:-5}
CALL_SECONDS=${CALL_SECONDS:-3}
# Newer clients of Valkey look for the password under their own name.
if [ -n "${REDISCLI_AUTH:-}" ]; then export VALKEYCLI_AUTH="$REDISCLI_AUTH"; fi

decisions=$(dirname "$0")/valkey-decide.awk
client=valkey-cli
command -v "$client" >/dev/null || client=redis-cli
newline='
'

say() { echo "valkey-agent: $*"; }

count=0
my=
for host in $PEERS; do
  if [ "${host%%.*}" = "$POD_NAME" ]; then
    my=$count
    my_host=$host
  fi
  count=$((count + 1))
done
if [ -z "$my" ]; then
  say "PEERS does not name $POD_NAME" >&2
  exit 2
fi

# Calls the server at an address; commands come as arguments, or as lines of the standard input.
cli() {
  address=$1
  shift
  set -- -h "$address" -p "$PORT" "$@"
  if [ -n "${AUTH_USER:-}" ]; then set -- --user "$AUTH_USER" "$@"; fi
  if [ -n "${TLS_CERT_FILE:-}" ]; then set -- --cert "$TLS_CERT_FILE" --key "$TLS_KEY_FILE" "$@"; fi
  if [ -n "${TLS_CA_FILE:-}" ]; then set -- --tls --cacert "$TLS_CA_FILE" "$@"; fi
  # Only new clients can limit how long a connection takes.
  timeout "$CALL_SECONDS" "$client" "$@"
}

ask() { cli "$@" </dev/null 2>&1; }

# Sends a command and says what was done, or notes that it was refused.
act() {
  text=$1
  shift
  answer=$(ask "$@")
  if [ "$answer" = OK ]; then
    say "$text"
    acted=1
  else
    trouble="$trouble${newline}refused ($text): $answer"
  fi
}

# Other nodes learn address and name from what the server announces, and the server forgets both when it restarts.
announce() {
  have=$(printf 'CONFIG GET %s\n' cluster-announce-ip cluster-announce-hostname availability-zone |
    cli "$POD_IP" 2>/dev/null | tr -d '\r' | tr '\n' ' ')
  case "$have" in
  "cluster-announce-ip $POD_IP cluster-announce-hostname $my_host "*) ;;
  cluster-announce-ip*)
    act "announced $POD_IP as $my_host" "$POD_IP" \
      CONFIG SET cluster-announce-ip "$POD_IP" cluster-announce-hostname "$my_host"
    ;;
  # It is not up yet.
  '' | LOADING*) return 1 ;;
  *)
    trouble="$trouble${newline}the server refuses to answer: $have"
    return 1
    ;;
  esac
  case "$have" in
  *"availability-zone ${ZONE:-} "*) ;;
  *availability-zone*) act "announced zone ${ZONE:-}" "$POD_IP" CONFIG SET availability-zone "${ZONE:-}" ;;
  esac
}

# What one peer knows: a line `P ordinal id state keys zone calls`, where `calls` is the address from which it copies,
# and for each node that it has heard of a line `N ordinal id ip port bus host flags primary link slots moving epoch`.
# Nothing unless it announces the name we call it by.
look() {
  printf '%s\n' 'CLUSTER NODES' 'CLUSTER INFO' 'INFO replication' DBSIZE 'CONFIG GET availability-zone' |
    cli "$2" 2>/dev/null | awk -v ordinal="$1" -v host="$2" '
      { sub(/\r$/, "") }
      previous == "availability-zone" { zone = $1 }
      previous != "availability-zone" && /^[0-9]+$/ { keys = $1 }
      /^cluster_state:/ { state = substr($0, 15) }
      /^master_host:/ { calls = substr($0, 13) }
      length($1) == 40 && NF >= 8 {
        split($2, part, ",")
        ip = port = bus = part[1]
        sub(/.*@/, "", bus); sub(/@.*/, "", port); sub(/.*:/, "", port); sub(/:[0-9]*@.*/, "", ip)
        name = part[2] == "" ? "-" : part[2]
        slots = "-"
        moving = 0
        for (i = 9; i <= NF; i++) if ($i ~ /^\[/) moving = 1; else slots = slots == "-" ? $i : slots "," $i
        node[++nodes] = $1 " " (ip == "" ? "-" : ip) " " port " " bus " " name " " $3 " " $4 " " $8 " " slots " " moving " " $7
        if ($3 ~ /myself/ && name == host && ip != "") id = $1
      }
      { previous = $0 }
      END {
        if (id == "" || state == "" || keys == "") exit
        print "P", ordinal, id, state, keys, (zone == "" ? "-" : zone), (calls == "" ? "-" : calls)
        for (i = 1; i <= nodes; i++) print "N", ordinal, node[i]
      }'
}

# FORGET on every node that answers, at once: one that still knows the id would tell the others again.
forget() {
  forgotten=0
  for host in $PEERS; do
    if [ "$(ask "$host" CLUSTER FORGET "$1")" = OK ]; then forgotten=$((forgotten + 1)); fi
  done
}

# Looks at all pods, decides and acts.
tend() {
  views=
  ordinal=0
  for host in $PEERS; do
    views="$views$(look "$ordinal" "$host")$newline"
    ordinal=$((ordinal + 1))
  done
  actions=$(echo "$views" |
    awk -v me="$my" -v n="$count" -v replicas="$REPLICAS_PER_PRIMARY" -v peers="$PEERS" -f "$decisions")
  while read -r action first second rest; do
    # Ports and slots in `rest` are words of their own.
    # shellcheck disable=SC2086
    case "$action" in
    meet) act "met $first at $second:${rest% *}" "$POD_IP" CLUSTER MEET "$second" $rest ;;
    slots) act "gave slots $(pairs "$rest") to $first" "$second" CLUSTER ADDSLOTSRANGE $rest ;;
    replicate) act "made $POD_NAME a replica of $first" "$POD_IP" CLUSTER REPLICATE "$second" ;;
    again) act "sent $POD_NAME to the new address of $first" "$POD_IP" CLUSTER REPLICATE "$second" ;;
    forget)
      forget "$first"
      say "forgot $first, the former node of $POD_NAME, on $forgotten nodes"
      acted=1
      ;;
    bump)
      answer=$(ask "$POD_IP" CLUSTER BUMPEPOCH)
      say "gave $POD_NAME a new epoch, since $first took it for $second: $answer"
      acted=1
      ;;
    problem) trouble="$trouble$newline$first $second $rest" ;;
    later) later="$later$newline$first $second $rest" ;;
    esac
  done <<EOF
$actions
EOF
}

pairs() { echo "$1" | sed 's/\([0-9]*\) \([0-9]*\)/\1-\2/g'; }

before=
before_later=
passes=0

# One pass. Problems are said when they change, and those that mostly pass by themselves only after a minute.
pass() {
  acted=0
  trouble=
  later=
  up=0
  if announce; then
    up=1
    tend
    # The command is words of its own.
    # shellcheck disable=SC2086
    if [ -n "${EACH_PASS:-}" ] && ! $EACH_PASS; then trouble="$trouble${newline}failed: $EACH_PASS"; fi
  fi
  if [ "$trouble" != "$before" ] && [ -n "$trouble" ]; then say "${trouble#"$newline"}" >&2; fi
  before=$trouble
  if [ "$later" = "$before_later" ]; then passes=$((passes + 1)); else passes=0; fi
  before_later=$later
  if [ -n "$later" ] && { [ "$mode" = once ] || [ "$passes" -eq $((60 / INTERVAL_SECONDS)) ]; }; then
    say "${later#"$newline"}" >&2
  fi
  [ "$up" -eq 1 ] && [ -z "$trouble$later" ]
}

# Why this node is not ready; nothing when it is.
unready() {
  printf '%s\n' PING 'CLUSTER INFO' 'INFO replication' 'CLUSTER NODES' | cli "$POD_IP" 2>&1 | awk '
    { sub(/\r$/, ""); text = text " " $0 }
    $0 == "PONG" { pong = 1 }
    /^cluster_state:ok/ { ok = 1 }
    /^master_link_status:up/ { linked = 1 }
    $3 ~ /myself/ { flags = $3; slots = NF > 8 }
    END {
      if (!pong) print "no PONG:" substr(text, 1, 200)
      else if (!ok) print "the cluster is not up"
      else if (flags ~ /master/ && !slots) print "neither slots nor a primary yet"
      else if (flags ~ /slave/ && !linked) print "the primary is not copied yet"
    }'
}

# `primary` when this node serves slots, `replica` when not.
role() {
  ask "$POD_IP" CLUSTER NODES | awk '$3 ~ /myself/ { print (($3 ~ /master/ && NF > 8) ? "primary" : "replica") }'
}

prestop() {
  end=$(($(date +%s) + ${PRESTOP_SECONDS:-20}))
  case "$(role)" in
  primary) ;;
  *) return 0 ;;
  esac
  replicas=$(ask "$POD_IP" CLUSTER NODES | awk -v id="$(ask "$POD_IP" CLUSTER MYID)" \
    '$4 == id && $8 == "connected" && $3 !~ /fail/ { sub(/:[0-9]*@.*/, "", $2); print $2 }')
  for replica in $replicas; do
    [ "$(ask "$replica" CLUSTER FAILOVER)" = OK ] || continue
    # The server gives up after five seconds; then the next replica gets its chance.
    until=$(($(date +%s) + 6))
    while [ "$(date +%s)" -le "$until" ] && [ "$(date +%s)" -le "$end" ]; do
      case "$(role)" in
      replica) say "handed over to $replica" && return 0 ;;
      esac
      sleep 1
    done
  done
  say "no replica took over" >&2
}

accept_loss() {
  for host in $PEERS; do
    if ! ask "$host" CLUSTER NODES | awk -v id="$1" '
      $3 ~ /myself/ { found = ($1 == id || $4 == id) ? 2 : 1 }
      END { exit found != 1 }'; then
      say "nothing is given up: $host does not answer, is that node itself, or has a copy of its data" >&2
      return 1
    fi
  done
  forget "$1"
  if [ "$forgotten" -eq 0 ]; then say "no node knows $1" >&2 && return 1; fi
  say "forgot $1 on $forgotten nodes; ${PEERS%%.*} gives its slots away"
}

mode=${1:-loop}
case "$mode" in
loop)
  # The shell is process 1 of its container, which no signal ends unless it is trapped.
  trap 'kill "$!" 2>/dev/null; exit 0' TERM INT
  while :; do
    pass
    if [ "$acted" -eq 1 ]; then sleep 1 & else sleep "$INTERVAL_SECONDS" & fi
    wait "$!"
  done
  ;;
once) pass ;;
live) [ -n "$(cli "$POD_IP" PING </dev/null 2>/dev/null)" ] ;;
startup) [ "$(ask "$POD_IP" PING)" = PONG ] ;;
ready)
  reason=$(unready)
  if [ -n "$reason" ]; then say "$reason" >&2 && exit 1; fi
  ;;
prestop) prestop ;;
accept-loss) accept_loss "${2:?needs the id of the node}" ;;
*)
  say "unknown call $mode; want loop, once, live, startup, ready, prestop or accept-loss" >&2
  exit 2
  ;;
esac
