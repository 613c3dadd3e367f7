import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { deliveredKinds } from "../../components/delivery/ownership.ts";
import { argocdValues, healthChecks } from "../../components/delivery/values.ts";
import { configOf } from "../support/stacks.ts";
import { healthOf } from "./support/lua.ts";

interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  message?: string;
}

const scaledObject = "keda.sh_ScaledObject";
const autoscaler = "autoscaling.k8s.io_VerticalPodAutoscaler";

const ready: Condition = { type: "Ready", status: "True", message: "ScaledObject is defined correctly" };
const notReady: Condition = { type: "Ready", status: "False", message: "no such Deployment" };
const unknown: Condition = { type: "Ready", status: "Unknown" };
const idle: Condition = { type: "Active", status: "False", message: "Scaling is not performed" };
const paused: Condition = { type: "Paused", status: "True", message: "ScaledObject is paused" };
const running: Condition = { type: "Paused", status: "False" };
const recommends: Condition = { type: "RecommendationProvided", status: "True" };
const unsupported: Condition = { type: "ConfigUnsupported", status: "True", message: "the target has no controller" };
const supported: Condition = { type: "ConfigUnsupported", status: "False" };

/** Each is looked at by the program that ships, with `status` as the controllers of the kind write it. */
const table: [kind: string, what: string, status: { conditions?: Condition[] } | undefined, want: string][] = [
  [scaledObject, "nobody has looked at", undefined, "Progressing"],
  [scaledObject, "has a status without conditions", {}, "Progressing"],
  [scaledObject, "has no condition that counts", { conditions: [idle] }, "Progressing"],
  [scaledObject, "KEDA has not judged yet", { conditions: [unknown, idle] }, "Progressing"],
  [scaledObject, "KEDA scales", { conditions: [ready, idle, running] }, "Healthy"],
  [scaledObject, "KEDA cannot scale", { conditions: [notReady, idle, running] }, "Degraded"],
  [scaledObject, "somebody has paused", { conditions: [ready, idle, paused] }, "Suspended"],
  [scaledObject, "somebody has paused, said first", { conditions: [paused, ready, idle] }, "Suspended"],
  [autoscaler, "nobody has looked at", undefined, "Healthy"],
  [autoscaler, "has a status without conditions", {}, "Healthy"],
  [autoscaler, "recommends", { conditions: [supported, recommends] }, "Healthy"],
  [
    autoscaler,
    "has recommended nothing yet",
    { conditions: [{ type: "RecommendationProvided", status: "False" }] },
    "Healthy",
  ],
  [autoscaler, "cannot recommend", { conditions: [recommends, unsupported] }, "Degraded"],
];

describe("health of kinds that Argo CD does not know", () => {
  for (const [kind, what, status, want] of table) {
    it(`is ${want} for a ${kind.split("_")[1]} that ${what}`, async () => {
      const [group = "", name = ""] = kind.split("_");
      const object = {
        apiVersion: `${group}/v1`,
        kind: name,
        metadata: { name: "auth-service" },
        ...(status && { status }),
      };
      assert.equal((await healthOf(healthChecks[kind] ?? "", object)).status, want);
    });
  }

  it("says why", async () => {
    const degraded = await healthOf(healthChecks[scaledObject] ?? "", { status: { conditions: [notReady] } });
    assert.deepEqual(degraded, { status: "Degraded", message: "no such Deployment" });
    const unsure = await healthOf(healthChecks[autoscaler] ?? "", { status: { conditions: [unsupported] } });
    assert.equal(unsure.message, "the target has no controller");
    assert.match((await healthOf(healthChecks[scaledObject] ?? "", {})).message ?? "", /KEDA has not looked/);
  });

  it("is told for every custom kind that is delivered, under the key that Argo CD reads", () => {
    const { argocd } = configOf("dev").delivery;
    const { cm } = argocdValues(argocd)["configs"] as { cm: Record<string, string> };
    const custom = deliveredKinds
      .filter(({ group }) => group.includes("."))
      .map(({ group, kind }) => `${group}_${kind}`);
    assert.deepEqual(Object.keys(healthChecks).sort(), custom.sort());
    for (const kind of custom) assert.equal(cm[`resource.customizations.health.${kind}`], healthChecks[kind]);
  });
});
