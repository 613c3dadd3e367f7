import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { parse } from "yaml";
import { find, first } from "../support/objects.ts";
import { templateOf } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

const script = fileURLToPath(new URL("../../components/game/backup.sh", import.meta.url));

/** Answers as the real one does to the calls of the script; every call is written to calls.log. */
const kubectl = `#!/bin/sh
cd "$FAKE" || exit 70
echo "kubectl $*" >> calls.log
case "$1 $2" in
"get pods")
  [ -e pods.fail ] && exit 1
  cat pods ;;
"create --filename")
  cat > "manifest.$$"
  name=$(sed -n 's/^  name: //p' "manifest.$$")
  world=$(sed -n 's/^    realmgrid.io\\/world: //p' "manifest.$$")
  mv "manifest.$$" "created-$name.yaml"
  [ ! -e "create.fail-$world" ] ;;
"get volumesnapshots")
  [ -e list.fail ] && exit 1
  world=$(echo "$*" | sed -n 's/.*realmgrid.io\\/world=\\([^ ]*\\).*/\\1/p')
  touch "snapshots-$world"
  case "$*" in
  *'readyToUse==true'*) sed -n 's/ ready$//p' "snapshots-$world" ;;
  *) cut -d ' ' -f 1 "snapshots-$world" ;;
  esac ;;
"delete volumesnapshot")
  echo "$5" >> deleted
  [ ! -e delete.fail ] ;;
*) echo "unexpected: kubectl $*" >&2; exit 64 ;;
esac
`;

const curl = `#!/bin/sh
cd "$FAKE" || exit 70
for url; do :; done
echo "curl $*" >> calls.log
world=\${url#http://}
[ ! -e "save.fail-\${world%%.*}" ]
`;

interface Result {
  status: number | null;
  stderr: string;
  calls: string[];
  /** Manifests that were created, by the world that they are of. */
  created: Record<string, Snapshot>;
  deleted: string[];
}

interface Snapshot {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: { volumeSnapshotClassName?: string; source: { persistentVolumeClaimName: string } };
}

