import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { limitRangeMistakes, podCountMistakes, poolMistakes } from "../../components/capacity/checks.ts";
import { plannedShare, podsPerNode, poolLine } from "../../components/capacity/pools.ts";
import { limitRange } from "../../components/capacity/quota.ts";
import { type ContainerSize, podSize } from "../../components/capacity/workload-plan.ts";
import { deployment, worlds } from "../support/plans.ts";
import { mistakePaths, onlyMistake, planOf } from "../support/stacks.ts";

const node = { minNodes: 1, maxNodes: 3, cpu: "8", memory: "32Gi", maxPods: 110, dedicated: true };
const reserved = { cpu: "500m", memory: "3Gi" };

function sized(requests: ContainerSize["requests"], limits: ContainerSize["limits"] = { cpu: "4", memory: "8Gi" }) {
  return deployment({ pod: podSize([{ requests, limits }]) });
}

function limits(plan: ReturnType<typeof deployment>): string[] {
  return limitRangeMistakes([plan], () => ({ containers: ["here"] })).map((one) => `${one.got}: ${one.want}`);
}

const paths = {
  pods: { path: "regions.us-west.gameServers.maxReplicas", decides: () => true },
  volumes: { path: "regions.us-west.worlds.count", decides: () => true },
  growToFit: "game.quota.growToFit",
};

