import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { containerDefaults, containerMaxima } from "../../../policy-pack/kube/limit-ranges.ts";
import { parseQuantity } from "../../../policy-pack/kube/quantities.ts";
import type { ResourceList } from "../../../policy-pack/kube/resource-lists.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { objectsOf } from "../support/findings.ts";
import { objectIn } from "../support/quota-stacks.ts";

/** CPU of a list: "200m", "200m?" where it is at least that much, "none" and "any". */
function cpu(list: ResourceList): string {
  const amount = list.amounts.get("cpu");
  if (amount === undefined) return list.open ? "any" : "none";
  const text =
    ["50m", "100m", "150m", "200m", "1"].find((one) => parseQuantity(one) === amount.least) ?? String(amount.least);
  return `${text}${amount.exact ? "" : "?"}`;
}

function ranges(...items: unknown[]) {
  return objectsOf(
    items.map((item) => objectIn("LimitRange", { spec: { limits: item === unknown ? unknown : [item] } })),
  );
}

const container = (more: Manifest): Manifest => ({ type: "Container", ...more });

describe("defaults of limit ranges", () => {
  const cases: readonly [name: string, items: unknown[], limit: string, request: string][] = [
    ["there are none", [], "none", "none"],
    ["both are written", [container({ default: { cpu: "200m" }, defaultRequest: { cpu: "100m" } })], "200m", "100m"],
    ["the maximum is the default limit", [container({ max: { cpu: "1" } })], "1", "1"],
    ["the default limit is the default request", [container({ default: { cpu: "200m" } })], "200m", "200m"],
    ["the minimum is the default request where there is no limit", [container({ min: { cpu: "50m" } })], "none", "50m"],
    [
      "the default limit comes before the minimum",
      [container({ default: { cpu: "200m" }, min: { cpu: "50m" } })],
      "200m",
      "200m",
    ],
    [
      "the written default comes before the maximum",
      [container({ default: { cpu: "200m" }, max: { cpu: "1" } })],
      "200m",
      "200m",
    ],
    ["entries for pods give nothing", [{ type: "Pod", max: { cpu: "1" }, min: { cpu: "50m" } }], "none", "none"],
    [
      "two of them give what each has",
      [container({ defaultRequest: { cpu: "100m" } }), container({ default: { memory: "1" } })],
      "none",
      "100m",
    ],
    [
      "two of them agree",
      [container({ default: { cpu: "200m" } }), container({ default: { cpu: "0.2" } })],
      "200m",
      "200m",
    ],
    [
      "two of them differ, and nobody knows which comes first",
      [container({ default: { cpu: "200m" } }), container({ default: { cpu: "150m" } })],
      "150m?",
      "150m?",
    ],
    ["an unknown default", [container({ default: { cpu: unknown } })], "0?", "0?"],
    ["an entry of unknown type", [{ type: unknown, max: { cpu: "1" } }], "any", "any"],
    ["unknown entries", [unknown], "any", "any"],
  ];

  for (const [name, items, limit, request] of cases) {
    it(name, () => {
      const { limits, requests } = containerDefaults(ranges(...items));
      assert.deepEqual([cpu(limits), cpu(requests)], [limit, request]);
    });
  }
});

describe("maxima of limit ranges", () => {
  const cases: readonly [name: string, items: unknown[], most: string][] = [
    ["there are none", [], "none"],
    ["of containers", [container({ max: { cpu: "1" } })], "1"],
    ["not of pods", [{ type: "Pod", max: { cpu: "1" } }], "none"],
    ["the smaller of two", [container({ max: { cpu: "1" } }), container({ max: { cpu: "200m" } })], "200m"],
    [
      "the smaller of two, whichever comes first",
      [container({ max: { cpu: "200m" } }), container({ max: { cpu: "1" } })],
      "200m",
    ],
    ["an unknown one", [container({ max: { cpu: "1" } }), container({ max: { cpu: unknown } })], "0?"],
    ["an entry of unknown type", [{ type: unknown }], "any"],
  ];

  for (const [name, items, most] of cases) {
    it(name, () => {
      assert.equal(cpu(containerMaxima(ranges(...items))), most);
    });
  }
});