describe("the backup script", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-backup-"));
    for (const [name, text] of [
      ["kubectl", kubectl],
      ["curl", curl],
    ] as const) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    given("pods", "world-0\nworld-1\nworld-2\n");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function given(file: string, text = ""): void {
    writeFileSync(join(folder, file), text);
  }

  function lines(file: string): string[] {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  }

  function run(environment: Record<string, string> = {}): Result {
    const { status, stderr } = spawnSync("sh", [script], {
      encoding: "utf8",
      env: {
        PATH: `${folder}:${process.env["PATH"]}`,
        FAKE: folder,
        NAMESPACE: "mmorpg-game",
        SELECTOR: "app=world",
        SERVICE: "worlds",
        PORT: "9090",
        CLAIM: "world-data",
        KEEP: "2",
        SNAPSHOT_CLASS: "",
        SAVE_SECONDS: "90",
        PARALLEL: "2",
        ...environment,
      },
    });
    const manifests = readdirSync(folder)
      .filter((file) => file.startsWith("created-"))
      .map((file): Snapshot => parse(readFileSync(join(folder, file), "utf8")));
    return {
      status,
      stderr,
      calls: lines("calls.log"),
      created: Object.fromEntries(manifests.map((one) => [one.metadata.labels["realmgrid.io/world"] ?? "", one])),
      deleted: lines("deleted"),
    };
  }

  it("saves every world and takes a snapshot of its volume", () => {
    const { status, calls, created, stderr } = run();
    assert.equal(status, 0, stderr);
    assert.deepEqual(Object.keys(created).sort(), ["world-0", "world-1", "world-2"]);
    for (const [world, { apiVersion, kind, metadata, spec }] of Object.entries(created)) {
      assert.deepEqual([apiVersion, kind], ["snapshot.storage.k8s.io/v1", "VolumeSnapshot"]);
      assert.match(metadata.name, new RegExp(`^${world}-\\d{8}-\\d{6}$`));
      assert.equal(metadata.namespace, "mmorpg-game");
      assert.deepEqual(spec, { source: { persistentVolumeClaimName: `world-data-${world}` } });
      const saved = calls.findIndex((call) => call.endsWith(`http://${world}.worlds.mmorpg-game.svc:9090/save`));
      const listed = calls.findIndex((call) => call.includes(`realmgrid.io/world=${world}`));
      assert.ok(saved !== -1 && saved < listed, "the snapshot is older than the save");
    }
  });

  it("asks for the worlds by their labels, and gives each the time of its last save", () => {
    const { calls } = run();
    assert.match(first(calls), /get pods --namespace mmorpg-game --selector app=world/);
    for (const call of calls.filter((one) => one.startsWith("curl")))
      assert.match(call, /--fail .*--max-time 90 --request POST/);
  });

  it("goes on with the others when one world does not save, takes no snapshot of it, and fails", () => {
    given("save.fail-world-1");
    const { status, created, stderr } = run();
    assert.equal(status, 1);
    assert.deepEqual(Object.keys(created).sort(), ["world-0", "world-2"]);
    assert.match(stderr, /world-1: not saved/);
  });

  it("goes on with the others when one snapshot is refused, keeps the old ones of that world, and fails", () => {
    given("create.fail-world-0");
    given(
      "snapshots-world-0",
      "world-0-20260101-000000 ready\nworld-0-20260102-000000 ready\nworld-0-20260103-000000 ready\n",
    );
    const { status, created, deleted, stderr } = run();
    assert.equal(status, 1);
    assert.deepEqual(Object.keys(created).sort(), ["world-0", "world-1", "world-2"]);
    assert.deepEqual(deleted, []);
    assert.match(stderr, /world-0: saved, but no snapshot/);
  });

  it("keeps the newest snapshots that can be restored and removes older ones", () => {
    given(
      "snapshots-world-1",
      [
        "20260103-000000 ready",
        "20260105-000000 pending",
        "20260101-120000 ready",
        "20260104-000000 ready",
        "20251231-000000 ready",
      ]
        .map((one) => `world-1-${one}\n`)
        .join(""),
    );
    const { status, deleted } = run();
    assert.equal(status, 0);
    assert.deepEqual(deleted.sort(), ["world-1-20251231-000000", "world-1-20260101-120000"]);
  });

  it("removes nothing while there are no more than it keeps", () => {
    given("snapshots-world-1", "world-1-20260103-000000 ready\nworld-1-20260104-000000 ready\n");
    assert.deepEqual(run().deleted, []);
  });

  it("fails when an old snapshot cannot be removed", () => {
    given("snapshots-world-1", "world-1-20260103-000000 ready\nworld-1-20260104-000000 ready\n");
    given("delete.fail");
    assert.equal(run({ KEEP: "1" }).status, 1);
  });

  it("fails when it cannot list the old snapshots, which would pile up unseen", () => {
    given("list.fail");
    assert.equal(run().status, 1);
  });

  it("fails when there is no world to save, or the worlds cannot be listed", () => {
    given("pods", "");
    const none = run();
    assert.equal(none.status, 1);
    assert.match(none.stderr, /no pod has the labels app=world in mmorpg-game/);
    given("pods.fail");
    assert.equal(run().status, 1);
  });

  it("names the snapshot class where there is one, and leaves it to the cluster where not", () => {
    assert.equal(run({ SNAPSHOT_CLASS: "fast" }).created["world-0"]?.spec.volumeSnapshotClassName, "fast");
    assert.equal(run().created["world-0"]?.spec.volumeSnapshotClassName, undefined);
  });

  it("stands in the ConfigMap as it is, and gets every variable that it reads", async () => {
    const text = readFileSync(script, "utf8");
    assert.equal(find(await runOf("prod"), "ConfigMap", "world-backup").data["backup.sh"], text);
    const { spec } = templateOf(await runOf("prod"), "world-backup");
    const given = (spec.containers[0]?.env ?? []).map((one) => one.name);
    const read = [...text.matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name]) => name ?? "");
    assert.deepEqual(
      [...new Set(read)].filter((name) => !given.includes(name)),
      [],
    );
    assert.deepEqual(spec.containers[0]?.command, ["/bin/sh", "/script/backup.sh"]);
  });
});

describe("the backup job", () => {
  it("runs every hour, never beside itself, and ends before the next run", async () => {
    const { spec } = find(await runOf("prod"), "CronJob", "world-backup");
    assert.deepEqual([spec.schedule, spec.timeZone, spec.concurrencyPolicy], ["15 * * * *", "Etc/UTC", "Forbid"]);
    assert.ok(spec.jobTemplate.spec.activeDeadlineSeconds < 3600);
  });

  it("may do no more than list worlds and keep snapshots", async () => {
    const { rules } = find(await runOf("prod"), "Role", "world-backup");
    assert.deepEqual(rules, [
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
      {
        apiGroups: ["snapshot.storage.k8s.io"],
        resources: ["volumesnapshots"],
        verbs: ["get", "list", "create", "delete"],
      },
    ]);
  });

  it("takes schedule, number and class of snapshots from the configuration", async () => {
    const run = await runWith("dev", {
      "game.worlds.backup": { schedule: "0 4 * * *", keep: 7, snapshotClass: "fast", maxAgeHours: 26 },
    });
    assert.equal(find(run, "CronJob", "world-backup").spec.schedule, "0 4 * * *");
    const value = (name: string) =>
      templateOf(run, "world-backup").spec.containers[0]?.env.find((one) => one.name === name)?.value;
    assert.deepEqual([value("KEEP"), value("SNAPSHOT_CLASS")], ["7", "fast"]);
  });
});
