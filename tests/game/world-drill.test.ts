import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { parse } from "yaml";
import { hoursAgo, stampOf } from "../support/backup/dumps.ts";

const script = (name: string) => fileURLToPath(new URL(`../../components/game/${name}.sh`, import.meta.url));

/** Answers as the real one does to the calls of the script; every call is written to calls.log. */
const kubectl = `#!/bin/sh
cd "$FAKE" || exit 70
shift 2
echo "kubectl $*" >> calls.log
verb="$1 $2"
[ ! -e "fail-$1-$2" ] || exit 1
case "$verb" in
"get pods") cat pods ;;
"get configmap") cat turns ;;
"patch configmap")
  for patch; do :; done
  echo "$patch" | sed 's/{"data":{"\\(.*\\)":"\\(.*\\)"}}/\\1 \\2/' > turn
  world=$(cut -d ' ' -f 1 turn)
  grep -v "^$world " turns > kept; cat kept turn > turns ;;
"get volumesnapshots")
  world=$(echo "$*" | sed -n 's/.*realmgrid.io\\/world=\\([^ ]*\\).*/\\1/p')
  case "$*" in *'readyToUse==true'*) [ ! -e "snapshots-$world" ] || cat "snapshots-$world" ;; *) exit 65 ;; esac ;;
"create --filename")
  cat > object
  if grep -q PersistentVolumeClaim object; then mv object claim.yaml; else mv object job.json; fi ;;
"create job") printf '{"kind": "Job", "metadata": {"name": "%s"}, "spec": {"claimName": "world-drill-check"}}\\n' "$3" ;;
"get job") cat state ;;
"logs job/"*) echo "world whole: 3 files as in world.manifest" ;;
"delete job,pvc" | "delete job" | "delete pvc") echo "deleted $*" ;;
*) echo "unexpected: kubectl $*" >&2; exit 64 ;;
esac
`;

describe("the drill of worlds", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-drill-"));
    given("kubectl", kubectl);
    // The script waits between two looks at the Job.
    given("sleep", '#!/bin/sh\necho "sleep $*" >> "$FAKE/calls.log"\n');
    for (const name of ["kubectl", "sleep"]) chmodSync(join(folder, name), 0o755);
    given("pods", "world-0\nworld-1\nworld-10\n");
    given("turns");
    given("state", "1 ");
    for (const world of ["world-0", "world-1", "world-10"])
      given(`snapshots-${world}`, `${world}-${stampOf(hoursAgo(1))} 10Gi\n`);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function given(file: string, text = ""): void {
    writeFileSync(join(folder, file), text);
  }

  function text(file: string): string {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  function run(environment: Record<string, string> = {}): SpawnSyncReturns<string> & { calls: string[] } {
    const result = spawnSync("sh", [script("world-drill")], {
      encoding: "utf8",
      env: {
        PATH: `${folder}:${process.env["PATH"]}`,
        FAKE: folder,
        NAMESPACE: "mmorpg-game",
        SELECTOR: "app=world",
        CHECK: "world-drill-check",
        STATE: "turns",
        CLASS: "",
        SIZE: "20Gi",
        MAX_AGE_HOURS: "3",
        WAIT_SECONDS: "20",
        ...environment,
      },
    });
    return { ...result, calls: text("calls.log").split("\n").filter(Boolean) };
  }

  const removed = (calls: readonly string[]) =>
    ["job", "pvc"].every((kind) =>
      calls.some((call) => new RegExp(`^kubectl delete ${kind} world-drill-\\d{8}-\\d{6} `).test(call)),
    );

  it("makes a volume from the newest snapshot of a world, has it read, says so, and removes both", () => {
    const [old, newest] = [stampOf(hoursAgo(2)), stampOf(hoursAgo(1))];
    given("snapshots-world-0", `world-0-${newest} 12Gi\nworld-0-${old} 10Gi\n`);
    const { status, stdout, stderr, calls } = run();
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `restored world-0-${newest} of world-0: world whole: 3 files as in world.manifest\n`);
    const claim = parse(text("claim.yaml"));
    assert.match(claim.metadata.name, /^world-drill-\d{8}-\d{6}$/);
    assert.equal(claim.metadata.labels["realmgrid.io/drill"], "world-drill-check");
    assert.deepEqual(claim.spec, {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "12Gi" } },
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: `world-0-${newest}` },
    });
    // The Job reads this run's volume, not one of another run.
    assert.equal(JSON.parse(text("job.json")).spec.claimName, claim.metadata.name);
    assert.ok(removed(calls));
  });

  it("takes the world that has waited longest, so that each has its turn", () => {
    const turns = Array.from({ length: 4 }, () => {
      const { status, stderr } = run();
      assert.equal(status, 0, stderr);
      // A second is the shortest time between two turns that can be told apart.
      spawnSync("sleep", ["1.1"]);
      return text("turn").split(" ")[0];
    });
    assert.deepEqual(turns, ["world-0", "world-1", "world-10", "world-0"]);
  });

  it("gives a world that fails its turn all the same, so that the others have theirs", () => {
    given("snapshots-world-0", "");
    const { status, stderr } = run();
    assert.equal(status, 1);
    assert.match(stderr, /world-0 has no snapshot that could be restored/);
    assert.equal(run().status, 0);
    assert.match(text("turn"), /^world-1 /);
  });

  it("fails when the newest snapshot is too old, or is named without a time", () => {
    given("snapshots-world-0", `world-0-${stampOf(hoursAgo(4))} 10Gi\n`);
    const old = run();
    assert.equal(old.status, 1);
    assert.match(old.stderr, /newest snapshot of world-0 is .* older than 3 h/);
    given("turns");
    given("snapshots-world-0", "world-0-manual 10Gi\n");
    assert.match(run().stderr, /world-0-manual is named without a time/);
    assert.ok(!existsSync(join(folder, "claim.yaml")));
  });

  it("fails when the volume is no good, says why, and removes what it made", () => {
    given("state", " 1");
    const { status, stderr, calls } = run();
    assert.equal(status, 1);
    assert.match(stderr, /of world-0 is no good: world whole/);
    assert.ok(removed(calls));
  });

  it("waits for so long and no longer, and removes what it made", () => {
    given("state", " ");
    const { status, stderr, calls } = run();
    assert.equal(status, 1);
    assert.match(stderr, /was not read in 20 s/);
    assert.equal(calls.filter((call) => call === "sleep 5").length, 4);
    assert.ok(removed(calls));
  });

  it("removes the volume when no pod could be made to read it", () => {
    given("fail-create-job");
    const { status, stderr, calls } = run();
    assert.equal(status, 1);
    assert.match(stderr, /there is no CronJob world-drill-check/);
    assert.ok(removed(calls));
  });

  it("begins with removing what a killed run has left", () => {
    const { calls } = run();
    assert.match(calls[0] ?? "", /^kubectl delete job,pvc --selector realmgrid\.io\/drill=world-drill-check /);
  });

  it("fails when worlds, turns or snapshots cannot be read or kept, or there is no world", () => {
    for (const file of ["fail-get-pods", "fail-get-configmap", "fail-patch-configmap", "fail-get-volumesnapshots"]) {
      given(file);
      assert.equal(run().status, 1, file);
      rmSync(join(folder, file));
    }
    given("pods");
    const none = run();
    assert.equal(none.status, 1);
    assert.match(none.stderr, /no pod has the labels app=world/);
  });

  it("names the class where there is one, and takes its own size where the snapshot says none", () => {
    given("snapshots-world-0", `world-0-${stampOf(hoursAgo(1))} \n`);
    assert.equal(run({ CLASS: "scratch" }).status, 0);
    const { spec } = parse(text("claim.yaml"));
    assert.deepEqual([spec.storageClassName, spec.resources.requests.storage], ["scratch", "20Gi"]);
  });
});

