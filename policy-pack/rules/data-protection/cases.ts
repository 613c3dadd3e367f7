/** Objects that hold data and that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

const metadata = { name: "data", namespace: "sample" };

/** A claim, with changes to its spec. */
export function claim(spec: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata,
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
  };
}

/** A workload of one pod that mounts the claim `data`, with changes to its spec and to that of its pods. */
export function workload(spec: Manifest = {}, podSpec: Manifest = {}, kind = "Deployment"): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "sample", namespace: "sample" },
    spec: {
      replicas: 1,
      ...(kind === "Deployment" ? { strategy: { type: "Recreate" } } : {}),
      template: {
        spec: {
          containers: [{ name: "app", image: "app:1", volumeMounts: [{ name: "data", mountPath: "/var/lib/mysql" }] }],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
          ...podSpec,
        },
      },
      ...spec,
    },
  };
}

/** A StatefulSet with a claim for each pod, with changes to its spec. */
export function store(spec: Manifest = {}): Manifest {
  return workload({ replicas: 3, volumeClaimTemplates: [claim()], ...spec }, { volumes: [] }, "StatefulSet");
}

/** A StorageClass that keeps and grows its volumes, with changes to it. */
export function storageClass(more: Manifest = {}): Manifest {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "fast" },
    provisioner: "csi.example.com",
    reclaimPolicy: "Retain",
    allowVolumeExpansion: true,
    ...more,
  };
}

/** A custom resource of a store, with the changes that make it one. */
export function custom(apiVersion: string, kind: string, spec: Manifest): Manifest {
  return { apiVersion, kind, metadata, spec };
}

/** A MySQL cluster of three with a backup, with changes to its spec. */
export function mysql(spec: Manifest = {}): Manifest {
  return custom("mysql.oracle.com/v2", "InnoDBCluster", {
    instances: 3,
    backupSchedules: [{ name: "nightly", schedule: "0 3 * * *", enabled: true }],
    ...spec,
  });
}

/** An object as the engine hands it over. */
export function resource(type: string, props: Manifest, protect: boolean): Manifest {
  return { type: `kubernetes:${type}`, props, options: { protect, ignoreChanges: [] } };
}
