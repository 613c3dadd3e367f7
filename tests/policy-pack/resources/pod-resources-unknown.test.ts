import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isBestEffort, podSize } from "../../../policy-pack/kube/pod-resources.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { podOfSpec } from "../support/quota-stacks.ts";
import { box, checkSize, type SizeCase } from "../support/size-cases.ts";

const cases: readonly SizeCase[] = [
  {
    name: "an unknown quantity leaves the other resources alone",
    spec: { containers: [box({ cpu: unknown, memory: "1Gi" }), box({ cpu: "1", memory: "1Gi" })] },
    requests: { cpu: "1?", memory: "2Gi" },
  },
  {
    name: "a malformed quantity is like an unknown one",
    spec: { containers: [box({ cpu: "two", memory: "1Gi" })] },
    requests: { cpu: "0?", memory: "1Gi" },
  },
  {
    name: "an unknown list may hold anything",
    spec: { containers: [box(unknown), box({ cpu: "1" })] },
    requests: { cpu: "1?", "*": "" },
  },
  {
    name: "an unknown limit is an unknown request",
    spec: { containers: [box(undefined, { cpu: unknown })] },
    requests: { cpu: "0?" },
    limits: { cpu: "0?" },
  },
  {
    name: "unknown resources of a container open requests and limits",
    spec: { containers: [{ name: "box", resources: unknown }, box({ cpu: "1" })] },
    requests: { cpu: "1?", "*": "" },
    limits: { "*": "" },
  },
  {
    name: "an unknown list of init containers",
    spec: { initContainers: unknown, containers: [box({ cpu: "1" })] },
    requests: { cpu: "1?", "*": "" },
    limits: { "*": "" },
  },
  {
    name: "nobody knows whether an init container is a sidecar: at least the larger",
    spec: {
      initContainers: [box({ cpu: "1" }, undefined, { restartPolicy: unknown })],
      containers: [box({ cpu: "2" })],
    },
    requests: { cpu: "2?" },
  },
  {
    name: "an unknown init container that cannot be larger leaves its resource open",
    spec: { initContainers: [box({ cpu: unknown })], containers: [box({ cpu: "2", memory: "1Gi" })] },
    requests: { cpu: "2?", memory: "1Gi" },
  },
  {
    name: "unknown pod-level resources may replace anything by less",
    spec: { containers: [box({ cpu: "1" })], resources: unknown },
    requests: { cpu: "0?", "*": "" },
    limits: { "*": "" },
  },
  {
    name: "a known pod-level request decides, whatever the containers say",
    spec: { containers: [box({ cpu: unknown })], resources: { requests: { cpu: "2" } } },
    requests: { cpu: "2" },
  },
  {
    name: "an unknown default of the limit range",
    spec: { containers: [{ name: "box" }, box({ cpu: "1" })] },
    defaults: { requests: { cpu: unknown } },
    requests: { cpu: "1?" },
  },
  {
    name: "an unknown spec",
    spec: unknown as never,
    requests: { "*": "" },
    limits: { "*": "" },
  },
];

describe("podSize of pods that are known in part", () => {
  for (const one of cases) {
    it(one.name, () => checkSize(one));
  }
});

describe("isBestEffort", () => {
  for (const [name, spec, answer] of [
    ["nothing is asked for", { containers: [{ name: "box" }] }, true],
    ["zeros are nothing", { containers: [box({ cpu: "0" }, { memory: 0 })] }, true],
    ["other resources do not matter", { containers: [box({ "ephemeral-storage": "1Gi" })] }, true],
    ["a request of CPU", { containers: [box({ cpu: "1m" })] }, false],
    ["a limit of memory", { containers: [box({}, { memory: "1" })] }, false],
    ["an init container", { initContainers: [box({ cpu: "1m" })], containers: [{ name: "box" }] }, false],
    ["the pod itself", { containers: [{ name: "box" }], resources: { requests: { cpu: "1" } } }, false],
    ["an unknown request", { containers: [box({ cpu: unknown })] }, undefined],
    ["an unknown request beside a known one", { containers: [box({ cpu: unknown, memory: "1Gi" })] }, false],
    ["unknown pod-level resources", { containers: [{ name: "box" }], resources: unknown }, undefined],
  ] as const) {
    it(name, () => {
      assert.equal(isBestEffort(podSize(podOfSpec(spec))), answer);
    });
  }
});
