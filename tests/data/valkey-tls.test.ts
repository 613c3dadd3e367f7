import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { writeCertificates } from "../../lab/certificates.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { judge } from "../../tools/policies/judgement.ts";
import { stackObjects } from "../../tools/policies/stack-objects.ts";
import { today } from "../policy-pack/support/findings.ts";
import { all, first } from "../support/objects.ts";
import { type Container, containersOf, environment, gameTemplates, type Template, templates } from "../support/pods.ts";
import { runWith } from "../support/runs.ts";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { accessScript, testPassword } from "../support/valkey/users.ts";
import { until } from "../support/valkey/waiting.ts";

const secret = "valkey-certificate";
const plain = { "data.backups.target": { kind: "volume" } };
const secured = { ...plain, "data.valkey.tlsSecretName": secret };

/** Pods of the game and its stores. */
const inGame = (list: readonly Template[]) => list.filter(({ namespace }) => namespace === gameNamespace);

const files = ["tls.crt", "tls.key", "ca.crt"];

/** Files of the Secret that a container sees, by path. */
function certificateFiles({ spec }: Template, container: Container): Map<string, string> {
  const found = (container.volumeMounts ?? []).flatMap(({ name, mountPath, readOnly }) => {
    const volume = spec.volumes.find((one) => one.name === name)?.secret;
    if (volume?.secretName !== secret) return [];
    assert.equal(volume.defaultMode, 0o440, `${container.name} ${name}`);
    assert.equal(readOnly, true, `${container.name} ${name}`);
    return volume.items.map(({ key, path }): [string, string] => [`${mountPath}/${path}`, key]);
  });
  return new Map(found);
}

/** Workload and container of all who see a file of the Secret. */
function whoSees(run: OfflineRun, key: string): string[] {
  return inGame(templates(run)).flatMap((template) =>
    containersOf(template)
      .filter((container) => [...certificateFiles(template, container).values()].includes(key))
      .map((container) => `${template.name} ${container.name}`),
  );
}

const valkey = (run: OfflineRun) => first(inGame(templates(run)).filter((one) => one.name === "redis-cluster"));
const settingsOf = (run: OfflineRun) =>
  first(all(run, "ConfigMap").filter(({ name, namespace }) => name === "redis-cluster" && namespace === gameNamespace))
    .object.data["valkey.conf"] ?? "";

