import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { exceptionsAnnotation } from "../../components/kube/labels.ts";
import { charts } from "../../components/kube/versions.ts";
import { all, everything, find, regionNames } from "../support/objects.ts";
import { runOf, runWith } from "../support/runs.ts";

/** Tiers that live in each namespace of prod, by the names of their components. */
const tiers: Readonly<Record<string, readonly string[]>> = {
  "mmorpg-game": ["game", "data"],
  "ad-platform": ["ad-platform"],
  monitoring: ["monitoring"],
  "monitoring-agents": ["monitoring"],
};

/** Namespaces by region; the ads run in two of prod's three regions. */
const namespaces: Readonly<Record<string, readonly string[]>> = {
  "us-west": ["ad-platform", "mmorpg-game", "monitoring", "monitoring-agents"],
  "us-east": ["mmorpg-game", "monitoring", "monitoring-agents"],
  "eu-west": ["ad-platform", "mmorpg-game", "monitoring", "monitoring-agents"],
};

describe("the namespaces of game, ads and monitoring", () => {
  it("exist in every region before anything in them: the original created none of its namespaces", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const found = all(run, "Namespace", region);
      assert.deepEqual(found.map((one) => one.name).sort(), namespaces[region]);
      for (const namespace of found) {
        const parts = tiers[namespace.name] ?? [];
        assert.ok(parts.length > 0, `no tier is known in ${namespace.name}`);
        const guards = (["ResourceQuota", "LimitRange", "NetworkPolicy"] as const).flatMap((kind) =>
          all(run, kind, region).filter((one) => one.component === `namespace-${namespace.name}`),
        );
        assert.deepEqual(guards.map((one) => one.name).sort(), [
          ...[`${namespace.name}-limits`, `${namespace.name}-quota`, "allow-dns", "default-deny"].sort(),
        ]);
        for (const one of guards) assert.deepEqual(one.resource.dependsOn, [namespace.resource.urn], one.resource.name);
        for (const part of parts) {
          const tier = run.resources.find((one) => one.name === `${region}-${part}`);
          for (const { resource } of [namespace, ...guards]) {
            assert.ok(tier?.dependsOn.includes(resource.urn), `${region}-${part} does not wait for ${resource.name}`);
          }
        }
      }
    }
  });

  it("enforces, audits and warns by the restricted profile of the configured version", async () => {
    const run = await runWith("dev", { "cluster.kubernetesVersion": "1.35" });
    for (const name of ["mmorpg-game", "ad-platform-staging", "monitoring"]) {
      const { metadata } = find(run, "Namespace", name);
      for (const mode of ["enforce", "audit", "warn"]) {
        assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted", name);
        assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], "v1.35", name);
      }
      assert.equal(metadata.annotations?.[exceptionsAnnotation], undefined, name);
    }
  });

  it("lets only agents on nodes out of that profile, in a namespace of their own, with the reason and its end", async () => {
    for (const { name, object } of all(await runOf("prod"), "Namespace")) {
      const { labels, annotations } = object.metadata;
      const agents = name === "monitoring-agents";
      assert.equal(labels["pod-security.kubernetes.io/enforce"], agents ? "privileged" : "restricted", name);
      const said: unknown = JSON.parse(annotations?.[exceptionsAnnotation] ?? "[]");
      assert.deepEqual(
        (said as { allow: string; because: string; until: string }[]).map(({ allow }) => allow),
        agents ? ["node-agents"] : [],
        name,
      );
    }
  });

  it("of the ads say which environment they are, and that of the game has none", async () => {
    const environment = async (stack: "dev" | "prod", name: string) =>
      find(await runOf(stack), "Namespace", name).metadata.labels["environment"];
    assert.equal(await environment("prod", "ad-platform"), "production");
    assert.equal(await environment("dev", "ad-platform-staging"), "staging");
    assert.equal(await environment("prod", "mmorpg-game"), undefined);
  });

  it("hold everything that has a namespace, each what belongs to it", async () => {
    const cluster = ["Namespace", "PriorityClass", "StorageClass", "ClusterRole", "ClusterRoleBinding"];
    const homes = Object.entries(tiers).flatMap(([namespace, parts]) =>
      [...parts, `namespace-${namespace}`].map((part): [string, string] => [part, namespace]),
    );
    // Agents of nodes come with monitoring, and live beside it.
    const ofAgents = ["node-exporter", "otel-agent", "otel-agent-salt", "otel-agent-network-policy"];
    for (const { kind, component, name, resource } of everything(await runOf("prod"))) {
      const { namespace } = resource.inputs["metadata"] as { namespace?: string };
      const home = homes.flatMap(([part, space]) => (part === component ? [space] : []));
      const [only] = home.filter((one) => home.length === 1 || one.endsWith("-agents") === ofAgents.includes(name));
      const wanted = cluster.includes(kind) ? undefined : (only ?? `a home of ${component}`);
      assert.equal(namespace, wanted, resource.name);
    }
  });

  it("have the limits of the original design in every region, by which ads and monitoring live too", async () => {
    const run = await runOf("prod");
    // The largest volume of a namespace: the drill of PostgreSQL holds a dump, half as large as the store, and the store.
    const largest: Readonly<Record<string, string>> = { "mmorpg-game": "100Gi", "ad-platform": "150Gi" };
    const limit = (name: string) => largest[name] ?? "100Gi";
    const places = regionNames(run).flatMap((region) => (namespaces[region] ?? []).map((name) => ({ region, name })));
    assert.equal(places.length, 11);
    for (const { region, name } of places) {
      assert.deepEqual(find(run, "LimitRange", `${name}-limits`, region).spec.limits, [
        {
          type: "Container",
          default: { cpu: "500m", memory: "1Gi" },
          defaultRequest: { cpu: "100m", memory: "256Mi" },
          max: { cpu: "4", memory: "8Gi" },
          min: { cpu: "50m", memory: "128Mi" },
        },
        { type: "Pod", max: { cpu: "8", memory: "16Gi" }, min: { cpu: "100m", memory: "256Mi" } },
        { type: "PersistentVolumeClaim", max: { storage: limit(name) }, min: { storage: "1Gi" } },
      ]);
    }
  });

  it("have the quota of the original design where it fits", async () => {
    const run = await runOf("dev");
    const quota = {
      "requests.cpu": "50",
      "requests.memory": "100Gi",
      "limits.cpu": "100",
      "limits.memory": "200Gi",
      "requests.storage": "1Ti",
      persistentvolumeclaims: "20",
      pods: "200",
      services: "50",
      secrets: "100",
      configmaps: "100",
      "services.loadbalancers": "10",
      "services.nodeports": "20",
    };
    assert.deepEqual(find(run, "ResourceQuota", "mmorpg-game-quota").spec.hard, quota);
    for (const name of ["ad-platform-staging", "monitoring", "monitoring-agents"]) {
      assert.deepEqual(find(run, "ResourceQuota", `${name}-quota`).spec.hard, quota, name);
    }
  });

  it("have more than the original only where a region of prod needs more", async () => {
    const { hard } = find(await runOf("prod"), "ResourceQuota", "mmorpg-game-quota", "us-east").spec;
    assert.deepEqual(
      [hard["persistentvolumeclaims"], hard["pods"], hard["requests.storage"], hard["services.loadbalancers"]],
      ["24", "200", "1Ti", "10"],
    );
    assert.ok(Number(hard["requests.cpu"]) > 50);
    // Volumes: three servers of PostgreSQL with two each, six of Valkey, three brokers, six jobs; and a tenth more.
    const ads = find(await runOf("prod"), "ResourceQuota", "ad-platform-quota").spec.hard;
    assert.deepEqual(
      [ads["persistentvolumeclaims"], ads["pods"], ads["services.loadbalancers"], ads["services.nodeports"]],
      ["24", "200", "10", "20"],
    );
    // Two of Prometheus and three of Alertmanager with a volume each, Grafana, Jaeger, Loki: the original has room.
    const monitoring = find(await runOf("prod"), "ResourceQuota", "monitoring-quota").spec.hard;
    assert.deepEqual([monitoring["persistentvolumeclaims"], monitoring["pods"]], ["20", "200"]);
    // Two agents on each of up to 42 nodes.
    const agents = find(await runOf("prod"), "ResourceQuota", "monitoring-agents-quota").spec.hard;
    assert.deepEqual([agents["pods"], agents["persistentvolumeclaims"]], ["200", "20"]);
  });

  const stateful = ["Namespace", "StatefulSet", "InnoDBCluster", "Cluster", "Kafka", "KafkaNodePool", "KafkaTopic"];
  for (const [protectData, changes] of [
    [true, { "cluster.protectData": true }],
    [false, {}],
  ] as const) {
    it(`${protectData ? "cannot be deleted, nor can worlds, stores, topics, dashboards, traces and logs," : "can be deleted"} where protectData is ${protectData}`, async () => {
      const run = await runWith("dev", changes);
      const holders = everything(run).filter((one) => stateful.includes(one.kind));
      assert.deepEqual(holders.map((one) => `${one.kind} ${[one.namespace, one.name].join("/")}`).sort(), [
        "Cluster ad-platform-staging/postgres-cluster",
        "InnoDBCluster mmorpg-game/mysql-cluster",
        "Kafka ad-platform-staging/ads",
        "KafkaNodePool ad-platform-staging/brokers",
        "KafkaTopic ad-platform-staging/bids",
        "KafkaTopic ad-platform-staging/campaigns",
        "Namespace /ad-platform-staging",
        "Namespace /mmorpg-game",
        "Namespace /monitoring",
        "Namespace /monitoring-agents",
        "StatefulSet ad-platform-staging/redis-cluster",
        "StatefulSet mmorpg-game/game-world-servers",
        "StatefulSet mmorpg-game/redis-cluster",
        "StatefulSet monitoring/grafana",
        "StatefulSet monitoring/jaeger",
        "StatefulSet monitoring/loki",
      ]);
      for (const one of holders) {
        assert.deepEqual([one.resource.protect, one.resource.retainOnDelete], [protectData, protectData], one.name);
      }
    });
  }
});

