import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { charts } from "../../components/kube/versions.ts";
import { all, everything, find, first, regionNames } from "../support/objects.ts";
import { type OperatedWorkload, operatedWorkloads, toldPods } from "../support/operated.ts";
import { templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

/** Tiers that live in each namespace of prod, by the names of their components. */
const tiers: Readonly<Record<string, readonly string[]>> = {
  "mmorpg-game": ["game", "data"],
  "ad-platform": ["ad-platform"],
};

/** Namespaces by region; the ads run in two of prod's three regions. */
const namespaces: Readonly<Record<string, readonly string[]>> = {
  "us-west": ["ad-platform", "mmorpg-game"],
  "us-east": ["mmorpg-game"],
  "eu-west": ["ad-platform", "mmorpg-game"],
};

describe("the namespaces of game and ads", () => {
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
    for (const name of ["mmorpg-game", "ad-platform-staging"]) {
      const { metadata } = find(run, "Namespace", name);
      for (const mode of ["enforce", "audit", "warn"]) {
        assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted", name);
        assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], "v1.35", name);
      }
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
    const cluster = ["Namespace", "PriorityClass", "StorageClass"];
    const homes = Object.entries(tiers).flatMap(([namespace, parts]) =>
      [...parts, `namespace-${namespace}`].map((part): [string, string] => [part, namespace]),
    );
    for (const { kind, component, resource } of everything(await runOf("prod"))) {
      const { namespace } = resource.inputs["metadata"] as { namespace?: string };
      const wanted = cluster.includes(kind) ? undefined : (new Map(homes).get(component) ?? `a home of ${component}`);
      assert.equal(namespace, wanted, resource.name);
    }
  });

  it("have the limits of the original design in every region, by which the ads live too", async () => {
    const run = await runOf("prod");
    // The largest volume of a namespace: the drill of PostgreSQL holds a dump, half as large as the store, and the store.
    const largest: Readonly<Record<string, string>> = { "mmorpg-game": "100Gi", "ad-platform": "150Gi" };
    const places = regionNames(run).flatMap((region) => (namespaces[region] ?? []).map((name) => ({ region, name })));
    assert.equal(places.length, 5);
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
        { type: "PersistentVolumeClaim", max: { storage: largest[name] }, min: { storage: "1Gi" } },
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
    assert.deepEqual(find(run, "ResourceQuota", "ad-platform-staging-quota").spec.hard, quota);
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
  });

  const stateful = ["Namespace", "StatefulSet", "InnoDBCluster", "Cluster", "Kafka", "KafkaNodePool", "KafkaTopic"];
  for (const [protectData, changes] of [
    [true, { "cluster.protectData": true }],
    [false, {}],
  ] as const) {
    it(`${protectData ? "cannot be deleted, nor can worlds, stores and topics," : "can be deleted"} where protectData is ${protectData}`, async () => {
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
        "StatefulSet ad-platform-staging/redis-cluster",
        "StatefulSet mmorpg-game/game-world-servers",
        "StatefulSet mmorpg-game/redis-cluster",
      ]);
      for (const one of holders) {
        assert.deepEqual([one.resource.protect, one.resource.retainOnDelete], [protectData, protectData], one.name);
      }
    });
  }
});

describe("priority classes", () => {
  it("put stores before worlds, worlds before services, services before game servers, the ads after players, and jobs last", async () => {
    const classes = all(await runOf("prod"), "PriorityClass", "us-west").map((one) => one.object);
    const order = classes.toSorted((one, other) => other.value - one.value).map((one) => one.metadata.name);
    assert.deepEqual(order, ["stores", "game-worlds", "game-services", "game-sessions", "ad-services", "game-batch"]);
    assert.ok(classes.every((one) => one.globalDefault !== true && one.value < 1_000_000_000));
  });

  it("let jobs wait rather than push somebody out", async () => {
    for (const { object } of all(await runOf("dev"), "PriorityClass")) {
      const batch = object.metadata.name === "game-batch";
      assert.equal(object.preemptionPolicy, batch ? "Never" : "PreemptLowerPriority");
    }
  });

  it("are what pods of each pool carry", async () => {
    const run = await runOf("dev");
    // Of these the resources say the class themselves.
    const told = new Map(toldPods(run).map((one) => [`${one.namespace} ${one.name}`, one.priorityClassName]));
    const classOf = ({ madeBy, spec, namespace }: OperatedWorkload) =>
      told.get(`${namespace} ${madeBy.kind} ${madeBy.name}`) ?? spec.priorityClassName;
    const carried = [
      ...templates(run).map((one) => ({ ...one, carries: one.spec.priorityClassName })),
      ...operatedWorkloads(run).map((one) => ({ ...one, carries: classOf(one) })),
    ].map((one) => [one.kind, one.labels["app.kubernetes.io/component"] ?? one.name, one.carries].join(" "));
    assert.deepEqual([...new Set(carried)].sort(), [
      "CronJob backup game-batch",
      // Whoever rotates a password waits for it, and so do pods that start with the new one.
      "CronJob users game-services",
      "Deployment ads-entity-operator stores",
      "Deployment mysql-cluster-router stores",
      "Deployment postgres-pooler stores",
      "Deployment service ad-services",
      "Deployment service game-services",
      "Deployment session game-sessions",
      "StatefulSet ads-brokers stores",
      "StatefulSet mysql-cluster stores",
      "StatefulSet postgres-cluster stores",
      "StatefulSet store stores",
      "StatefulSet world game-worlds",
    ]);
  });
});

describe("the storage class", () => {
  it("is created only where a provisioner is named: the original referred to one that no cluster has", async () => {
    assert.deepEqual(all(await runOf("prod"), "StorageClass"), []);
    const run = await runWith("dev", {
      "cluster.storageClass": { name: "fast-ssd", provisioner: "ebs.csi.aws.com", parameters: { type: "gp3" } },
    });
    const { object } = first(all(run, "StorageClass"));
    assert.deepEqual(
      [object.metadata.name, object.provisioner, object.parameters],
      ["fast-ssd", "ebs.csi.aws.com", { type: "gp3" }],
    );
    assert.deepEqual(
      [object.volumeBindingMode, object.allowVolumeExpansion, object.reclaimPolicy],
      ["WaitForFirstConsumer", true, "Retain"],
    );
  });

  it("is the cluster's default where no name is given", async () => {
    for (const [name, wanted] of [
      ["", undefined],
      ["fast-ssd", "fast-ssd"],
    ] as const) {
      const run = await runWith("dev", { "cluster.storageClass.name": name });
      const claims = [
        ...all(run, "StatefulSet").flatMap(({ object }) => object.spec.volumeClaimTemplates.map((one) => one.spec)),
        ...operatedWorkloads(run)
          .filter(({ madeBy }) => madeBy.kind !== "KafkaNodePool")
          .flatMap((one) => one.claims),
      ];
      // Strimzi has a word of its own for it.
      const brokers = everything(run).filter((one) => one.kind === "KafkaNodePool");
      const { storage } = first(brokers).resource.inputs["spec"] as { storage: { volumes: { class?: string }[] } };
      assert.deepEqual([brokers.length, storage.volumes.map((one) => one.class)], [1, [wanted]]);
      // Worlds, MySQL, Valkey of both, PostgreSQL's tables and log.
      assert.deepEqual(
        claims.map((one) => one.storageClassName),
        Array.from({ length: 6 }, () => wanted),
      );
    }
  });
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
      for (const part of (namespaces[region] ?? []).flatMap((one) => tiers[one] ?? [])) {
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
