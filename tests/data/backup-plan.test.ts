import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { limitRange } from "../../components/capacity/quota.ts";
import { backupTargetMistakes, DataBackups } from "../../components/config/data-backups.ts";
import { backupNodes } from "../../components/data/backup-jobs.ts";
import { backupWorkloads, planBackup } from "../../components/data/backup-plan.ts";
import { targetAccess } from "../../components/data/backup-target.ts";
import { bytes, cpuMillis, gibibyte } from "../../components/kube/quantities.ts";
import { bucket, type Configured, configured, mysqlPlan } from "../support/backup/configured.ts";

describe("the plan of a store's backup", () => {
  const plans = {
    mysql: mysqlPlan,
    postgres: planBackup({ name: "postgres", kind: "postgres", pool: "data", dataBytes: 60 * gibibyte }),
    valkey: planBackup({
      name: "valkey",
      kind: "valkey",
      pool: "data",
      dataBytes: 3 * gibibyte,
      serverMemoryBytes: gibibyte,
    }),
  };

  it("has scratch volumes for the dump, and for the dump and the restored data", () => {
    assert.deepEqual(plans.mysql.scratch, { backup: "25Gi", restore: "75Gi" });
    // Snapshots are loaded into memory.
    assert.deepEqual(plans.valkey.scratch, { backup: "3Gi", restore: "3Gi" });
    for (const one of backupWorkloads(plans.mysql)) assert.ok(one.claimBytes);
  });

  it("gives the server of Valkey's drill the memory of a real one", () => {
    assert.equal(plans.valkey.sizes.restore.limits.memory, "1Gi");
  });

  it("stays within the limit range of the namespace", () => {
    const { max, min } = limitRange.container;
    for (const one of Object.values(plans).flatMap(backupWorkloads)) {
      for (const { requests, limits } of one.pod.containers) {
        assert.ok(cpuMillis(requests.cpu) >= cpuMillis(min.cpu) && cpuMillis(limits.cpu) <= cpuMillis(max.cpu));
        assert.ok(bytes(requests.memory) >= bytes(min.memory) && bytes(limits.memory) <= bytes(max.memory));
        assert.ok(bytes(requests.memory) <= bytes(limits.memory) && cpuMillis(requests.cpu) <= cpuMillis(limits.cpu));
      }
      assert.ok((one.claimBytes ?? 0) <= bytes(limitRange.claim.max), one.name);
    }
  });

  it("says whom the jobs call: the drill reaches the storage alone", () => {
    const target = configured().target;
    const calls = (backups: Configured["target"]) =>
      Object.fromEntries(
        backupNodes(mysqlPlan, { stores: ["mysql", "mysql-router"], port: 3306, target: backups }).map((one) => [
          one.name,
          one.calls,
        ]),
      );
    const stores = ["mysql", "mysql-router"].map((to) => ({ to, ports: [3306] }));
    assert.deepEqual(calls(target), {
      "mysql-backup": [...stores, { to: "internet" }],
      "mysql-drill": [{ to: "internet" }],
      "mysql-restore": [...stores, { to: "internet" }],
    });
    const own = configured({ ...bucket, endpoint: "https://10.1.2.3:9000", addresses: ["10.1.2.3/32"], port: 9000 });
    assert.deepEqual(calls(own.target)["mysql-drill"], [{ to: "addresses", cidrs: ["10.1.2.3/32"], ports: [9000] }]);
    assert.deepEqual(calls(configured({ kind: "volume" }).target)["mysql-drill"], []);
  });
});

describe("where backups are kept", () => {
  const variables = (target: unknown) => targetAccess(configured(target).target, "us-west", "mysql");

  it("is told to rclone by its environment alone, for every kind", () => {
    const s3 = variables({ ...bucket, endpoint: "https://storage.example.com" });
    assert.equal(s3.environment["RCLONE_CONFIG_BACKUP_PROVIDER"], "Other");
    assert.equal(s3.environment["RCLONE_CONFIG_BACKUP_ENDPOINT"], "https://storage.example.com");
    const gcs = variables({ kind: "gcs", bucket: "b-1", secretName: "s", encryption: "none" });
    assert.equal(gcs.environment["RCLONE_CONFIG_BACKUP_TYPE"], "google cloud storage");
    assert.equal(gcs.environment["RCLONE_CONFIG_BACKUP_SERVICE_ACCOUNT_FILE"], "/credentials/service-account.json");
    assert.equal(gcs.environment["ENCRYPTION_FILE"], undefined);
    assert.deepEqual(gcs.mounts, [{ name: "credentials", mountPath: "/credentials", readOnly: true }]);
    const azure = variables({ kind: "azure", bucket: "container", secretName: "s", encryptionSecretName: "k" });
    assert.deepEqual(azure.environment["RCLONE_CONFIG_BACKUP_KEY"], { secretKeyRef: { name: "s", key: "key" } });
    const volume = variables({ kind: "volume", prefix: "" });
    assert.deepEqual(volume.environment, {
      RCLONE_CONFIG_BACKUP_TYPE: "local",
      REMOTE_PATH: "/target/us-west",
      STORE: "mysql",
    });
    assert.deepEqual(volume.volumes, [{ name: "target", persistentVolumeClaim: { claimName: "store-backups" } }]);
  });

  it("must be said, once: a backup without it is one mistake", () => {
    const [mistake, ...more] = backupTargetMistakes("data.backups", DataBackups.parse({}));
    assert.deepEqual(more, []);
    assert.equal(mistake?.path, "data.backups.target");
    assert.match(mistake?.want ?? "", /s3, gcs, azure or volume/);
    assert.deepEqual(backupTargetMistakes("data.backups", DataBackups.parse({ enabled: false })), []);
  });

  it("needs encryption outside of the cluster, or a word that it is not wanted", () => {
    const open = { ...bucket, encryptionSecretName: "" };
    const mistakes = (target: unknown) =>
      backupTargetMistakes("data.backups", DataBackups.parse({ target })).map((one) => one.path);
    assert.deepEqual(mistakes(open), ["data.backups.target.encryptionSecretName"]);
    assert.deepEqual(mistakes({ ...open, encryption: "none" }), []);
    assert.deepEqual(mistakes(bucket), []);
    assert.deepEqual(mistakes({ kind: "volume" }), []);
  });

  it("is refused by the schema where a field is not of its kind", () => {
    for (const target of [
      { ...bucket, kind: "ftp" },
      { ...bucket, bucket: "Bucket/with/slash" },
      { ...bucket, secretName: "" },
      { ...bucket, prefix: "../elsewhere" },
      { kind: "volume", bucket: "b-1" },
      { kind: "gcs", bucket: "b-1" },
    ])
      assert.equal(DataBackups.safeParse({ target }).success, false, JSON.stringify(target));
  });
});
