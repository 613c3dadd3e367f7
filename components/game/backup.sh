#!/bin/sh
# Saves every world and takes a snapshot of its volume; keeps the newest KEEP snapshots of each world.
# One world that fails does not keep the others from being saved, but the job fails.
# Environment: NAMESPACE, SELECTOR, SERVICE, PORT, CLAIM, KEEP, SNAPSHOT_CLASS (empty for the default), SAVE_SECONDS,
# PARALLEL (worlds at a time).
set -u

stamp=$(date -u +%Y%m%d-%H%M%S)
failed=0

pods=$(kubectl get pods --namespace "$NAMESPACE" --selector "$SELECTOR" \
  --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}') || exit 1
if [ -z "$pods" ]; then
  echo "no pod has the labels $SELECTOR in $NAMESPACE: nothing was saved" >&2
  exit 1
fi

snapshot() {
  cat <<EOF
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: $1-$stamp
  namespace: $NAMESPACE
  labels:
    realmgrid.io/world: $1
spec:
EOF
  if [ -n "$SNAPSHOT_CLASS" ]; then echo "  volumeSnapshotClassName: $SNAPSHOT_CLASS"; fi
  cat <<EOF
  source:
    persistentVolumeClaimName: $CLAIM-$1
EOF
}

# One world; answers whether all went well.
back_up() {
  if ! curl --fail --silent --show-error --max-time "$SAVE_SECONDS" --request POST \
    "http://$1.$SERVICE.$NAMESPACE.svc:$PORT/save"; then
    echo "$1: not saved, so its volume is not snapshotted" >&2
    return 1
  fi
  if ! snapshot "$1" | kubectl create --filename -; then
    echo "$1: saved, but no snapshot was taken" >&2
    return 1
  fi
  # Only snapshots that can be restored count as kept; the names end in their time, so they sort by age.
  if ! ready=$(kubectl get volumesnapshots --namespace "$NAMESPACE" --selector "realmgrid.io/world=$1" \
    --output 'jsonpath={range .items[?(@.status.readyToUse==true)]}{.metadata.name}{"\n"}{end}'); then
    echo "$1: old snapshots could not be listed, so none was removed" >&2
    return 1
  fi
  removed=0
  for name in $(echo "$ready" | sort -r | tail -n "+$((KEEP + 1))"); do
    kubectl delete volumesnapshot --namespace "$NAMESPACE" "$name" --wait=false || removed=1
  done
  return "$removed"
}

# PARALLEL worlds at a time: each kubectl takes some memory, and worlds take up to SAVE_SECONDS.
running=""
count=0
for pod in $pods none; do
  if [ "$count" -eq "$PARALLEL" ] || [ "$pod" = none ]; then
    for process in $running; do wait "$process" || failed=1; done
    running=""
    count=0
  fi
  if [ "$pod" != none ]; then
    back_up "$pod" &
    running="$running $!"
    count=$((count + 1))
  fi
done
exit "$failed"
