import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { backupScripts } from "../../components/data/backup-jobs.ts";
import type { BackupStoreKind } from "../../components/data/backup-plan.ts";
import { StoreBackups } from "../../components/data/backups.ts";
import { mysqlToolsImage, rcloneImage } from "../../components/kube/versions.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { type Configured, configured, mysqlPlan } from "../support/backup/configured.ts";
import { scriptFolder } from "../support/backup/scripts.ts";
import { all, find, first } from "../support/objects.ts";
import { type Container, containersOf, templateOf } from "../support/pods.ts";

const plan = mysqlPlan;

function runOf(backups: Configured, more: { caSecretName?: string } = {}): Promise<OfflineRun> {
  return runAlone((options) => {
    new StoreBackups(
      "us-west-mysql-backups",
      {
        namespace: "mmorpg-game",
        plan,
        host: "mysql-primary-service",
        port: 3306,
        databases: ["mmorpg"],
        secretName: "mysql-backup",
        restoreSecretName: "mysql-operator-root",
        backups,
        folder: "us-west",
        scratchClass: "",
        backupOf: "InnoDBCluster/mysql-cluster",
        image: mysqlToolsImage("8.4.10"),
        checks: { "orphans.sql": "SELECT 1 WHERE FALSE;" },
        dedicated: true,
        partOf: "mmorpg",
        needs: [],
        ...more,
      },
      options,
    );
  });
}

function value(container: Container | undefined, name: string): unknown {
  const found = (container?.env ?? []).find((one) => one.name === name);
  return found?.value ?? found?.valueFrom;
}

/** Scripts that a script reads, itself included. */
function textOf(script: string): string {
  const text = readFileSync(join(scriptFolder, script), "utf8");
  const more = [...text.matchAll(/^\. "\$\(dirname "\$0"\)\/(\S+)"/gm)].map(([, name = ""]) => textOf(name));
  return [text, ...more].join("\n");
}

