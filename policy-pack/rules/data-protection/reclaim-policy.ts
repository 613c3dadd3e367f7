import type { ObjectRule } from "../../core/rule.ts";
import { nameOf } from "../../kube/objects.ts";
import { storageClass } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

/** Where each kind says what becomes of the data, and what holds where nothing is said. */
const policies: Readonly<Record<string, { at: readonly string[]; absent: string }>> = {
  StorageClass: { at: ["reclaimPolicy"], absent: "Delete" },
  PersistentVolume: { at: ["spec", "persistentVolumeReclaimPolicy"], absent: "Retain" },
  VolumeSnapshotClass: { at: ["deletionPolicy"], absent: "" },
  VolumeGroupSnapshotClass: { at: ["deletionPolicy"], absent: "" },
  VolumeSnapshotContent: { at: ["spec", "deletionPolicy"], absent: "" },
};

function volume(spec: object) {
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "data" }, spec };
}

function snapshotClass(more: object, kind = "VolumeSnapshotClass") {
  return {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind,
    metadata: { name: "daily" },
    driver: "csi.example.com",
    ...more,
  };
}

/** Volumes and snapshots that outlive the object which asked for them. */
export const reclaimPolicy: ObjectRule<DataProtectionSettings> = {
  id: "reclaim-policy",
  subject: "object",
  kinds: Object.keys(policies),
  level: "advisory",
  title: "Volumes and snapshots stay when their claim goes, unless the settings call them disposable.",
  why: "With Delete, which is the default of a StorageClass, a deleted claim or namespace deletes the disk at once.",
  fix: "set the policy to Retain, or list the name in disposable",
  check(object, report, settings) {
    const policy = policies[object.kind];
    const name = nameOf(object);
    if (policy === undefined || (name !== undefined && settings.disposable.includes(name))) return;
    const field = object.root.at(...policy.at);
    const kept = (field.absent ? policy.absent : field.text) === "Retain";
    if (!kept && name === undefined && settings.disposable.length > 0) report.undecidable(field);
    else report.check(field, () => kept, "the data goes with the object that asked for it");
  },
  good: [
    { name: "a class that retains", objects: [storageClass()] },
    {
      name: "a class for scratch",
      objects: [storageClass({ reclaimPolicy: "Delete" })],
      settings: { disposable: ["fast"] },
    },
    { name: "a volume of its own is retained by default", objects: [volume({})] },
    { name: "snapshots that stay", objects: [snapshotClass({ deletionPolicy: "Retain" })] },
  ],
  bad: [
    { name: "Delete", objects: [storageClass({ reclaimPolicy: "Delete" })], expect: [{ path: "reclaimPolicy" }] },
    { name: "absent is Delete", objects: [storageClass({ reclaimPolicy: null })], expect: [{ path: "reclaimPolicy" }] },
    {
      name: "the settings name another",
      objects: [storageClass({ reclaimPolicy: "Delete" })],
      settings: { disposable: ["slow"] },
      expect: [{ path: "reclaimPolicy" }],
    },
    {
      name: "a volume that is wiped",
      objects: [volume({ persistentVolumeReclaimPolicy: "Recycle" })],
      expect: [{ path: "spec.persistentVolumeReclaimPolicy" }],
    },
    {
      name: "snapshots that go",
      objects: [snapshotClass({ deletionPolicy: "Delete" })],
      expect: [{ path: "deletionPolicy" }],
    },
    {
      name: "snapshots of groups that go",
      objects: [snapshotClass({ deletionPolicy: "Delete" }, "VolumeGroupSnapshotClass")],
      expect: [{ path: "deletionPolicy" }],
    },
    {
      name: "a snapshot that goes",
      objects: [snapshotClass({ spec: { deletionPolicy: "Delete" } }, "VolumeSnapshotContent")],
      expect: [{ path: "spec.deletionPolicy" }],
    },
  ],
};
