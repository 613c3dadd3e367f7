import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Report } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import { custom, mysql } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";
import { kindOf } from "./stores.ts";

/** Clusters of CloudNativePG that a schedule backs up, by namespace and name; "?" where an unknown value decides. */
function scheduled(cluster: Cluster): Set<string> {
  return new Set(
    cluster
      .ofKind("ScheduledBackup")
      .filter((one) => one.root.at("spec", "suspend").value !== true)
      .map((one) => {
        const name = one.root.at("spec", "cluster", "name");
        const unknown = name.unknown || namespaceOf(one) === undefined || one.root.at("spec", "suspend").unknown;
        return unknown ? "?" : `${namespaceOf(one)}/${name.text}`;
      }),
  );
}

function checkPostgres(object: KubeObject, schedules: ReadonlySet<string>, report: Report): void {
  const replica = object.root.at("spec", "replica", "enabled");
  // A replica of another cluster is backed up there.
  if (replica.value === true || schedules.has(`${namespaceOf(object)}/${nameOf(object)}`)) return;
  const place = { field: object.root.at("spec", "backup"), object };
  const unnamed = nameOf(object) === undefined || namespaceOf(object) === undefined;
  if (replica.unknown || schedules.has("?") || (unnamed && schedules.size > 0)) report.undecidable(place);
  else report.violated(place, "no ScheduledBackup of the stack names this cluster");
}

function checkMysql(object: KubeObject, report: Report): void {
  const field = object.root.at("spec", "backupSchedules");
  const place = { field, object };
  const switches = field.items().map((one) => one.at("enabled"));
  if (switches.some((one) => !one.unknown && one.value !== false)) return;
  if (switches.some((one) => one.unknown)) report.undecidable(place);
  else report.violated(place, "has no schedule of backups that is enabled");
}

const postgres = custom("postgresql.cnpg.io/v1", "Cluster", { instances: 3 });

function backup(more: object, namespace = "sample") {
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "ScheduledBackup",
    metadata: { name: "nightly", namespace },
    spec: { schedule: "0 0 3 * * *", cluster: { name: "data" }, ...more },
  };
}

/** Stores that can be restored. Backups that another tool takes are excused by an exemption. */
export const backupExists: ClusterRule<DataProtectionSettings> = {
  id: "backup-exists",
  subject: "cluster",
  level: "advisory",
  title: "A database that its operator can back up has a schedule of backups.",
  why: "Copies on other members follow every mistake at once; only a backup has the state before it.",
  fix: "add a ScheduledBackup for the Cluster, or backupSchedules to the InnoDBCluster",
  check(cluster, report) {
    const schedules = scheduled(cluster);
    for (const object of cluster.ofKind("Cluster", "InnoDBCluster")) {
      if (object.partial) continue;
      if (kindOf(object) === "postgresql.cnpg.io/Cluster") checkPostgres(object, schedules, report);
      if (kindOf(object) === "mysql.oracle.com/InnoDBCluster") checkMysql(object, report);
    }
  },
  good: [
    { name: "a schedule of PostgreSQL", objects: [postgres, backup({})] },
    {
      name: "a replica of another cluster",
      objects: [custom("postgresql.cnpg.io/v1", "Cluster", { replica: { enabled: true } })],
    },
    { name: "a schedule of MySQL", objects: [mysql()] },
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
