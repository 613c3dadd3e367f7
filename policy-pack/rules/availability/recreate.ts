import type { ClusterRule } from "../../core/rule.ts";
import { Claims } from "../../kube/claims.ts";
import { runsOnce, withReason } from "./alone.ts";
import { looseBudget, template, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

function withClaim(more: object = {}) {
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  return workload({ strategy: { type: "Recreate" }, template: template({ volumes }), ...more });
}

function claim(accessModes: readonly string[]) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "sample" },
    spec: { accessModes },
  };
}

/** Updates that stop everything first. */
export const recreate: ClusterRule<AvailabilitySettings> = {
  id: "recreate",
  subject: "cluster",
  level: "advisory",
  title: "A Deployment is recreated only where its volume lets a single node in.",
  why: "Recreate stops every pod before the first new one starts, so each update is an outage.",
  fix: "use RollingUpdate, or say in the annotation realmgrid.io/runs-once why there must be one only",
  check(cluster, report) {
    const claims = new Claims(cluster.ofKind("PersistentVolumeClaim"));
    for (const object of cluster.ofKind("Deployment")) {
      const type = object.root.at("spec", "strategy", "type");
      const once = runsOnce(object);
      if (object.partial || once === true || (type.text !== "Recreate" && !type.unknown)) continue;
      const mounted = cluster.podsOf(object).flatMap((pod) => claims.of(pod));
      // A claim whose object is elsewhere most likely lets one node in, as most do.
      if (mounted.some(({ field, oneNode, seen }) => oneNode === true || (!seen && !field.unknown))) continue;
      const place = { field: type, object };
      if (
        type.unknown ||
        once === undefined ||
        mounted.some(({ field, oneNode }) => field.unknown || oneNode === undefined)
      )
        report.undecidable(place);
      else report.violated(place, "every update stops all pods before it starts one");
    }
  },
  good: [
    {
      name: "one that says why it is alone",
      objects: [withReason(workload({ strategy: { type: "Recreate" } })), looseBudget],
    },
    { name: "rolling", objects: [workload(), looseBudget] },
    { name: "the volume lets one node in", objects: [withClaim(), looseBudget, claim(["ReadWriteOnce"])] },
    { name: "the claim is not in the stack", objects: [withClaim(), looseBudget] },
  ],
  bad: [
    {
      name: "no volume",
      objects: [workload({ strategy: { type: "Recreate" } }), looseBudget],
      expect: [{ path: "spec.strategy.type" }],
    },
    {
      name: "a volume for all nodes",
      objects: [withClaim(), looseBudget, claim(["ReadWriteOnce", "ReadWriteMany"])],
      expect: [{ path: "spec.strategy.type" }],
    },
    {
      name: "a scratch volume",
      objects: [withClaim({ template: template({ volumes: [{ name: "data", emptyDir: {} }] }) }), looseBudget],
      expect: [{ path: "spec.strategy.type" }],
    },
  ],
};
