# Decides what the agent of one pod does, from what every pod knows. Input: the lines of `look` in valkey-agent.sh.
# Output: one action a line: meet, again, slots, replicate, forget, bump, problem (needs a person),
# later (passes by itself, mostly).
# Variables: me (ordinal of this pod), n (pods), replicas (for each primary), peers (host names in ordinal order).

function failing(text) { return text ~ /fail|noaddr/ }
function pod(o) { return short[o] }
function problem(text) { print "problem", text; problems++ }

# Whether o has q at the address that q itself announces.
function knows(o, q) { return known[o, id[q]] && ip[o, id[q]] == ip[q, id[q]] && flags[o, id[q]] !~ /noaddr/ }
function holds(o, q) { return o == q || knows(o, q) && link[o, id[q]] == "connected" && !failing(flags[o, id[q]]) }

# A primary that has nothing to lose.
function empty(o) { return answers[o] && flags[o, id[o]] ~ /master/ && !claims[id[o]] && keys[o] == 0 }
function same_zone(o, i) { return zone[o] != "-" && zone[o] == zone[ordinal[i]] }
function answers_as(called,  o) { for (o = 0; o < n; o++) if (host[o + 1] == called) return answers[o] }

# Whether a replica of the node is there, or may come back since its pod is away.
function has_copy(i,  k, j) {
  for (k = 1; k <= nodes; k++) {
    j = ids[k]
    if ((i, j) in follows && ((j in ordinal) ? primary[ordinal[j], j] == i : !answers_as(name[j]))) return 1
  }
}

# Whether slots of the node have no copy any more: its pod is there with another node, of an empty volume.
function lost(i) { return claims[i] && !(i in ordinal) && answers_as(name[i]) && !has_copy(i) }

BEGIN {
  split(peers, host, " ")
  for (o = 0; o < n; o++) { is_peer[host[o + 1]] = 1; short[o] = host[o + 1]; sub(/\..*/, "", short[o]) }
  primaries = int(n / (1 + replicas))
  if (primaries < 1) primaries = 1
}

# P ordinal id state keys zone calls
$1 == "P" {
  if ($3 in ordinal) copied = pod(ordinal[$3]) " and " pod($2)
  answers[$2] = 1; id[$2] = $3; state[$2] = $4; keys[$2] = $5; zone[$2] = $6; calls[$2] = $7; ordinal[$3] = $2
  total++
}

# N ordinal id ip port bus host flags primary link slots moving epoch
$1 == "N" && $8 ~ /handshake/ { shaking[$2, $4, $5] = 1 }
$1 == "N" && $8 !~ /handshake/ {
  o = $2; i = $3
  if (!(i in listed)) { listed[i] = 1; ids[++nodes] = i }
  known[o, i] = 1; ip[o, i] = $4; port[o, i] = $5; bus[o, i] = $6
  flags[o, i] = $8; primary[o, i] = $9; link[o, i] = $10
  if ($9 != "-") follows[$9, i] = 1
  if ($7 != "-") { name[i] = $7; if (!($7 in is_peer)) foreign[o] = 1 }
  if ($11 != "-") { claims[i] = 1; serves[o, i] = 1; used[o] = 1; ranges[i, $11] = 1 }
  moving += $12
  slots[o, i] = $11; epoch[o, i] = $13 + 0
}

END {
  if (!answers[me]) exit
  if (copied != "") {
    problem(copied " have the same node id: one of their volumes is a copy of the other; empty it")
    exit
  }
  self = id[me]
  for (key in ranges) { split(key, pair, SUBSEP); own(pair[1], pair[2]) }
  for (k = 1; k <= nodes; k++) if (claims[ids[k]]) { if (lost(ids[k])) losses++; else owners++ }
  meet()
  call_again()
  if (!problems && me == 0 && total == n && !moving && owned < 16384) give_slots()
  if (state[me] == "ok" && !moving && owned == 16384) follow()
  if (state[me] == "ok" || !owned && total == n) forget()
  if (state[me] == "ok" && !moving) bump()
  report()
}

function own(i, list,  pieces, piece, p, bound, s) {
  pieces = split(list, piece, ",")
  for (p = 1; p <= pieces; p++) {
    if (split(piece[p], bound, "-") == 1) bound[2] = bound[1]
    for (s = bound[1] + 0; s <= bound[2] + 0; s++) {
      if (owner[s] == "") owned++
      owner[s] = i
      amount[i]++
    }
  }
}

