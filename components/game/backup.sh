#!/bin/sh
# Saves every world and takes a snapshot of its volume; keeps the newest KEEP snapshots of each world.
# One world that fails does not keep the others from being saved, but the job fails.
# Environment: NAMESPACE, SELECTOR, SERVICE, PORT, CLAIM, KEEP, SNAPSHOT_CLASS (empty for the default), SAVE_SECONDS.
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

for pod in $pods; do
  if ! curl --fail --silent --show-error --max-time "$SAVE_SECONDS" --request POST \
    "http://$pod.$SERVICE.$NAMESPACE.svc:$PORT/save"; then
    echo "$pod: not saved, so its volume is not snapshotted" >&2
    failed=1
    continue
  fi
  if ! snapshot "$pod" | kubectl create --filename -; then
    echo "$pod: saved, but no snapshot was taken" >&2
    failed=1
    continue
  fi
  # Only snapshots that can be restored count as kept; the names end in their time, so they sort by age.
  if ! ready=$(kubectl get volumesnapshots --namespace "$NAMESPACE" --selector "realmgrid.io/world=$pod" \
    --output 'jsonpath={range .items[?(@.status.readyToUse==true)]}{.metadata.name}{"\n"}{end}'); then
    echo "$pod: old snapshots could not be listed, so none was removed" >&2
    failed=1
    continue
  fi
  for name in $(echo "$ready" | sort -r | tail -n "+$((KEEP + 1))"); do
    kubectl delete volumesnapshot --namespace "$NAMESPACE" "$name" --wait=false || failed=1
  done
done
exit "$failed"
