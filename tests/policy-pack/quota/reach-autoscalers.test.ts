import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { grace, type ReachCase, reach, rolling, scaler, watched } from "../support/reach-cases.ts";

const hpa = (spec: Manifest, target?: Manifest) => scaler("HorizontalPodAutoscaler", spec, target);
const keda = (spec: Manifest) => scaler("ScaledObject", spec, { name: "app" });

const cases: readonly ReachCase[] = [
  ["the maximum of an HPA", "Deployment", { spec: { replicas: 2 }, beside: [hpa({ maxReplicas: 8 })] }, "8 of 16"],
  [
    "more replicas than the maximum, until the HPA corrects it",
    "Deployment",
    { spec: { replicas: 9 }, beside: [hpa({ maxReplicas: 8 })] },
    "9 of 18",
  ],
  ["no replicas beside an HPA", "Deployment", { beside: [hpa({ maxReplicas: 8 })] }, "8 of 16"],
  [
    "unknown replicas beside an HPA",
    "Deployment",
    { spec: { replicas: unknown }, beside: [hpa({ maxReplicas: 8 })] },
    "8 of 16",
  ],
  ["an HPA without maximum", "Deployment", { beside: [hpa({})] }, "0? of 0?"],
  [
    "the HPA of another name",
    "Deployment",
    { beside: [hpa({ maxReplicas: 8 }, { kind: "Deployment", name: "other" })] },
    "1 of 2",
  ],
  [
    "the HPA of another kind",
    "Deployment",
    { beside: [hpa({ maxReplicas: 8 }, { kind: "StatefulSet", name: "app" })] },
    "1 of 2",
  ],
  [
    "an HPA of which nobody knows the target",
    "Deployment",
    { beside: [hpa({ maxReplicas: 8 }, { kind: "Deployment", name: unknown })] },
    "1? of 2?",
  ],
  [
    "two HPAs: the larger maximum",
    "Deployment",
    { beside: [hpa({ maxReplicas: 8 }), hpa({ maxReplicas: 9 })] },
    "9 of 18",
  ],
  [
    "KEDA takes a Deployment where it names no kind",
    "Deployment",
    { beside: [keda({ maxReplicaCount: 8 })] },
    "8 of 16",
  ],
  ["KEDA scales to 100 by default", "Deployment", { beside: [keda({})] }, "100 of 200"],
  ["an unknown maximum of KEDA", "Deployment", { beside: [keda({ maxReplicaCount: unknown })] }, "0? of 0?"],
  [
    "KEDA that is paused at a higher number",
    "Deployment",
    {
      beside: [
        {
          ...keda({ maxReplicaCount: 8 }),
          metadata: { name: "s", namespace: "sample", annotations: { "autoscaling.keda.sh/paused-replicas": "12" } },
        },
      ],
    },
    "12 of 24",
  ],
  [
    "surge in percent is one of the maximum",
    "Deployment",
    { spec: { ...rolling("10%") }, pod: grace(0), beside: [hpa({ maxReplicas: 50 })] },
    "50 of 55",
  ],
  // Down and up again while the stopped pods terminate.
  [
    "an HPA stops all at once where nothing slows it",
    "Deployment",
    { spec: { ...watched, ...rolling(1) }, pod: grace(9), beside: [hpa({ maxReplicas: 50, minReplicas: 10 })] },
    "50 of 90",
  ],
  [
    "an HPA that stops a tenth in a minute",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(65),
      beside: [
        hpa({
          maxReplicas: 50,
          behavior: { scaleDown: { policies: [{ type: "Percent", value: 10, periodSeconds: 60 }] } },
        }),
      ],
    },
    "50 of 60",
  ],
  [
    "of two policies the faster one, unless Min is selected",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(5),
      beside: [
        hpa({
          maxReplicas: 50,
          behavior: {
            scaleDown: {
              policies: [
                { type: "Pods", value: 7, periodSeconds: 60 },
                { type: "Percent", value: 20, periodSeconds: 60 },
              ],
            },
          },
        }),
      ],
    },
    "50 of 60",
  ],
  [
    "Min selects the slower policy",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(5),
      beside: [
        hpa({
          maxReplicas: 50,
          behavior: {
            scaleDown: {
              selectPolicy: "Min",
              policies: [
                { type: "Pods", value: 7, periodSeconds: 60 },
                { type: "Percent", value: 20, periodSeconds: 60 },
              ],
            },
          },
        }),
      ],
    },
    "50 of 57",
  ],
  [
    "an HPA that never stops a pod",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(9),
      beside: [hpa({ maxReplicas: 50, behavior: { scaleDown: { selectPolicy: "Disabled" } } })],
    },
    "50 of 52",
  ],
  [
    "an unknown minimum",
    "Deployment",
    { spec: { ...watched, ...rolling(1) }, pod: grace(9), beside: [hpa({ maxReplicas: 50, minReplicas: unknown })] },
    "50 of 52?",
  ],
  [
    "an unknown minimum where a rollout replaces all anyway",
    "Deployment",
    { beside: [hpa({ maxReplicas: 50, minReplicas: unknown })] },
    "50 of 100",
  ],
  [
    "an unknown policy",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(9),
      beside: [hpa({ maxReplicas: 50, behavior: { scaleDown: { policies: unknown } } })],
    },
    "50 of 52?",
  ],
  [
    "KEDA goes to zero at once, whatever the policies say",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(9),
      beside: [
        keda({
          maxReplicaCount: 50,
          advanced: {
            horizontalPodAutoscalerConfig: {
              behavior: { scaleDown: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } },
            },
          },
        }),
      ],
    },
    "50 of 100",
  ],
  [
    "KEDA with a minimum keeps to its policies",
    "Deployment",
    {
      spec: { ...watched, ...rolling(1) },
      pod: grace(9),
      beside: [
        keda({
          minReplicaCount: 1,
          maxReplicaCount: 50,
          advanced: {
            horizontalPodAutoscalerConfig: {
              behavior: { scaleDown: { policies: [{ type: "Pods", value: 5, periodSeconds: 60 }] } },
            },
          },
        }),
      ],
    },
    "50 of 55",
  ],
];

describe("reach with autoscalers", () => {
  for (const [name, kind, parts, want] of cases) {
    it(`${kind}: ${name}`, () => {
      assert.equal(reach(kind, parts), want);
    });
  }
});
