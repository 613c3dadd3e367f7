import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { custom, mysql } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";
import { kindOf } from "./stores.ts";

/** Annotation of a CronJob that backs up a store of its namespace, as Kind/name. */
const backupAnnotation = "realmgrid.io/backup-of";

/** Stores with a schedule of backups, as namespace/Kind/name; "?" where an unknown value decides which. */
function scheduled(cluster: Cluster): Set<string> {
  const found = new Set<string>();
  const add = (schedule: KubeObject, store: Field, kind: string) => {
    const suspended = schedule.root.at("spec", "suspend");
    if (suspended.value === true || store.absent) return;
    const namespace = namespaceOf(schedule);
    const unknown = store.unknown || suspended.unknown || namespace === undefined;
    found.add(unknown ? "?" : `${namespace}/${kind}${store.text}`);
  };
  for (const one of cluster.ofKind("ScheduledBackup")) add(one, one.root.at("spec", "cluster", "name"), "Cluster/");
  for (const one of cluster.ofKind("CronJob")) add(one, one.root.at("metadata", "annotations", backupAnnotation), "");
  return found;
}

/** A replica of another cluster is backed up there. */
function isReplica(object: KubeObject): Answer {
  const replica = object.root.at("spec", "replica", "enabled");
  return replica.unknown ? undefined : replica.value === true;
}

function hasSchedules(object: KubeObject): Answer {
  const switches = object.root
    .at("spec", "backupSchedules")
    .items()
    .map((one) => one.at("enabled"));
  if (switches.some((one) => !one.unknown && one.value !== false)) return true;
  return switches.some((one) => one.unknown) ? undefined : false;
}

/** What each kind itself says of its backups, and where. */
const kinds = new Map<string, { at: string; backed: (object: KubeObject) => Answer }>([
  ["postgresql.cnpg.io/Cluster", { at: "backup", backed: isReplica }],
  ["mysql.oracle.com/InnoDBCluster", { at: "backupSchedules", backed: hasSchedules }],
]);

const postgres = custom("postgresql.cnpg.io/v1", "Cluster", { instances: 3 });

function backup(more: object, namespace = "sample") {
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "ScheduledBackup",
    metadata: { name: "nightly", namespace },
    spec: { schedule: "0 0 3 * * *", cluster: { name: "data" }, ...more },
  };
}

function job(backupOf: string, spec: object = {}) {
  const annotations = { [backupAnnotation]: backupOf };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "dump", namespace: "sample", annotations },
    spec,
  };
}

/** Stores that can be restored. Backups that another tool takes are excused by an exemption. */
export const backupExists: ClusterRule<DataProtectionSettings> = {
  id: "backup-exists",
  subject: "cluster",
  level: "advisory",
  title: "A database that its operator can back up has a schedule of backups.",
  why: "Copies on other members follow every mistake at once; only a backup has the state before it.",
  fix: "add a ScheduledBackup for the Cluster, backupSchedules to the InnoDBCluster, or a CronJob with realmgrid.io/backup-of",
  check(cluster, report) {
    const schedules = scheduled(cluster);
    for (const object of cluster.ofKind("Cluster", "InnoDBCluster")) {
      const kind = kinds.get(kindOf(object));
      if (kind === undefined || object.partial) continue;
      const [namespace, name] = [namespaceOf(object), nameOf(object)];
      const own = kind.backed(object);
      if (own === true || schedules.has(`${namespace}/${object.kind}/${name}`)) continue;
      const place = { field: object.root.at("spec", kind.at), object };
      const unnamed = (namespace === undefined || name === undefined) && schedules.size > 0;
      if (own === undefined || unnamed || schedules.has("?")) report.undecidable(place);
      else report.violated(place, "no schedule of the stack backs it up");
    }
  },
  good: [
    { name: "a schedule of PostgreSQL", objects: [postgres, backup({})] },
    {
      name: "a replica of another cluster",
      objects: [custom("postgresql.cnpg.io/v1", "Cluster", { replica: { enabled: true } })],
    },
    { name: "a schedule of MySQL", objects: [mysql()] },
    {
      name: "a job of the program backs it up",
      objects: [mysql({ backupSchedules: null }), job("InnoDBCluster/data"), postgres, job("Cluster/data")],
    },
    { name: "a cluster of machines holds no data", objects: [custom("cluster.x-k8s.io/v1beta1", "Cluster", {})] },
  ],
  bad: [
    { name: "no schedule of PostgreSQL", objects: [postgres], expect: [{ path: "spec.backup" }] },
    {
      name: "a schedule of another cluster",
      objects: [postgres, backup({ cluster: { name: "other" } })],
      expect: [{ path: "spec.backup" }],
    },
    {
      name: "a schedule of another namespace",
      objects: [postgres, backup({}, "other")],
      expect: [{ path: "spec.backup" }],
    },
    {
      name: "a schedule that is suspended",
      objects: [postgres, backup({ suspend: true })],
      expect: [{ path: "spec.backup" }],
    },
    {
      name: "no schedule of MySQL",
      objects: [mysql({ backupSchedules: null })],
      expect: [{ path: "spec.backupSchedules" }],
    },
    {
      name: "a schedule of MySQL that is off",
      objects: [mysql({ backupSchedules: [{ name: "nightly", enabled: false }] })],
      expect: [{ path: "spec.backupSchedules" }],
    },
  ],
};
