import type { ClusterRule } from "../../core/rule.ts";
import { Claims } from "../../kube/claims.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import { claim, workload } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

const rolling = { type: "RollingUpdate" };

/** Whether an update starts the new pod before the old one is gone; it does by default. */
function overlaps({ root }: KubeObject): Answer {
  const [type, surge] = [root.at("spec", "strategy", "type"), root.at("spec", "strategy", "rollingUpdate", "maxSurge")];
  if (type.text === "Recreate" || surge.value === 0 || surge.text === "0%") return false;
  return type.unknown || surge.unknown ? undefined : true;
}

/** Updates that wait for a volume which the old pod holds. */
export const claimRollout: ClusterRule<DataProtectionSettings> = {
  id: "claim-rollout",
  subject: "cluster",
  level: "advisory",
  title: "A Deployment whose volume lets one node in stops the old pod before it starts the new one.",
  why: "The new pod may land on another node, where it waits for the volume that the old one keeps until the new one is ready.",
  fix: "set strategy.type to Recreate, or maxSurge to 0",
  check(cluster, report) {
    const claims = new Claims(cluster.ofKind("PersistentVolumeClaim"));
    for (const object of cluster.ofKind("Deployment")) {
      const answer = overlaps(object);
      if (answer === false || (object.partial && object.root.at("spec", "strategy").absent)) continue;
      const volumes = cluster.podsOf(object).flatMap((pod) => claims.of(pod));
      if (volumes.every(({ oneNode }) => oneNode === false)) continue;
      const place = { field: object.root.at("spec", "strategy"), object };
      if (answer === true && volumes.some(({ oneNode }) => oneNode === true))
        report.violated(place, "the new pod may wait for ever for the volume of the old one");
      else report.undecidable(place);
    }
  },
  good: [
    { name: "stopped first", objects: [workload(), claim()] },
    {
      name: "no pod more than one",
      objects: [workload({ strategy: { ...rolling, rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }), claim()],
    },
    {
      name: "no pod more, in percent",
      objects: [workload({ strategy: { ...rolling, rollingUpdate: { maxSurge: "0%" } } }), claim()],
    },
    { name: "many nodes", objects: [workload({ strategy: rolling }), claim({ accessModes: ["ReadWriteMany"] })] },
  ],
  bad: [
    { name: "rolling", objects: [workload({ strategy: rolling }), claim()], expect: [{ path: "spec.strategy" }] },
    {
      name: "rolling by default",
      objects: [workload({ strategy: null }), claim()],
      expect: [{ path: "spec.strategy" }],
    },
  ],
};
