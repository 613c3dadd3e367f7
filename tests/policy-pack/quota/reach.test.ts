import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { beyondMaximum } from "../../../policy-pack/kube/reach.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { grace, type ReachCase, reach, rolling, watched } from "../support/reach-cases.ts";

const cases: readonly ReachCase[] = [
  ["a pod", "Pod", {}, "1 of 1"],
  ["a template alone", "PodTemplate", {}, "0 of 0"],
  // Deployment.
  ["one replica where none is written, and its successor", "Deployment", {}, "1 of 2"],
  ["no replicas", "Deployment", { spec: { replicas: 0 } }, "0 of 0"],
  [
    "pods that are gone at once: the surge alone, 25 % rounded up",
    "Deployment",
    { spec: { replicas: 5 }, pod: grace(0) },
    "5 of 7",
  ],
  ["all old ones terminate beside all new ones", "Deployment", { spec: { replicas: 5 } }, "5 of 10"],
  ["surge as a number", "Deployment", { spec: { replicas: 10, ...rolling(1) }, pod: grace(0) }, "10 of 11"],
  [
    "surge in percent rounds up",
    "Deployment",
    { spec: { replicas: 10, ...rolling("11%") }, pod: grace(0) },
    "10 of 12",
  ],
  ["surge of 100 %", "Deployment", { spec: { replicas: 10, ...rolling("100%") }, pod: grace(0) }, "10 of 20"],
  [
    "unavailable in percent rounds down",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(0, "19%") }, pod: grace(9) },
    "10 of 11",
  ],
  [
    "neither surge nor unavailable is read as one unavailable",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(0, 0) }, pod: grace(9) },
    "10 of 11",
  ],
  [
    "grace shorter than a wave: one wave terminates",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(1) }, pod: grace(9) },
    "10 of 12",
  ],
  [
    "grace as long as a wave: two waves",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(1) }, pod: grace(10) },
    "10 of 13",
  ],
  [
    "grace of four waves and a half",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(1) }, pod: grace(45) },
    "10 of 16",
  ],
  [
    "30 s of grace where nothing is written",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(1) } },
    "10 of 15",
  ],
  [
    "surge and unavailable both move pods",
    "Deployment",
    { spec: { replicas: 10, ...watched, ...rolling(1, 1) }, pod: grace(9) },
    "10 of 13",
  ],
  [
    "never more than one successor for each",
    "Deployment",
    { spec: { replicas: 3, ...watched, ...rolling(3) }, pod: grace(600) },
    "3 of 6",
  ],
  [
    "Recreate waits for the old pods",
    "Deployment",
    { spec: { replicas: 3, strategy: { type: "Recreate" } } },
    "3 of 3",
  ],
  ["unknown replicas", "Deployment", { spec: { replicas: unknown } }, "0? of 0?"],
  ["replicas that are no number", "Deployment", { spec: { replicas: "3" } }, "0? of 0?"],
  ["an unknown surge", "Deployment", { spec: { replicas: 3, ...rolling(unknown) }, pod: grace(0) }, "3 of 3?"],
  ["an unknown grace period", "Deployment", { spec: { replicas: 3 }, pod: grace(unknown) }, "3 of 3?"],
  ["an unknown strategy", "Deployment", { spec: { replicas: 3, strategy: unknown } }, "3 of 3?"],
  ["a surge below zero", "Deployment", { spec: { replicas: 3, ...rolling(-1) } }, "3 of 3?"],
  ["a surge that is not a number", "Deployment", { spec: { replicas: 3, ...rolling(Number.NaN) } }, "3 of 3?"],
  ["a surge that is no number", "Deployment", { spec: { replicas: 3, ...rolling("a few") } }, "3 of 3?"],
];

describe("reach of rollouts", () => {
  for (const [name, kind, parts, want] of cases) {
    it(`${kind}: ${name}`, () => {
      assert.equal(reach(kind, parts), want);
    });
  }
});

describe("beyondMaximum", () => {
  it("is bounded by the maximum, and grows with the grace period", () => {
    const base = { surge: 1, unavailable: 0, graceSeconds: 20, minReadySeconds: 10 };
    assert.equal(beyondMaximum(100, base), 4);
    assert.equal(beyondMaximum(100, { ...base, graceSeconds: 2000 }), 100);
    assert.equal(beyondMaximum(0, { ...base, graceSeconds: 2000 }), 0);
    assert.equal(beyondMaximum(100, { ...base, minReadySeconds: 0 }), 100);
  });
});
