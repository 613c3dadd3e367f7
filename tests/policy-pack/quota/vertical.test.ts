import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { needText, objectIn } from "../support/quota-stacks.ts";

const set = objectIn(
  "StatefulSet",
  {
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: "box",
              image: "example.com/box:1",
              resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
            },
            { name: "log", image: "example.com/log:1", resources: { requests: { cpu: "10m" } } },
          ],
        },
      },
    },
  },
  "apps/v1",
  "app",
);

function vertical(policies: unknown, more: Manifest = {}): Manifest {
  return objectIn(
    "VerticalPodAutoscaler",
    {
      spec: {
        targetRef: { kind: "StatefulSet", name: "app" },
        resourcePolicy: { containerPolicies: policies },
        ...more,
      },
    },
    "autoscaling.k8s.io/v1",
  );
}

const most = (cpu: unknown, more: Manifest = {}): Manifest => ({ containerName: "box", maxAllowed: { cpu }, ...more });
const logOff: Manifest = { containerName: "log", mode: "Off" };

describe("pods under a VerticalPodAutoscaler", () => {
  const cases: readonly [name: string, objects: readonly Manifest[], requests: string, limits: string][] = [
    ["without one", [], "220m", "400m"],
    ["at maxAllowed, limits in proportion", [vertical([most("300m"), logOff])], "620m", "1200m"],
    ["a maximum below what is written", [vertical([most("50m"), logOff])], "220m", "400m"],
    [
      "requests alone are controlled",
      [vertical([most("300m", { controlledValues: "RequestsOnly" }), logOff])],
      "620m",
      "400m",
    ],
    [
      "other resources are controlled",
      [vertical([most("300m", { controlledResources: ["memory"] }), logOff])],
      "220m",
      "400m",
    ],
    [
      "CPU is among those that are controlled",
      [vertical([most("300m", { controlledResources: ["memory", "cpu"] }), logOff])],
      "620m",
      "1200m",
    ],
    [
      "a policy for all others",
      [vertical([most("300m"), { containerName: "*", maxAllowed: { cpu: "20m" } }])],
      "640m",
      "1200m",
    ],
    ["it is off", [vertical([], { updatePolicy: { updateMode: "Off" } })], "220m", "400m"],
    [
      "it acts at the start of pods alone",
      [vertical([most("300m"), logOff], { updatePolicy: { updateMode: "Initial" } })],
      "620m",
      "1200m",
    ],
    ["nothing bounds it", [vertical([])], "220m?", "400m?"],
    ["nothing bounds one container", [vertical([most("300m")])], "620m?", "1200m"],
    ["it is of another workload", [vertical([], { targetRef: { kind: "Deployment", name: "app" } })], "220m", "400m"],
    [
      "nobody knows of which workload it is",
      [vertical([most("300m"), logOff], { targetRef: { kind: "StatefulSet", name: unknown } })],
      "220m?",
      "400m?",
    ],
    [
      "nobody knows whether it acts",
      [vertical([most("300m"), logOff], { updatePolicy: { updateMode: unknown } })],
      "220m?",
      "400m?",
    ],
    ["an unknown maximum", [vertical([most(unknown), logOff])], "220m?", "400m?"],
    [
      "it may be of another namespace",
      [{ ...vertical([most("300m"), logOff]), metadata: { name: "v", namespace: unknown } }],
      "220m?",
      "400m?",
    ],
    [
      "the limit range allows no more",
      [
        vertical([most("300m"), logOff]),
        objectIn("LimitRange", {
          spec: { limits: [{ type: "Container", default: { cpu: "250m" }, max: { cpu: "250m" } }] },
        }),
      ],
      "520m",
      "1",
    ],
  ];

  for (const [name, objects, requests, limits] of cases) {
    it(name, () => {
      assert.deepEqual(
        [needText([set, ...objects], "requests.cpu"), needText([set, ...objects], "limits.cpu")],
        [requests, limits],
      );
    });
  }
});
