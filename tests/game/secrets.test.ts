import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { secretMark } from "../../tools/offline/host.ts";
import { renderManifests } from "../../tools/offline/manifests.ts";
import { all, find, regionNames } from "../support/objects.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf } from "../support/runs.ts";

/** What the offline host makes up for every password, and how a Secret carries it. */
const canary = "offline-sample-value";
const encoded = Buffer.from(canary).toString("base64");

/** Programs of Valkey, and of its backups, in each namespace. */
const valkeyPrograms = ["agent", "backup", "exporter", "replication", "restore"].map((one) => `redis-${one}`);

/** Who logs in to a store of the game, as the names of their Secrets: workloads, jobs, and the stores' own programs. */
const storeUsers = [
  ...["auth-service", "game-server", "game-world-server", "guild-service", "player-service"].map(
    (one) => `mysql-${one}`,
  ),
  ...["backup", "migrations", "operator-root"].map((one) => `mysql-${one}`),
  ...["auth-service", "game-server", "game-world-server", "guild-service", "player-service"].map(
    (one) => `redis-${one}`,
  ),
  ...["matchmaking-service", "world-service"].map((one) => `redis-${one}`),
  ...valkeyPrograms,
];

/** Who logs in to a store of the ad platform. Bidding has no user of PostgreSQL. */
const adUsers = [
  ...["analytics-service", "backup", "campaign-service", "migrations", "restore"].map((one) => `postgres-${one}`),
  ...["bidding-service", "campaign-service"].map((one) => `redis-${one}`),
  ...valkeyPrograms,
  ...["analytics-service", "bidding-service", "campaign-service"].map((one) => `kafka-${one}`),
];

/** Secrets of monitoring, and the passwords in each: Grafana's and its key, and the salt of what logs say of people. */
const monitoringSecrets: Readonly<Record<string, number>> = {
  "monitoring/grafana-admin": 2,
  "monitoring-agents/otel-agent-salt": 1,
  // The operator wants settings in a Secret. They name files; see tests/monitoring/prometheus.test.ts.
  "monitoring/alertmanager-settings": 0,
};

function leaks(text: string): boolean {
  return text.includes(canary) || text.includes(encoded);
}

describe("secrets", () => {
  it("reach the engine in the Secret alone, and marked as secret", async () => {
    const registrations = await registrationsOf("prod");
    const leaking = registrations.filter((one) => leaks(JSON.stringify(one.raw)));
    assert.deepEqual([...new Set(leaking.map((one) => one.type))], ["kubernetes:core/v1:Secret"]);
    const secrets = all(await runOf("prod"), "Secret").filter((one) => one.name !== "alertmanager-settings");
    assert.deepEqual(leaking.map((one) => one.name).sort(), secrets.map((one) => one.resource.name).sort());
    for (const one of leaking) {
      const { data } = one.raw as { data: Record<string, unknown> };
      assert.ok(
        Object.values(data).includes("1b47061264138c4ac30d75fd1eb44270"),
        "the engine is not told that it is secret",
      );
    }
  });

  for (const stack of ["dev", "prod"] as const) {
    it(`stand in no recorded input, output or rendered file of ${stack}`, async () => {
      const run = await runOf(stack);
      assert.ok(!leaks(JSON.stringify(run)));
      for (const [path, text] of renderManifests(run)) assert.ok(!leaks(text), path);
      for (const { object } of all(run, "Secret")) assert.equal(object.data as unknown, secretMark);
    });
  }

  it("are random and long", async () => {
    const passwords = (await runOf("prod")).resources.filter((one) => one.type.startsWith("random:"));
    assert.ok(passwords.length > 2);
    for (const one of passwords) assert.ok(Number(one.inputs["length"]) >= 32, one.name);
  });

  it("of sessions and worlds are the same in every region, so that a session of one region is valid in the next", async () => {
    const run = await runOf("prod");
    const shared = run.resources.filter((one) => one.type.startsWith("random:") && one.name.startsWith("realmgrid-"));
    assert.deepEqual(shared.map((one) => one.name).sort(), [
      "realmgrid-session-signing-key",
      "realmgrid-world-mesh-key",
    ]);
    const urns = shared.map((one) => one.urn).sort();
    const secrets = all(run, "Secret").filter((one) => one.name === "game-server-secrets");
    assert.deepEqual(secrets.map((one) => one.region).sort(), regionNames(run).sort());
    for (const { resource } of secrets) assert.deepEqual(resource.dependsOn.toSorted(), urns);
  });

  it("of the stores are two for each user, namespace and region, which no other of these has, nor monitoring", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const secrets = all(run, "Secret", region).filter((one) => one.name !== "game-server-secrets");
      const wanted = [
        ...storeUsers.map((one) => `mmorpg-game/${one}`),
        ...(region === "us-east" ? [] : adUsers.map((one) => `ad-platform/${one}`)),
        ...Object.keys(monitoringSecrets),
      ];
      assert.deepEqual(secrets.map((one) => `${one.namespace}/${one.name}`).sort(), wanted.sort());
    }
    const secrets = all(run, "Secret").filter((one) => one.name !== "game-server-secrets");
    const made = secrets.flatMap(({ resource, namespace, name }) => {
      assert.equal(resource.dependsOn.length, monitoringSecrets[`${namespace}/${name}`] ?? 2, resource.name);
      return resource.dependsOn;
    });
    const passwords = run.resources.filter(
      (one) => one.type.startsWith("random:") && !one.name.startsWith("realmgrid-"),
    );
    assert.deepEqual(made.sort(), passwords.map((one) => one.urn).sort());
    assert.equal(new Set(made).size, made.length, "two Secrets share a password");
  });

  it("are read by name and key, never as a whole environment", async () => {
    const text = JSON.stringify((await runOf("prod")).resources.map((one) => one.inputs));
    assert.doesNotMatch(text, /"secretRef"/);
    assert.equal(find(await runOf("prod"), "Secret", "game-server-secrets").type, "Opaque");
  });

  it("are no ones of the original design, which stood there in clear", async () => {
    const files = [...renderManifests(await runOf("prod")).values()].join("\n");
    assert.doesNotMatch(files, /adplatform123|replicator123/);
  });
});
