import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { deployment, quota } from "../../../policy-pack/rules/quota/cases.ts";
import { quotas } from "../../../policy-pack/rules/quota/family.ts";
import { quotaTable } from "../../../policy-pack/rules/quota/table.ts";
import { findingsOf, objectsOf } from "../support/findings.ts";
import { plainSettings } from "../support/quota-stacks.ts";

function named(index: number, replicas: unknown = 1): Manifest {
  const one = deployment({ terminationGracePeriodSeconds: 0 }, { replicas });
  return { ...one, metadata: { name: `app-${index}`, namespace: "sample" } };
}

function sums(...objects: Manifest[]): string[] {
  return findingsOf(quotas, objects)
    .filter(({ rule, path }) => rule === "quota/quota-sum" && path.includes("requests.cpu"))
    .map(({ message }) => message);
}

describe("the table of quotas", () => {
  it("has a line for each resource of each quota, with the sum behind it", () => {
    const objects = objectsOf([quota({ "requests.cpu": "500m", pods: "0", configmaps: "0" }), deployment()]);
    assert.deepEqual(
      quotaTable(new Cluster(objects), plainSettings)
        .filter(({ resource }) => ["requests.cpu", "pods", "limits.memory"].includes(resource))
        .map(({ resource, hard, need, usedPercent, verdict, sum }) => [
          resource,
          hard,
          need,
          usedPercent,
          verdict,
          sum,
        ]),
      [
        ["requests.cpu", "500m", "400m", 80, "fits", "app 4 x 100m"],
        ["limits.memory", "1Gi", "1Gi", 100, "fits", "app 4 x 256Mi"],
        ["pods", "0", "4", undefined, "exceeds", "app 4"],
      ],
    );
  });

  it("rounds the share up, so that what does not fit is never 100 %", () => {
    const objects = objectsOf([quota({ "requests.memory": String(2 ** 29 - 1) }), deployment()]);
    const row = quotaTable(new Cluster(objects), plainSettings).find(({ resource }) => resource === "requests.memory");
    assert.deepEqual([row?.usedPercent, row?.verdict], [101, "exceeds"]);
  });
});

describe("what the rule says", () => {
  it("is the sum, the largest terms first", () => {
    assert.deepEqual(sums(quota({ "requests.cpu": "50m" }), named(1, 2), named(2, 5)), [
      "requests.cpu: 50m < 900m = app-2 6 x 100m + app-1 3 x 100m",
    ]);
  });

  it("adds up the small terms of a long sum", () => {
    const many = Array.from({ length: 10 }, (_, index) => named(index, 0));
    const large = Array.from({ length: 10 }, (_, index) => named(index + 10, 1 + index));
    const [message = ""] = sums(quota({ "requests.cpu": "1" }), ...many, ...large);
    assert.match(message, /^requests\.cpu: 1 < 6500m = app-19 11 x 100m \+ .* \+ 2 more 500m$/);
  });

  it("names three things that are not known, and how many more there are", () => {
    const open = Array.from({ length: 5 }, (_, index) => named(index, unknown));
    assert.deepEqual(sums(quota(), ...open), [
      [
        "requests.cpu: 400m holds the 0 that are known; not known: Deployment sample/app-0: how many replicas it has",
        "Deployment sample/app-1: how many replicas it has",
        "Deployment sample/app-2: how many replicas it has",
        "and 2 more",
      ].join("; "),
    ]);
  });

  it("is not silenced by what is not known", () => {
    assert.deepEqual(sums(quota({ "requests.cpu": "50m" }), named(1), named(2, unknown)), [
      "requests.cpu: 50m < 200m = app-1 2 x 100m; not known: Deployment sample/app-2: how many replicas it has",
    ]);
  });
});