describe("add-ons", () => {
  const release = "kubernetes:helm.sh/v3:Release";

  it("are installed from pinned charts in prod, before the workloads that need their kinds", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const releases = run.resources.filter((one) => one.type === release && one.provider === region);
      assert.deepEqual(
        releases.map(({ inputs }) => [inputs["chart"], inputs["version"], inputs["namespace"]]).sort(),
        Object.values(charts)
          .map((chart) => [chart.name, chart.version, chart.namespace])
          .sort(),
      );
      for (const part of new Set((namespaces[region] ?? []).flatMap((one) => tiers[one] ?? []))) {
        const tier = run.resources.find((one) => one.name === `${region}-${part}`);
        for (const one of releases)
          assert.ok(tier?.dependsOn.includes(one.urn), `${region}-${part} does not wait for ${one.name}`);
      }
    }
  });

  it("are left alone where the cluster has them", async () => {
    assert.deepEqual(
      (await runOf("dev")).resources.filter((one) => one.type === release),
      [],
    );
  });

  it("come one by one", async () => {
    const run = await runWith("dev", { "cluster.addons.keda.install": "helm" });
    assert.deepEqual(
      run.resources.filter((one) => one.type === release).map((one) => one.inputs["chart"]),
      ["keda"],
    );
  });
});
