#!/bin/sh
# Proves that a world can be restored: makes a volume from the newest snapshot of the world whose turn it is, has it
# read by a pod that reaches nothing, and removes both whatever came of it. The world is not touched.
# Environment:
#   NAMESPACE, SELECTOR    of the worlds' pods
#   CHECK                  suspended CronJob that reads a volume; in its Job the name of the claim, which is that of the
#                          CronJob, is replaced by the name of this run
#   STATE                  ConfigMap in which each world's last turn is kept
#   CLASS                  StorageClass of the volume, with reclaimPolicy Delete; empty for the default
#   SIZE                   size of the volume where the snapshot does not say one
#   MAX_AGE_HOURS          age that the newest snapshot may have
#   WAIT_SECONDS           longest time until the volume has been read
set -u

run="world-drill-$(date -u +%Y%m%d-%H%M%S)"
kube() { kubectl --namespace "$NAMESPACE" "$@"; }
fail() {
  echo "world drill: $*" >&2
  exit 1
}

made=
finish() {
  code=$?
  trap - EXIT
  if [ -n "$made" ]; then
    kube delete job "$run" --ignore-not-found --cascade=background --wait=false >&2 || code=1
    kube delete pvc "$run" --ignore-not-found --wait=false >&2 || code=1
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM

# A run that was killed has removed nothing; there is never a second run beside this one.
kube delete job,pvc --selector "realmgrid.io/drill=$CHECK" --ignore-not-found --wait=false >&2 ||
  fail "what an earlier run has left could not be removed"

worlds=$(kube get pods --selector "$SELECTOR" --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}') ||
  fail "the worlds could not be listed"
[ -n "$worlds" ] || fail "no pod has the labels $SELECTOR in $NAMESPACE"
turns=$(kube get configmap "$STATE" --output \
  'go-template={{range $world, $turn := .data}}{{$world}} {{$turn}}{{"\n"}}{{end}}') ||
  fail "the turns could not be read from $STATE"
# The world that has waited longest; one that never had its turn comes first.
world=$(printf '%s\n\n%s\n' "$turns" "$worlds" | awk '
  !listing && NF == 2 { turn[$1] = $2 }
  !listing && NF == 0 { listing = 1; next }
  listing && NF == 1 { print ($1 in turn ? turn[$1] : "0"), $1 }' | LC_ALL=C sort | head -n 1 | cut -d ' ' -f 2)
# Before the proof: a world that fails must not keep the others from having theirs.
kube patch configmap "$STATE" --type merge --patch "{\"data\":{\"$world\":\"${run#world-drill-}\"}}" >&2 ||
  fail "the turn of $world could not be kept in $STATE"

snapshots=$(kube get volumesnapshots --selector "realmgrid.io/world=$world" --output \
  'jsonpath={range .items[?(@.status.readyToUse==true)]}{.metadata.name}{" "}{.status.restoreSize}{"\n"}{end}') ||
  fail "the snapshots of $world could not be listed"
snapshot=$(printf '%s\n' "$snapshots" | LC_ALL=C sort | tail -n 1)
[ -n "$snapshot" ] || fail "$world has no snapshot that could be restored"
size=${snapshot#* }
snapshot=${snapshot%% *}
if [ -z "$size" ] || [ "$size" = "$snapshot" ]; then size=$SIZE; fi

# Names end in their time.
taken=${snapshot#"$world-"}
oldest=$(date -u -d "@$(($(date -u +%s) - MAX_AGE_HOURS * 3600))" +%Y%m%d%H%M%S)
case $taken in [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]) ;;
*) fail "$snapshot is named without a time" ;; esac
[ "${taken%-*}${taken#*-}" -ge "$oldest" ] ||
  fail "the newest snapshot of $world is $snapshot, older than $MAX_AGE_HOURS h: new ones are missing"

made=yes
{
  cat <<EOF_CLAIM
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: $run
  namespace: $NAMESPACE
  labels:
    realmgrid.io/drill: $CHECK
spec:
  accessModes: ["ReadWriteOnce"]
EOF_CLAIM
  if [ -n "$CLASS" ]; then echo "  storageClassName: $CLASS"; fi
  cat <<EOF_CLAIM
  resources:
    requests:
      storage: $size
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: $snapshot
EOF_CLAIM
} | kube create --filename - >&2 || fail "no volume was made from $snapshot"

job=$(kube create job "$run" --from "cronjob/$CHECK" --dry-run=client --output json) ||
  fail "there is no CronJob $CHECK"
printf '%s\n' "$job" | sed "s/\"claimName\": \"$CHECK\"/\"claimName\": \"$run\"/" | kube create --filename - >&2 ||
  fail "no pod was made to read $snapshot"

waited=0
while :; do
  state=$(kube get job "$run" --output 'jsonpath={.status.succeeded} {.status.failed}') || state=
  case $state in
  1*) break ;;
  *' '[1-9]*) fail "$snapshot of $world is no good: $(kube logs "job/$run" --tail 10 2>&1)" ;;
  esac
  [ "$waited" -lt "$WAIT_SECONDS" ] ||
    fail "$snapshot of $world was not read in $WAIT_SECONDS s: $(kube get pods --selector "job-name=$run" 2>&1)"
  sleep 5
  waited=$((waited + 5))
done
echo "restored $snapshot of $world: $(kube logs "job/$run" --tail 1)"