describe("node pools", () => {
  it("hold as many pods of a node as its CPU, its memory and kubelet allow", () => {
    const pods = (requests: ContainerSize["requests"], maxPods = 110) =>
      podsPerNode(sized(requests), { ...node, maxPods }, reserved);
    assert.equal(pods({ cpu: "1", memory: "1Gi" }), 7);
    assert.equal(pods({ cpu: "100m", memory: "4Gi" }), 7);
    assert.equal(pods({ cpu: "10m", memory: "16Mi" }), 110);
    assert.equal(pods({ cpu: "8", memory: "1Gi" }), 0);
  });

  it("need nodes for the peak of all their workloads, with a twentieth to spare", () => {
    const plans = [worlds({ maxReplicas: 14 }), worlds({ name: "more", maxReplicas: 7 })];
    assert.equal(poolLine("worlds", node, plans, reserved).nodesNeeded, Math.ceil(3 / plannedShare));
    assert.equal(poolLine("sessions", node, plans, reserved).nodesNeeded, 0);
  });

  it("hold the peak when the largest pods are placed first", () => {
    const some = fc.array(
      fc.record({ cpu: fc.integer({ min: 100, max: 7000 }), count: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(some, (kinds) => {
        const plans = kinds.map(({ cpu, count }, index) =>
          worlds({
            name: `kind-${index}`,
            maxReplicas: count,
            pod: podSize([{ requests: { cpu: `${cpu}m`, memory: "256Mi" }, limits: { cpu: "8", memory: "1Gi" } }]),
          }),
        );
        const { nodesNeeded } = poolLine("worlds", node, plans, reserved);
        const nodes: number[] = [];
        const pods = kinds.flatMap(({ cpu, count }) => Array.from({ length: count }, () => cpu));
        for (const pod of pods.sort((one, other) => other - one)) {
          const free = nodes.findIndex((used) => used + pod <= 7500);
          if (free === -1) nodes.push(pod);
          else nodes[free] = (nodes[free] ?? 0) + pod;
        }
        assert.ok(nodes.length <= nodesNeeded, `${nodes.length} nodes are used, ${nodesNeeded} were said to be enough`);
      }),
      { seed: 1 },
    );
  });

  it("are refused with the sum when the peak needs more nodes than they may reach", () => {
    const mistake = onlyMistake("prod", { "regions.eu-west.pools.sessions.maxNodes": 8 });
    assert.equal(mistake.path, "regions.eu-west.gameServers.maxReplicas");
    assert.match(mistake.want, /9 nodes are needed, pools\.sessions\.maxNodes is 8/);
    assert.match(mistake.why ?? "", /60 running \+ 6 surge \+ 54 draining = 120 pods/);
    assert.match(mistake.fix ?? "", /maxNodes to 9/);
    assert.deepEqual(mistakePaths("prod", { "regions.eu-west.pools.sessions.maxNodes": 9 }), []);
  });

  it("are refused by what a person can change: worlds by their count", () => {
    const few = {
      "regions.us-west.worlds.count": 60,
      "regions.us-west.pools.worlds.minNodes": 3,
      "regions.us-west.pools.worlds.maxNodes": 8,
      "data.mysql.pools.worlds": 2,
    };
    const mistake = onlyMistake("prod", few);
    assert.deepEqual([mistake.path, mistake.got], ["regions.us-west.worlds.count", 60]);
  });

  it("do not ask to raise and to lower the same number", () => {
    const mistake = onlyMistake("prod", {
      "regions.us-west.pools.services.minNodes": 1,
      "regions.us-west.pools.services.maxNodes": 1,
    });
    const [, raise, lower] = /raise (\S+) to \d+(?:, or lower (\S+))?/.exec(mistake.fix ?? "") ?? [];
    assert.equal(raise, "regions.us-west.pools.services.maxNodes");
    assert.notEqual(lower, raise);
  });

  it("are refused when one pod fits on no node", () => {
    const small = { "regions.us-west.pools.sessions.cpu": "1" };
    const mistake = onlyMistake("prod", small);
    assert.equal(mistake.path, "regions.us-west.pools.sessions");
    assert.match(mistake.want, /hold one pod of game-server-us-west: 1 CPU and 2Gi beside what is reserved/);
  });

  it("hold the stores, whose pods are not on the nodes of others", () => {
    const small = {
      "regions.us-west.pools.data.minNodes": 3,
      "regions.us-west.pools.data.maxNodes": 3,
      "regions.us-west.pools.data.cpu": "3",
    };
    const mistake = onlyMistake("prod", small);
    assert.match(mistake.want, /nodes are needed, pools\.data\.maxNodes is 3$/);
    assert.match(mistake.why ?? "", /mysql-cluster: 3 running .* = 3 pods; .*redis-cluster: 6 running .* = 6 pods/);
    const raised = /raise (\S+) to (\d+)/.exec(mistake.fix ?? "");
    assert.equal(raised?.[1], "regions.us-west.pools.data.maxNodes");
    const mended = { ...small, [raised[1]]: Number(raised[2]) };
    assert.deepEqual(mistakePaths("prod", mended), []);
  });

  it("are fine in both stacks as they ship", () => {
    for (const stack of ["dev", "prod"] as const) {
      for (const { pools, namespaces, name } of planOf(stack).regions) {
        const workloads = namespaces.flatMap((one) => one.workloads);
        assert.deepEqual(poolMistakes(name, pools, workloads), []);
      }
    }
  });
});

describe("the limit range", () => {
  it("has the numbers of the original design", () => {
    assert.deepEqual(limitRange, {
      container: {
        default: { cpu: "500m", memory: "1Gi" },
        defaultRequest: { cpu: "100m", memory: "256Mi" },
        max: { cpu: "4", memory: "8Gi" },
        min: { cpu: "50m", memory: "128Mi" },
      },
      pod: { max: { cpu: "8", memory: "16Gi" }, min: { cpu: "100m", memory: "256Mi" } },
      claim: { max: "100Gi", min: "1Gi" },
    });
  });

  it("takes containers at its edges", () => {
    assert.deepEqual(limits(sized({ cpu: "100m", memory: "256Mi" })), []);
    assert.deepEqual(limits(sized({ cpu: "4", memory: "8Gi" })), []);
  });

  it("refuses a container limit above its maximum and a request below its minimum", () => {
    assert.equal(limits(sized({ cpu: "1", memory: "1Gi" }, { cpu: "5", memory: "8Gi" })).length, 1);
    assert.equal(limits(sized({ cpu: "1", memory: "1Gi" }, { cpu: "4", memory: "9Gi" })).length, 1);
    assert.match(limits(sized({ cpu: "49m", memory: "1Gi" }))[0] ?? "", /at least 50m/);
    assert.match(limits(sized({ cpu: "1", memory: "64Mi" }))[0] ?? "", /at least 128Mi/);
  });

  it("refuses an init container as it refuses any other", () => {
    const fine = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } };
    const large = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "16Gi" } };
    assert.equal(limits(deployment({ pod: podSize([fine], [large]) })).length, 1);
  });

  it("refuses a pod below the minimum of pods: the original's smallest container passed alone and its pod did not", () => {
    assert.equal(limits(sized({ cpu: "100m", memory: "128Mi" })).length, 1);
    assert.equal(limits(sized({ cpu: "50m", memory: "256Mi" })).length, 1);
  });

  it("refuses a pod whose containers together are above the maximum of pods", () => {
    const half = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "3", memory: "6Gi" } };
    assert.deepEqual(limits(deployment({ pod: podSize([half, half]) })), []);
    assert.ok(limits(deployment({ pod: podSize([half, half, half]) })).length > 0);
  });

  it("takes volumes from 1Gi to 100Gi and refuses others", () => {
    const volume = (gibibytes: number) => limits(worlds({ claimBytes: gibibytes * 2 ** 30 }));
    assert.deepEqual([...volume(1), ...volume(100)], []);
    assert.equal(volume(101).length, 1);
    assert.equal(volume(0.5).length, 1);
  });

  for (const [path, changes] of [
    ["game.worlds.diskSize", { "game.worlds.diskSize": "200Gi" }],
    ["game.worlds.loaderResources", { "game.worlds.loaderResources.limits.memory": "16Gi" }],
    ["game.worlds.resources", { "game.worlds.resources.limits.memory": "16Gi" }],
    ["game.gameServers.resources", { "game.gameServers.resources.limits.cpu": "5" }],
    ["game.services.guild.resources", { "game.services.guild.resources.limits.cpu": "5" }],
    ["data.mysql.diskSize", { "data.mysql.diskSize": "200Gi" }],
    ["data.mysql.resources", { "data.mysql.resources.limits.cpu": "5" }],
    ["data.valkey.diskSize", { "data.valkey.diskSize": "200Gi" }],
    ["data.valkey.resources", { "data.valkey.resources.limits.cpu": "5" }],
  ] as const) {
    it(`names ${path} when that is what does not fit`, () => {
      assert.ok(onlyMistake("dev", changes).path.startsWith(path), onlyMistake("dev", changes).path);
    });
  }
});

describe("the number of pods in a namespace", () => {
  it("is refused above what Kubernetes is tested with", () => {
    const fleet = (maxReplicas: number) => [
      deployment({ maxReplicas, surgePods: 100, graceSeconds: 1, minReadySeconds: 30 }),
    ];
    assert.deepEqual(podCountMistakes(paths, fleet(2800)), []);
    assert.match(podCountMistakes(paths, fleet(2801))[0]?.want ?? "", /3000 pods .* not 3001/);
  });
});