describe("the jobs of a store's backup", () => {
  it("are a backup, a drill a day, and a restore that only a person starts", async () => {
    const run = await runOf(configured());
    assert.deepEqual(
      all(run, "CronJob").map(({ name, object }) => [name, object.spec.schedule, object.spec.suspend]),
      [
        ["mysql-backup", "10 3,9,15,21 * * *", false],
        ["mysql-drill", "40 5 * * *", false],
        ["mysql-restore", "0 0 31 2 *", true],
      ],
    );
    for (const { object } of all(run, "CronJob")) {
      assert.deepEqual([object.spec.timeZone, object.spec.concurrencyPolicy], ["Etc/UTC", "Forbid"]);
      assert.ok(object.spec.jobTemplate.spec.activeDeadlineSeconds < 24 * 3600);
    }
    assert.equal(find(run, "CronJob", "mysql-drill").spec.jobTemplate.spec.backoffLimit, 0);
  });

  it("keep the scratch volume of one run at most: finished Jobs go, and a retry is in the same pod", async () => {
    const run = await runOf(configured());
    for (const { object, name } of all(run, "CronJob")) {
      const { spec } = object.spec.jobTemplate;
      assert.ok(spec.ttlSecondsAfterFinished <= 3600, name);
      assert.ok(spec.backoffLimit === 0 || spec.template.spec.restartPolicy === "OnFailure", name);
      const scratch = spec.template.spec.volumes.find((one) => one.name === "scratch");
      assert.equal(scratch?.ephemeral.volumeClaimTemplate.spec.accessModes.join(), "ReadWriteOnce");
    }
  });

  it("dump with the store's image and upload with rclone; the drill does it the other way round", async () => {
    const run = await runOf(configured());
    const steps = (name: string) =>
      containersOf(templateOf(run, name)).map(({ image, command }) => [image, command[1]]);
    assert.deepEqual(steps("mysql-backup"), [
      [mysqlToolsImage("8.4.10"), "/scripts/backup-dump-mysql.sh"],
      [rcloneImage, "/scripts/backup-upload.sh"],
    ]);
    for (const name of ["mysql-drill", "mysql-restore"]) {
      assert.deepEqual(steps(name), [
        [rcloneImage, "/scripts/backup-fetch.sh"],
        [mysqlToolsImage("8.4.10"), "/scripts/backup-restore-mysql.sh"],
      ]);
    }
  });

  it("get every variable that their scripts cannot do without", async () => {
    const run = await runOf(configured());
    for (const name of ["mysql-backup", "mysql-drill", "mysql-restore"]) {
      for (const container of containersOf(templateOf(run, name))) {
        const text = textOf((container.command[1] ?? "").replace("/scripts/", ""));
        const set = new Set([...text.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, one]) => one));
        // `${NAME:-...}` does without; what is read in any other way must be there.
        const optional = new Set([...text.matchAll(/\$\{([A-Z][A-Z_]+):[-+]/g)].map(([, one]) => one));
        const read = [...text.matchAll(/\$\{?([A-Z][A-Z_]{2,})/g)].map(([, one = ""]) => one);
        const given = new Set((container.env ?? []).map((one) => one.name));
        const missing = read.filter((one) => !given.has(one) && !set.has(one) && !optional.has(one));
        // Read by what logs in at a store, in a function that all scripts have.
        const allowed = (container.volumeMounts ?? []).some((one) => one.name === "secret") ? [] : ["SECRET_FOLDER"];
        assert.deepEqual(
          [...new Set(missing)].filter((one) => !allowed.includes(one)),
          [],
          `${name} ${container.name}`,
        );
      }
    }
  });

  it("have in the drill no way to the real store: no host, no Secret of it", async () => {
    const run = await runOf(configured());
    const drill = templateOf(run, "mysql-drill");
    for (const container of containersOf(drill)) {
      for (const name of ["TARGET_HOST", "STORE_HOST", "SECRET_FOLDER"])
        assert.equal(value(container, name), undefined);
    }
    assert.deepEqual(
      drill.spec.volumes.flatMap((one) => (one.secret ? [one.secret.secretName] : [])),
      ["backup-key"],
    );
    const restore = templateOf(run, "mysql-restore");
    assert.equal(value(first(restore.spec.containers), "TARGET_HOST"), "mysql-primary-service");
    assert.equal(value(first(restore.spec.containers), "CONFIRM"), "");
    assert.equal(value(first(restore.spec.initContainers), "STAMP"), "");
  });

  it("mount Secrets as files that only their user reads, and name keys of the storage one by one", async () => {
    const run = await runOf(configured());
    const backup = templateOf(run, "mysql-backup");
    const secrets = backup.spec.volumes.flatMap((one) => (one.secret ? [one.secret] : []));
    assert.deepEqual(
      secrets.map(({ secretName, defaultMode, items }) => [secretName, defaultMode, items.map((one) => one.key)]),
      [
        ["backup-key", 0o440, ["password"]],
        ["mysql-backup", 0o440, ["username", "password"]],
      ],
    );
    const upload = first(backup.spec.containers);
    assert.deepEqual(value(upload, "RCLONE_CONFIG_BACKUP_SECRET_ACCESS_KEY"), {
      secretKeyRef: { name: "backup-storage", key: "secret-access-key" },
    });
    assert.equal(value(upload, "REMOTE_PATH"), "game-backups/realmgrid/us-west");
    assert.equal(value(upload, "STORE"), "mysql");
    // The dump knows nothing of the storage, the upload nothing of the store.
    assert.equal(value(first(backup.spec.initContainers), "RCLONE_CONFIG_BACKUP_TYPE"), undefined);
    assert.ok(!(upload.volumeMounts ?? []).some((one) => one.name === "secret"));
  });

  it("check the store's certificate where an authority is given", async () => {
    const run = await runOf(configured(), { caSecretName: "mysql-ca" });
    for (const name of ["mysql-backup", "mysql-restore"]) {
      const container = containersOf(templateOf(run, name)).find((one) => /dump|restore/.test(one.name));
      assert.equal(value(container, "CA_FILE"), "/authority/ca.crt");
      assert.ok(container?.volumeMounts.some((one) => one.mountPath === "/authority"));
    }
  });

  it("are hardened like every pod, without a token, each with an account of its own", async () => {
    const run = await runOf(configured());
    for (const name of ["mysql-backup", "mysql-drill", "mysql-restore"]) {
      const { spec } = templateOf(run, name);
      assert.deepEqual([spec.serviceAccountName, spec.automountServiceAccountToken], [name, false]);
      assert.equal(spec.securityContext.runAsUser, 1000);
      for (const container of containersOf(templateOf(run, name)))
        assert.equal(container.securityContext.readOnlyRootFilesystem, true);
      for (const container of containersOf(templateOf(run, name))) {
        const mounts = (container.volumeMounts ?? []).map((one) => one.name);
        for (const mount of mounts)
          assert.ok(
            spec.volumes.some((one) => one.name === mount),
            `${name} ${mount}`,
          );
      }
      for (const volume of spec.volumes.filter((one) => one.name !== "tmp")) {
        const used = containersOf(templateOf(run, name)).some((one) =>
          one.volumeMounts.some((mount) => mount.name === volume.name),
        );
        assert.ok(used, `${name} mounts ${volume.name} nowhere`);
      }
    }
  });

  it("ship the scripts as they are, and the checks", async () => {
    const run = await runOf(configured());
    const { data } = find(run, "ConfigMap", "mysql-backup-scripts");
    for (const [file, text] of Object.entries(data)) assert.equal(text, readFileSync(join(scriptFolder, file), "utf8"));
    assert.deepEqual(find(run, "ConfigMap", "mysql-backup-checks").data, {
      "orphans.sql": "SELECT 1 WHERE FALSE;",
    });
  });

  for (const kind of ["mysql", "postgres", "valkey"] as const satisfies readonly BackupStoreKind[]) {
    it(`ship for ${kind} every file that its scripts read`, () => {
      const shipped = backupScripts(kind);
      for (const [file, text] of Object.entries(shipped)) {
        for (const [, name = ""] of text.matchAll(/\$\(dirname "\$0"\)\/([\w.-]+)/g)) {
          assert.ok(name in shipped, `${file} reads ${name}`);
          assert.ok(existsSync(join(scriptFolder, name)));
        }
      }
      // One object of a cluster holds 1 MiB.
      assert.ok(Object.values(shipped).join("").length < 100_000);
    });
  }
});