describe("the check of a world's volume", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-world-"));
    mkdirSync(join(folder, "chunks"));
    write("level.dat", "level");
    write("chunks/0 0.bin", "chunk");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(file: string, content: string): void {
    writeFileSync(join(folder, file), content);
  }

  function manifest(files: Readonly<Record<string, string>>): void {
    const sum = (content: string) => createHash("sha256").update(content).digest("hex");
    write(
      "world.manifest",
      Object.entries(files)
        .map(([file, content]) => `${sum(content)}  ${file}\n`)
        .join(""),
    );
  }

  const run = () =>
    spawnSync("sh", [script("world-drill-check")], { encoding: "utf8", env: { ...process.env, WORLD_FOLDER: folder } });

  it("compares every file with the manifest that the world has written", () => {
    manifest({ "level.dat": "level", "chunks/0 0.bin": "chunk" });
    const { status, stdout, stderr } = run();
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "world whole: 2 files as in world.manifest\n");
  });

  it("refuses a file that is changed or gone, by name, and an empty manifest", () => {
    manifest({ "level.dat": "level", "chunks/0 0.bin": "chunk" });
    write("chunks/0 0.bin", "chunK");
    const changed = run();
    assert.equal(changed.status, 1);
    assert.match(changed.stderr, /chunks\/0 0\.bin: FAILED/);
    rmSync(join(folder, "level.dat"));
    assert.match(run().stderr, /level\.dat/);
    write("world.manifest", "");
    assert.match(run().stderr, /world\.manifest is empty/);
  });

  it("reads every file of a world that writes no manifest, and says that it could not compare", () => {
    const { status, stdout } = run();
    assert.equal(status, 0);
    assert.equal(stdout, "world readable: 2 files, 10 bytes; it writes no world.manifest to compare with\n");
  });

  it("refuses a volume without files, and one whose files are all empty", () => {
    write("level.dat", "");
    write("chunks/0 0.bin", "");
    const empty = run();
    assert.equal(empty.status, 1);
    assert.match(empty.stderr, /every file of the volume is empty/);
    rmSync(join(folder, "level.dat"));
    rmSync(join(folder, "chunks"), { recursive: true });
    // A fresh file system has this folder, which only root reads.
    mkdirSync(join(folder, "lost+found"));
    write("lost+found/rest", "rest");
    assert.match(run().stderr, /the volume holds no file/);
  });
});
