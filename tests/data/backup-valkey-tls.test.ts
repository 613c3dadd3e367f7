import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { writeCertificates } from "../../lab/certificates.ts";
import { freePort } from "../support/backup/ports.ts";
import { Programs } from "../support/backup/programs.ts";
import { runScript, secretFolder } from "../support/backup/scripts.ts";
import { passwords, ValkeyCluster } from "../support/backup/valkey.ts";

const keys = 100;

/** An authority and a certificate of it, in a folder of the name; the user of the pods reads them. */
async function certificate(programs: Programs, name: string) {
  const folder = programs.room(name);
  await writeCertificates(folder);
  chmodSync(join(folder, "server.key"), 0o644);
  return {
    caFile: join(folder, "ca.crt"),
    certFile: join(folder, "server.crt"),
    keyFile: join(folder, "server.key"),
  };
}

describe("backup and restore of a real Valkey Cluster that speaks TLS", function () {
  this.timeout(300_000);
  let here: {
    programs: Programs;
    source: ValkeyCluster;
    target: ValkeyCluster;
    tls: Awaited<ReturnType<typeof certificate>>;
    otherCa: string;
  };
  const started: ValkeyCluster[] = [];
  let programs: Programs | undefined;
  let dump = "";

  before(async function () {
    programs = await Programs.create("busybox", "valkey");
    if (programs === undefined) return this.skip();
    const tls = await certificate(programs, "certificates");
    const otherCa = (await certificate(programs, "strangers")).caFile;
    const source = await ValkeyCluster.start(programs, "source", 2, tls);
    started.push(source);
    const target = await ValkeyCluster.start(programs, "target", 2, tls);
    started.push(target);
    await source.load(Array.from({ length: keys }, (_, index) => `SET session:${index} "Þórr ${index}"`));
    dump = programs.room("dump");
    here = { programs, source, target, tls, otherCa };
  });

  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
    programs?.remove();
  });

  const run = (script: string, environment: Record<string, string>) =>
    runScript(here.programs, script, environment, {
      shell: [join(here.programs.folder, "busybox"), "sh"],
      onlyPrograms: true,
    });
  const login = (user: "backup" | "restore") =>
    secretFolder(here.programs, user, { username: user, password: passwords[user] });
  const dumpTo = (folder: string, environment: Record<string, string>) =>
    run("backup-dump-valkey", {
      STORE_HOST: "127.0.0.1",
      STORE_PORT: String(here.source.port),
      SECRET_FOLDER: login("backup"),
      BACKUP_FOLDER: folder,
      ...environment,
    });
  const restore = async (environment: Record<string, string>) =>
    run("backup-restore-valkey", {
      BACKUP_FOLDER: dump,
      WORK_FOLDER: here.programs.room("work"),
      TARGET_HOST: "127.0.0.1",
      TARGET_PORT: String(here.target.port),
      LOCAL_PORT: String(await freePort()),
      SECRET_FOLDER: login("restore"),
      ...environment,
    });
  const certified = () => ({
    CA_FILE: here.tls.caFile,
    TLS_CERT_FILE: here.tls.certFile,
    TLS_KEY_FILE: here.tls.keyFile,
  });
  /** Servers that the script has started so far, by their arguments. */
  const ownServers = () =>
    here.programs.argumentLines().filter((line) => line.startsWith("valkey-server ") && line.includes("/work/"));

  it("dumps every primary where the authority is the servers' own", async () => {
    const { code, stdout, stderr } = await dumpTo(dump, { CA_FILE: here.tls.caFile });
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`: ${keys} rows or keys, `));
  });

  it("refuses to dump from servers of another authority, and without TLS gets no answer", async () => {
    const wrong = await dumpTo(here.programs.room("wrong"), { CA_FILE: here.otherCa });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /the server refused: .*certificate verify failed/);
    const plain = await dumpTo(here.programs.room("plain"), {});
    assert.equal(plain.code, 1);
    assert.match(plain.stderr, /the server refused: /);
  });

  it("drills in a server that listens nowhere, though it could speak TLS", async () => {
    const before = ownServers().length;
    const { code, stderr } = await restore({ ...certified(), TARGET_HOST: "" });
    assert.equal(code, 0, stderr);
    const servers = ownServers().slice(before);
    assert.equal(servers.length, 2);
    for (const line of servers) {
      assert.match(line, /--port 0 /);
      assert.doesNotMatch(line, /tls/);
    }
  });

  it("copies keys by TLS, from a server that only the pod itself reaches", async () => {
    const before = ownServers().length;
    const { code, stderr } = await restore(certified());
    assert.equal(code, 0, stderr);
    assert.equal(await here.target.size(), keys);
    const get = ["GET", "session:42"];
    assert.equal(await here.target.call(here.target.port, get), await here.source.call(here.source.port, get));
    const servers = ownServers().slice(before);
    assert.equal(servers.length, 2);
    for (const line of servers) assert.match(line, /--port \d+ --tls-cluster yes .*--bind 127\.0\.0\.1 /);
  });

  it("deletes nothing where the authority is not the cluster's or the certificate is not there", async () => {
    const may = { ...certified(), CONFIRM: "127.0.0.1" };
    const size = await here.target.size();
    assert.ok(size > 0);
    const wrong = await restore({ ...may, CA_FILE: here.otherCa });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /127\.0\.0\.1 refused: .*certificate verify failed/);
    const { TLS_KEY_FILE: _, ...without } = may;
    for (const environment of [without, { ...may, TLS_CERT_FILE: "/nowhere/tls.crt" }]) {
      const missing = await restore(environment);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /CA_FILE needs TLS_CERT_FILE and TLS_KEY_FILE, files that can be read; got "/);
    }
    assert.equal(await here.target.size(), size);
  });
});