describe("TLS of Valkey in the objects of a stack", () => {
  it("is nowhere unless a Secret is named", async () => {
    const run = await runWith("dev", plain);
    assert.doesNotMatch(settingsOf(run), /tls/);
    assert.match(settingsOf(run), /^port 6379$/m);
    const pods = inGame(templates(run));
    assert.ok(pods.some((one) => one.name === "redis-restore"));
    for (const { name, spec } of pods) {
      assert.doesNotMatch(JSON.stringify(spec), /_TLS|TLS_|CA_FILE|rediss:|certificate|authority/, name);
    }
    const [, , exporter] = valkey(run).spec.containers;
    assert.equal(environment(exporter, "REDIS_ADDR")?.value, "redis://127.0.0.1:6379");
  });

  it("closes the plain port of the servers, whose pods roll", async () => {
    const [before, after] = [await runWith("dev", plain), await runWith("dev", secured)];
    const lines = settingsOf(after).split("\n");
    for (const line of ["port 0", "tls-port 6379", "tls-cluster yes", "tls-replication yes"])
      assert.ok(lines.includes(line), line);
    const checksum = "realmgrid.io/config-checksum";
    assert.notEqual(valkey(before).annotations[checksum], valkey(after).annotations[checksum]);
    const server = first(valkey(after).spec.containers);
    const seen = certificateFiles(valkey(after), server);
    for (const [setting, key] of [
      ["tls-ca-cert-file", "ca.crt"],
      ["tls-cert-file", "tls.crt"],
      ["tls-key-file", "tls.key"],
    ]) {
      const path = lines.find((line) => line.startsWith(`${setting} `))?.split(" ")[1];
      assert.equal(seen.get(path ?? ""), key, setting);
    }
  });

  it("names in every environment only files that the container sees, each by its own variable", async () => {
    const keys: Record<string, string> = {
      TLS_CA_FILE: "ca.crt",
      TLS_CERT_FILE: "tls.crt",
      TLS_KEY_FILE: "tls.key",
      CA_FILE: "ca.crt",
      REDIS_EXPORTER_TLS_CA_CERT_FILE: "ca.crt",
    };
    const named: string[] = [];
    for (const template of inGame(templates(await runWith("dev", secured)))) {
      for (const container of containersOf(template)) {
        const seen = certificateFiles(template, container);
        const paths = (container.env ?? []).filter(({ value }) => files.some((file) => value?.endsWith(`/${file}`)));
        for (const { name, value } of paths) {
          assert.equal(seen.get(value), keys[name], `${template.name} ${container.name} ${name}`);
        }
        if (paths.length > 0)
          named.push(`${template.name} ${container.name}: ${paths.map(({ name }) => name).join(" ")}`);
      }
    }
    assert.deepEqual(named.sort(), [
      "redis-backup dump-valkey: CA_FILE",
      "redis-cluster access: TLS_CA_FILE TLS_CERT_FILE TLS_KEY_FILE",
      "redis-cluster agent: TLS_CA_FILE TLS_CERT_FILE TLS_KEY_FILE",
      "redis-cluster exporter: REDIS_EXPORTER_TLS_CA_CERT_FILE",
      "redis-cluster redis: TLS_CA_FILE TLS_CERT_FILE TLS_KEY_FILE",
      "redis-restore restore-valkey: CA_FILE TLS_CERT_FILE TLS_KEY_FILE",
    ]);
  });

  it("shows the key to the servers' own containers and to the restore by hand alone", async () => {
    const run = await runWith("dev", secured);
    assert.deepEqual(whoSees(run, "tls.key").sort(), [
      "redis-cluster access",
      "redis-cluster agent",
      "redis-cluster redis",
      "redis-restore restore-valkey",
    ]);
  });

  it("has the exporter check the certificate, by the name that the servers have for each other", async () => {
    const template = valkey(await runWith("dev", secured));
    const [server, , exporter] = template.spec.containers;
    const address = environment(exporter, "REDIS_ADDR")?.value ?? "";
    const [, host = ""] = /^rediss:\/\/(.*):6379$/.exec(address) ?? [];
    const peers = environment(server, "PEERS")?.value?.split(" ") ?? [];
    assert.ok(peers.includes(host.replace("$(POD_NAME)", `${template.name}-0`)), address);
    // Kubernetes fills in only what stands before.
    const names = (exporter?.env ?? []).map(({ name }) => name);
    assert.ok(names.includes("POD_NAME") && names.indexOf("POD_NAME") < names.indexOf("REDIS_ADDR"));
    assert.ok(!names.includes("REDIS_EXPORTER_SKIP_TLS_VERIFICATION"));
  });

  it("tells every caller, with the authority of the certificates", async () => {
    for (const { name, spec } of inGame(gameTemplates(await runWith("dev", secured)))) {
      const [container] = spec.containers;
      assert.equal(environment(container, "REDIS_TLS")?.value, "true", name);
      assert.deepEqual(environment(container, "REDIS_TLS_CA")?.valueFrom?.secretKeyRef, {
        name: secret,
        key: "ca.crt",
      });
    }
  });

  it("says of everything that names the Secret that the program does not make it, and no policy objects", async () => {
    const run = await runWith("dev", { ...secured, "images.pullSecret": "registry" });
    const naming = inGame(templates(run)).filter(({ spec }) => JSON.stringify(spec).includes(`"${secret}"`));
    assert.ok(naming.length >= 10);
    for (const { name, annotations, owner } of naming) {
      const said = [annotations, owner.object.metadata.annotations].map((one) => one?.["realmgrid.io/made-elsewhere"]);
      assert.match(said.join(" "), new RegExp(`\\bSecret/${secret}\\b`), name);
    }
    const { findings } = judge(stackObjects(run), {}, today);
    assert.deepEqual(
      findings.filter(({ verdict, level }) => verdict === "violated" || level === "mandatory"),
      [],
    );
  });
});

describe("a real server that speaks TLS", function () {
  this.timeout(120_000);
  let folder = "";
  let pods: ValkeyPods | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
  });
  after(async () => {
    await pods?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("learns new passwords from the script beside it", async function () {
    await writeCertificates(folder);
    const [caFile = "", certFile = "", keyFile = ""] = ["ca.crt", "server.crt", "server.key"].map((file) =>
      join(folder, file),
    );
    const tls = { TLS_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
    pods = await ValkeyPods.create({
      count: 1,
      replicasPerPrimary: 0,
      settings: { tls: { caFile, certFile, keyFile } },
      agentEnvironment: () => tls,
    });
    if (pods === undefined) return this.skip();
    const [one, pod] = [pods, pods.pod(0)];
    await one.startServer(pod, false);
    await until("the server answers", async () => (await one.run(pod, "startup")).code === 0);
    writeFileSync(join(one.folder, "users", "world", "password"), "Second2");
    const refresh = (change: Record<string, string>) =>
      execFileSync("sh", [accessScript, "refresh"], {
        env: {
          ...one.environment(pod),
          USERS_FOLDER: join(one.folder, "users"),
          RULES_FILE: join(one.folder, "rules"),
          ACCESS_FOLDER: one.folder,
          REPLICATION_USER: "replication",
          ...change,
        },
        stdio: ["ignore", "pipe", "pipe"],
        encoding: "utf8",
      });
    assert.throws(() => refresh({ TLS_CA_FILE: "" }), /the server does not take users\.acl/);
    assert.equal(refresh({}), "valkey-access: the server has read users.acl\n");
    assert.ok(!one.argumentLines().some((line) => line.includes(testPassword) || line.includes("Second2")));
  });
});
