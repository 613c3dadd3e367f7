/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { custom, mysql, resource, storageClass, store } from "../../../policy-pack/rules/data-protection/cases.ts";
import { dataProtection } from "../../../policy-pack/rules/data-protection/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const postgres = custom("postgresql.cnpg.io/v1", "Cluster", {});
function named(manifest: Manifest, name: unknown, namespace: unknown = "sample"): Manifest {
  return { ...manifest, metadata: { name, namespace } };
}

function backup(spec: object): Manifest {
  return named(
    { apiVersion: "postgresql.cnpg.io/v1", kind: "ScheduledBackup", spec: { cluster: { name: "data" }, ...spec } },
    "x",
  );
}

const dump = (backupOf: unknown): Manifest => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name: "dump", namespace: "sample", annotations: { "realmgrid.io/backup-of": backupOf } },
});

const set = "apps/v1:StatefulSet";
const space = "core/v1:Namespace";
const namespace = (name: unknown): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const unsureStore = store({ volumeClaimTemplates: unknown });

const rows: Row[] = [
  [
    "protected-store",
    "claims that may be there",
    [resource(set, unsureStore, false)],
    [" undecidable"],
    { protect: "always" },
  ],
  [
    "protected-store",
    "claims that may be there, protected",
    [resource(set, unsureStore, true)],
    [],
    { protect: "always" },
  ],
  [
    "protected-store",
    "a namespace of an unknown name",
    [resource(set, store(), true), resource(space, namespace(unknown), false)],
    [" undecidable"],
  ],
  [
    "protected-store",
    "a store in an unknown namespace",
    [resource(set, named(store(), "x", unknown), true), resource(space, namespace("sample"), false)],
    [" undecidable"],
  ],
  [
    "protected-store",
    "a namespace of an unknown name, and no store",
    [resource(space, namespace(unknown), false)],
    [],
    { protect: "always" },
  ],
  [
    "claim-retention",
    "an unknown policy",
    [store({ persistentVolumeClaimRetentionPolicy: { whenScaled: unknown } })],
    ["spec.persistentVolumeClaimRetentionPolicy.whenScaled undecidable"],
  ],
  ["reclaim-policy", "an unknown policy", [storageClass({ reclaimPolicy: unknown })], ["reclaimPolicy undecidable"]],
  [
    "reclaim-policy",
    "an unknown name that the settings may list",
    [storageClass({ metadata: { name: unknown }, reclaimPolicy: "Delete" })],
    ["reclaimPolicy undecidable"],
    { disposable: ["x"] },
  ],
  [
    "reclaim-policy",
    "an unknown name that no setting can list",
    [storageClass({ metadata: { name: unknown }, reclaimPolicy: "Delete" })],
    ["reclaimPolicy violated"],
  ],
  [
    "volume-expansion",
    "an unknown provisioner",
    [storageClass({ provisioner: unknown, allowVolumeExpansion: null })],
    ["allowVolumeExpansion undecidable"],
  ],
  ["volume-expansion", "an unknown provisioner of what can grow", [storageClass({ provisioner: unknown })], []],
  ["store-quorum", "an unknown number", [mysql({ instances: unknown })], ["spec.instances undecidable"]],
  [
    "store-quorum",
    "an unknown role",
    [custom("kafka.strimzi.io/v1", "KafkaNodePool", { replicas: 2, roles: ["broker", unknown] })],
    ["spec.replicas undecidable"],
  ],
  [
    "store-quorum",
    "no number of a pool",
    [custom("kafka.strimzi.io/v1", "KafkaNodePool", { roles: ["controller"] })],
    [],
  ],
  [
    "store-quorum",
    "absent members of MySQL, where one is enough",
    [mysql({ instances: null })],
    [],
    { minimumMembers: 1 },
  ],
  [
    "store-quorum",
    "absent members of MongoDB",
    [custom("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", {})],
    [],
    { minimumMembers: 1 },
  ],
  [
    "store-quorum",
    "absent members of RabbitMQ",
    [custom("rabbitmq.com/v1beta1", "RabbitmqCluster", {})],
    [],
    { minimumMembers: 1 },
  ],
  [
    "store-quorum",
    "four of Percona",
    [custom("pxc.percona.com/v1", "PerconaXtraDBCluster", { pxc: { size: 4 } })],
    ["spec.pxc.size violated"],
  ],
  [
    "backup-exists",
    "a schedule of an unknown cluster",
    [postgres, backup({ cluster: { name: unknown } })],
    ["spec.backup undecidable"],
  ],
  [
    "backup-exists",
    "a schedule that may be suspended",
    [postgres, backup({ suspend: unknown })],
    ["spec.backup undecidable"],
  ],
  [
    "backup-exists",
    "a schedule in an unknown namespace",
    [postgres, named(backup({}), "x", unknown)],
    ["spec.backup undecidable"],
  ],
  [
    "backup-exists",
    "a cluster of an unknown name beside a schedule",
    [named(postgres, unknown), backup({})],
    ["spec.backup undecidable"],
  ],
  [
    "backup-exists",
    "a cluster of an unknown name, and no schedule",
    [named(postgres, unknown)],
    ["spec.backup violated"],
  ],
  [
    "backup-exists",
    "a cluster that may be a replica",
    [custom("postgresql.cnpg.io/v1", "Cluster", { replica: { enabled: unknown } })],
    ["spec.backup undecidable"],
  ],
  [
    "backup-exists",
    "a schedule of MySQL that may be on",
    [mysql({ backupSchedules: [{ enabled: unknown }] })],
    ["spec.backupSchedules undecidable"],
  ],
  [
    "backup-exists",
    "an unknown schedule of MySQL",
    [mysql({ backupSchedules: [unknown] })],
    ["spec.backupSchedules undecidable"],
  ],
  [
    "backup-exists",
    "a schedule of MySQL that is on beside an unknown one",
    [mysql({ backupSchedules: [{ enabled: unknown }, { enabled: true }] })],
    [],
  ],
  [
    "backup-exists",
    "a schedule of MySQL without a switch",
    [mysql({ backupSchedules: [{ schedule: "0 3 * * *" }] })],
    [],
  ],
  [
    "backup-exists",
    "a job that backs up an unknown store",
    [mysql({ backupSchedules: null }), dump(unknown)],
    ["spec.backupSchedules undecidable"],
  ],
  [
    "backup-exists",
    "a job that backs up nothing",
    [mysql({ backupSchedules: null }), dump(null)],
    ["spec.backupSchedules violated"],
  ],
];

describe("stores and unknown values", () => {
  itSays(dataProtection, rows);
});