# Pods that know a node in common are of one cluster. A pod that knows slots, strangers or keys, and none of ours, is of
# another: a meeting would merge the two, and the higher epoch would take the slots. Blank pods join a group of at least
# half of all pods only, since one stale pod that happens to answer first must not decide whose cluster this is.
function meet(  k, o, q, size, most, second, big, joinable) {
  for (o = 0; o < n; o++) {
    for (k = 1; k <= nodes; k++) if (answers[o] && known[o, ids[k]] && !(ids[k] in ordinal)) used[o] = 1
    if (keys[o] > 0) used[o] = 1
    group[o] = used[o] ? o : -1
  }
  for (o = 0; o < n; o++) for (q = 0; q < n; q++) for (k = 1; k <= nodes; k++)
    if (used[o] && used[q] && known[o, ids[k]] && known[q, ids[k]]) join_groups(group[o], group[q])
  for (o = 0; o < n; o++) if (used[o]) size[group[o]]++
  for (o = 0; o < n; o++) {
    if (size[o] > most) { second = most; most = size[o]; big = o }
    else if (size[o] > second) second = size[o]
  }
  joinable = most > second && most * 2 >= n
  for (o = 0; o < n; o++) if (used[o] && group[o] == big && foreign[o]) joinable = 0
  for (q = 0; q < n; q++) {
    if (q == me || !answers[q]) continue
    if (group[me] == group[q] || joinable && (group[me] == big && !used[q] || group[q] == big && !used[me])) greet(q)
    else if (used[me] && used[q])
      problem(pod(q) " belongs to another cluster than " pod(me) ": not met; empty the volume of the wrong one")
    else
      print "later", pod(used[q] ? q : me) " knows a cluster that is foreign or has fewer than half of the pods: " \
        "not met; bring the others back, or empty its volume"
  }
}

function join_groups(from, to,  o) { for (o = 0; o < n; o++) if (group[o] == from) group[o] = to }

# Announcing alone is not enough: after a restart of all pods every address that every node remembers is wrong.
function greet(q) {
  if (shaking[me, ip[q, id[q]], port[q, id[q]]] || shaking[q, ip[me, self], port[me, self]]) return
  if (!knows(me, q) || !known[q, self]) print "meet", pod(q), ip[q, id[q]], port[q, id[q]], bus[q, id[q]]
}

# A replica that hears of its primary's new address from a third node goes on to call the old one, which may be another
# primary's by now (redis#14633, mended in Valkey by #965). Made a replica of the same primary again, it calls the new.
function call_again(  i) {
  i = primary[me, self]
  if (calls[me] == "-" || !(i in ordinal) || !knows(me, ordinal[i]) || calls[me] == ip[me, i]) return
  print "again", pod(ordinal[i]), i
}

# Slots that nobody owns, not even a dead node, are given away by the first pod alone, and only while all pods are there
# and hold together, so that no owner can be out of sight.
function give_slots(  o, q, k, part, parts, target) {
  for (o = 0; o < n; o++) for (q = 0; q < n; q++) if (!holds(o, q)) return
  for (o = 0; o < n && !owned; o++)
    if (keys[o] > 0) return problem(pod(o) " has keys but no slots: no cluster is formed; empty it")
  for (k = 1; k <= nodes && !owned; k++)
    if (!(ids[k] in ordinal)) return problem("node " ids[k] " is none of the pods: no cluster is formed")
  for (o = 0; o < n && parts < primaries - owners; o++) if (empty(o)) target[++parts] = o
  for (o = 0; o < n && !parts; o++)
    if (claims[id[o]] && (target[1] == "" || amount[id[o]] < amount[id[target[1]]])) target[1] = o
  if (target[1] == "") return
  if (!parts) parts = 1
  for (part = 1; part <= parts; part++) {
    o = target[part]
    print "slots", pod(o), ip[o, id[o]] share(int((16384 - owned) * part / parts + 0.5))
  }
}

# The next unowned slots as pairs of first and last, until `limit` slots are given in all.
function share(limit,  first, text) {
  next_slot += 0
  while (given < limit) {
    while (owner[next_slot] != "") next_slot++
    first = next_slot
    while (given < limit && next_slot < 16384 && owner[next_slot] == "") { next_slot++; given++ }
    text = text " " first " " next_slot - 1
  }
  return text
}

