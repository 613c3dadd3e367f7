import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { quotaMistakes } from "../../components/capacity/checks.ts";
import {
  baseQuota,
  quotaHard,
  quotaLines,
  quotaNeed,
  quotaNumber,
  quotaResources,
  quotaText,
} from "../../components/capacity/quota.ts";
import { podSize, type WorkloadPlan } from "../../components/capacity/workload-plan.ts";
import { cpuMillis } from "../../components/kube/quantities.ts";
import { deployment, worlds } from "../support/plans.ts";
import { mistakesOf, onlyMistake, planOf } from "../support/stacks.ts";

/** The original design beside its game servers: 3 worlds, 6 Redis nodes, one MySQL with the limit range's defaults. */
function originalBase(gameServers: number): WorkloadPlan[] {
  const redis = { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "500m", memory: "1Gi" } };
  const mysql = { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "500m", memory: "1Gi" } };
  return [
    worlds({ maxReplicas: 3 }),
    worlds({ name: "redis", maxReplicas: 6, pod: podSize([redis]) }),
    worlds({ name: "mysql", maxReplicas: 1, pod: podSize([mysql]) }),
    // Counted without a rollout, as the original did: a fixed number of pods.
    worlds({ name: "game-server", pool: "sessions", maxReplicas: gameServers, claimBytes: undefined }),
  ];
}

const paths = {
  pods: { path: "regions.us-west.gameServers.maxReplicas", decides: () => true },
  volumes: { path: "regions.us-west.worlds.count", decides: () => true },
  growToFit: "game.quota.growToFit",
};

describe("the quota of a namespace", () => {
  it("stays at the base where everything fits, with or without leave to grow", () => {
    for (const grow of [true, false]) {
      assert.deepEqual(quotaHard(quotaLines([worlds(), deployment({ maxReplicas: 3 })], grow)), baseQuota);
    }
  });

  it("of the original holds 45 game servers beside the rest and not 46, so its region of 60 could never start", () => {
    for (const [servers, fits] of [
      [45, true],
      [46, false],
      [60, false],
    ] as const) {
      const plans = originalBase(servers);
      assert.equal(quotaMistakes(paths, quotaLines(plans, false), plans).length === 0, fits, `${servers} servers`);
    }
  });

  it("grows upward only in what is short", () => {
    const lines = quotaLines([deployment({ maxReplicas: 60, surgePods: 6 })], true);
    const grown = lines.filter((line) => line.granted > line.base).map((line) => line.resource);
    assert.deepEqual(grown, ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);
    for (const line of lines) assert.ok(line.granted >= line.base);
  });

  it("grants a tenth more than is needed where it grows, in whole cores and GiB", () => {
    const lines = quotaLines([deployment({ maxReplicas: 60, surgePods: 6 })], true);
    // 120 pods of 1 CPU and 2Gi: 132 cores, 264Gi.
    assert.deepEqual(
      lines.slice(0, 2).map((line) => quotaText(line.resource, line.granted)),
      ["132", "264Gi"],
    );
  });

  it("grants exactly a tenth more where that is a whole number", () => {
    const plan = worlds({ maxReplicas: 200, claimBytes: undefined });
    const pods = quotaLines([plan], true).find((line) => line.resource === "pods");
    assert.equal(pods?.granted, 220);
  });

  it("always holds what is needed when it may grow", () => {
    const plans = fc.array(
      fc
        .record({
          maxReplicas: fc.integer({ min: 1, max: 400 }),
          surgePods: fc.integer({ min: 1, max: 40 }),
          graceSeconds: fc.integer({ min: 1, max: 900 }),
        })
        .map((one) => deployment(one)),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(plans, (some) => {
        const lines = quotaLines(some, true);
        for (const line of lines) assert.ok(line.granted >= line.need, line.resource);
        assert.deepEqual(quotaMistakes(paths, lines, some), []);
      }),
    );
  });

  it("prints numbers that come back as they were", () => {
    for (const resource of quotaResources) {
      const number = quotaNumber(resource, baseQuota[resource]);
      assert.equal(quotaNumber(resource, quotaText(resource, number)), number);
      assert.equal(quotaText(resource, number), baseQuota[resource]);
    }
  });

  it("counts pods, claims, storage, Services, ConfigMaps and Secrets of every workload", () => {
    const need = quotaNeed([
      worlds({ maxReplicas: 5, objects: { services: 2, configMaps: 3, secrets: 1 } }),
      deployment({ maxReplicas: 10, surgePods: 1, graceSeconds: 45, minReadySeconds: 10 }),
    ]);
    assert.deepEqual(
      [need.pods, need.persistentvolumeclaims, need["requests.storage"], need.services, need.secrets],
      [5 + 16, 5, 50 * 2 ** 30, 3, 1],
    );
    // One more than ours: Kubernetes puts kube-root-ca.crt into each namespace.
    assert.equal(need.configmaps, 4);
  });

  it("counts the larger of an init container and the containers that run side by side", () => {
    const small = { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } };
    const init = { requests: { cpu: "700m", memory: "3Gi" }, limits: { cpu: "1", memory: "3Gi" } };
    const { requests, limits } = podSize([small, small], [init, init]);
    assert.deepEqual(requests, { cpuMillis: 1000, memoryBytes: 3 * 2 ** 30 });
    assert.deepEqual(limits, { cpuMillis: 2000, memoryBytes: 4 * 2 ** 30 });
  });
});

