import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { charts } from "../../components/kube/versions.ts";
import { all, everything, find, first, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

describe("the namespace of the game", () => {
  it("exists in every region before anything in it: the original created none of its namespaces", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const [namespace, ...others] = all(run, "Namespace", region);
      assert.equal(namespace?.name, "mmorpg-game");
      assert.deepEqual(others, []);
      for (const part of ["game", "data"]) {
        const tier = run.resources.find((one) => one.name === `${region}-${part}`);
        assert.ok(tier?.dependsOn.includes(namespace?.resource.urn ?? ""), `${region}-${part} does not wait for it`);
        for (const kind of ["ResourceQuota", "LimitRange", "NetworkPolicy"] as const) {
          for (const one of all(run, kind, region).filter((each) => each.component.startsWith("namespace"))) {
            assert.deepEqual(one.resource.dependsOn, [namespace?.resource.urn], `${kind} ${one.name}`);
            assert.ok(
              tier?.dependsOn.includes(one.resource.urn),
              `pods of ${part} do not wait for ${kind} ${one.name}`,
            );
          }
        }
      }
    }
  });

  it("enforces, audits and warns by the restricted profile of the configured version", async () => {
    const { metadata } = find(
      await runWith("dev", { "cluster.kubernetesVersion": "1.35" }),
      "Namespace",
      "mmorpg-game",
    );
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted");
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], "v1.35");
    }
  });

  it("holds everything that has a namespace", async () => {
    const cluster = ["Namespace", "PriorityClass", "StorageClass"];
    for (const { resource } of (await runOf("prod")).resources
      .filter((one) => one.inputs["metadata"])
      .map((resource) => ({ resource }))) {
      const { namespace } = resource.inputs["metadata"] as { namespace?: string };
      const wanted = cluster.includes(String(resource.inputs["kind"])) ? undefined : "mmorpg-game";
      assert.equal(namespace, wanted, resource.name);
    }
  });

  it("has the limits of the original design in every region", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      assert.deepEqual(find(run, "LimitRange", "mmorpg-game-limits", region).spec.limits, [
        {
          type: "Container",
          default: { cpu: "500m", memory: "1Gi" },
          defaultRequest: { cpu: "100m", memory: "256Mi" },
          max: { cpu: "4", memory: "8Gi" },
          min: { cpu: "50m", memory: "128Mi" },
        },
        { type: "Pod", max: { cpu: "8", memory: "16Gi" }, min: { cpu: "100m", memory: "256Mi" } },
        { type: "PersistentVolumeClaim", max: { storage: "100Gi" }, min: { storage: "1Gi" } },
      ]);
    }
  });

  it("has the quota of the original design where it fits", async () => {
    assert.deepEqual(find(await runOf("dev"), "ResourceQuota", "mmorpg-game-quota").spec.hard, {
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
    });
  });

  it("has more than the original only where a region of prod needs more", async () => {
    const { hard } = find(await runOf("prod"), "ResourceQuota", "mmorpg-game-quota", "us-east").spec;
    assert.deepEqual(
      [hard["persistentvolumeclaims"], hard["pods"], hard["requests.storage"], hard["services.loadbalancers"]],
      ["24", "200", "1Ti", "10"],
    );
    assert.ok(Number(hard["requests.cpu"]) > 50);
  });

  for (const [protectData, changes] of [
    [true, { "cluster.protectData": true }],
    [false, {}],
  ] as const) {
    it(`${protectData ? "cannot be deleted, nor can worlds and stores," : "can be deleted"} where protectData is ${protectData}`, async () => {
      const run = await runWith("dev", changes);
      const holders = everything(run).filter((one) => ["Namespace", "StatefulSet", "InnoDBCluster"].includes(one.kind));
      assert.deepEqual(holders.map((one) => one.name).sort(), [
        "game-world-servers",
        "mmorpg-game",
        "mysql-cluster",
        "redis-cluster",
      ]);
      for (const one of holders) {
        assert.deepEqual([one.resource.protect, one.resource.retainOnDelete], [protectData, protectData], one.name);
      }
    });
  }
});

describe("priority classes", () => {
  it("put stores before worlds, worlds before services, services before game servers, and jobs last", async () => {
    const classes = all(await runOf("prod"), "PriorityClass", "us-west").map((one) => one.object);
    const order = classes.toSorted((one, other) => other.value - one.value).map((one) => one.metadata.name);
    assert.deepEqual(order, ["game-data", "game-worlds", "game-services", "game-sessions", "game-batch"]);
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
    const carried = [...templates(run), ...operatedWorkloads(run)].map((one) => {
      const part = one.labels["app.kubernetes.io/component"] ?? one.name;
      return [one.kind, part, one.spec.priorityClassName].join(" ");
    });
    assert.deepEqual([...new Set(carried)].sort(), [
      "CronJob backup game-batch",
      // Whoever rotates a password waits for it, and so do pods that start with the new one.
      "CronJob users game-services",
      "Deployment mysql-cluster-router game-data",
      "Deployment service game-services",
      "Deployment session game-sessions",
      "StatefulSet mysql-cluster game-data",
      "StatefulSet store game-data",
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
        ...operatedWorkloads(run).flatMap((one) => one.claims),
      ];
      assert.deepEqual(
        claims.map((one) => one.storageClassName),
        [wanted, wanted, wanted],
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
      for (const part of ["game", "data"]) {
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