# An empty primary becomes the replica of the primary that has fewest, in another zone if there is one. All agents
# compute the same plan for all empty primaries, and each carries out its own line. While a failover is due it waits:
# the primary that needs it most is not there yet. As many as the number of primaries lacks stay empty, for slots to
# come.
function follow(  o, q, k, i, e, empties, waiting, target, targets, has, goal, swap) {
  for (k = 1; k <= nodes; k++) {
    i = ids[k]
    if (claims[i] && (!(i in ordinal) || failing(flags[me, i])) && has_copy(i)) return
    # What a replica says of itself is newer than what others have heard of it.
    if (i in ordinal) has[primary[ordinal[i], i]]++
    else if (known[me, i] && !answers_as(name[i])) has[primary[me, i]]++
  }
  for (o = 0; o < n; o++) if (answers[o] && serves[me, id[o]] && holds(me, o)) target[++targets] = id[o]
  if (claims[self] || !targets) return
  if (flags[me, self] ~ /slave/) return even_out(has, target, targets)
  if (keys[me] > 0) return problem(pod(me) " has keys but no slots: it becomes no replica; look at them, then FLUSHALL")
  for (o = 0; o < n; o++) if (empty(o) && ++waiting > primaries - owners) e[++empties] = o
  for (k = 1; k <= empties; k++) {
    for (q = 1; q <= targets; q++)
      if (goal[k] == "" || has[target[q]] < has[goal[k]] || has[target[q]] == has[goal[k]] && \
        same_zone(e[k], target[q]) < same_zone(e[k], goal[k])) goal[k] = target[q]
    has[goal[k]]++
  }
  for (k = 1; k <= empties; k++) for (q = 1; q <= empties; q++)
    if (same_zone(e[k], goal[q]) + same_zone(e[q], goal[k]) < same_zone(e[k], goal[k]) + same_zone(e[q], goal[q])) {
      swap = goal[k]; goal[k] = goal[q]; goal[q] = swap
    }
  for (k = 1; k <= empties; k++) if (e[k] == me) return replicate(goal[k])
  if (!losses) print "later", pod(me) " has no slots: give it some by --cluster rebalance --cluster-use-empty-masters"
}

function replicate(i) { print "replicate", pod(ordinal[i]), i }

# A primary without a replica gets the last one of a primary that has more than its number.
function even_out(has, target, targets,  o, k, last) {
  if (has[primary[me, self]] <= replicas) return
  for (o = 0; o < n; o++) if (answers[o] && primary[o, id[o]] == primary[me, self]) last = o
  for (k = 1; k <= targets; k++) if (last == me && !has[target[k]]) return replicate(target[k])
}

# A dead node that had the name of this pod is its former self, of a volume that is lost. While it owns slots or is
# followed by a replica it stays, for the failover to happen first. A node whose address another has by now is marked
# `noaddr` and never as failed; and while nobody owns slots, nobody has a vote, so that suspicion has to do. It has to do
# too where all pods answer as other nodes: a node that only a few have heard of again never gets a majority against it,
# and one that they know from hearsay has no name.
function forget(  k, i, o, dead, lives, answering) {
  for (o = 0; o < n; o++) answering += answers[o]
  for (k = 1; k <= nodes; k++) {
    i = ids[k]
    if (i in ordinal || claims[i] || has_copy(i)) continue
    if (name[i] != host[me + 1] && !(name[i] == "" && answering == n && me == 0)) continue
    dead = lives = 0
    for (o = 0; o < n; o++) {
      if (known[o, i] && flags[o, i] ~ (owned && answering < n ? "(^|,)(fail|noaddr)(,|$)" : "fail|noaddr")) dead = 1
      if (known[o, i] && link[o, i] == "connected" && !failing(flags[o, i])) lives = 1
    }
    if (dead && !lives) print "forget", i
  }
}

# A node that called the old address of this one and reached another took that one's epoch for ours. It would then refuse
# its vote to our replica for good (valkey#2169), so this primary takes a new epoch before it is needed. Only where all
# pods agree about its slots: a new epoch would win them back from whoever was promoted meanwhile.
function bump(  o, liar) {
  if (!claims[self] || !serves[me, self] || flags[me, self] !~ /master/) return
  liar = -1
  for (o = 0; o < n; o++) {
    if (!answers[o]) continue
    if (slots[o, self] != slots[me, self] || failing(flags[o, self])) return
    if (liar < 0 && epoch[o, self] > epoch[me, self]) liar = o
  }
  if (liar >= 0) print "bump", pod(liar), epoch[liar, self]
}

# Slots of a node whose volume is lost are never given away without a person: an empty slot would hide the loss.
function report(  k, i) {
  for (k = 1; k <= nodes; k++) {
    i = ids[k]
    if (claims[i] && !(i in ordinal) && answers_as(name[i]) && primary[me, self] == i)
      print "later", pod(me) " has a copy of lost node " i " and is not promoted: send it CLUSTER FAILOVER TAKEOVER"
    if (lost(i) && name[i] == host[me + 1])
      problem("DATA LOST: the volume of " pod(me) " is gone and no replica has the " amount[i] " slots of its node " i \
        ": restore the volume, or give the data up with: valkey-agent.sh accept-loss " i)
  }
}