describe("a stack whose quota may not grow", () => {
  const fixed = { "game.quota.growToFit": false };

  it("is refused with the sum when a region needs more: 60 game servers of eu-west are 120 pods in a rollout", () => {
    const mistake = mistakesOf("prod", fixed).find((one) => one.path === "regions.eu-west.gameServers.maxReplicas");
    assert.equal(mistake?.got, 60);
    assert.match(mistake?.why ?? "", /60 running \+ 6 surge \+ 54 draining = 120 pods/);
    const [, need = "", sum = ""] = /^requests\.cpu 50 < (\S+) = (.*)$/m.exec(mistake?.want ?? "") ?? [];
    const terms = new Map(sum.split(" + ").map((term) => term.split(" ") as [string, string]));
    assert.equal(terms.get("game-server-eu-west"), "120");
    // 3 x (1000m + 100m + 50m), 4 x 250m, 6 x (250m + 50m + 50m).
    assert.deepEqual(
      ["mysql-cluster", "mysql-cluster-router", "redis-cluster"].map((store) => terms.get(store)),
      ["3450m", "1", "2100m"],
    );
    assert.equal(
      [...terms.values()].reduce((whole, term) => whole + cpuMillis(term), 0),
      cpuMillis(need),
    );
    assert.match(mistake?.fix ?? "", /growToFit: true/);
  });

  it("is taken when every region fits", () => {
    assert.deepEqual(mistakesOf("dev", fixed), []);
  });

  it("names the worlds when only their volumes are too many", () => {
    const mistake = onlyMistake("dev", {
      ...fixed,
      "data.backups": { enabled: false },
      "regions.us-west.worlds.count": 18,
      "regions.us-west.pools.worlds.maxNodes": 20,
    });
    assert.match(
      mistake.want,
      /\npersistentvolumeclaims 20 < 21 = game-world-servers 18 \+ world-drill-check 1 \+ mysql-cluster 1 \+ redis-cluster 1$/,
    );
    assert.equal(mistake.want.split("\n").length, 2, mistake.want);
    assert.equal(mistake.path, "regions.us-west.worlds.count");
  });

  it("grants every region of prod what it needs once the quota may grow", () => {
    for (const { namespaces } of planOf("prod").regions) {
      for (const { namespace, quota } of namespaces)
        for (const line of quota) assert.ok(line.granted >= line.need, `${namespace} ${line.resource}`);
    }
  });
});
