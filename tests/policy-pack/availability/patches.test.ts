/** A `*Patch` shows a part of an object: what it lacks may be in the cluster, what it holds is judged. */
import assert from "node:assert/strict";
import type { Family, Manifest } from "../../../policy-pack/core/rule.ts";
import { autoscaling } from "../../../policy-pack/rules/autoscaling/family.ts";
import { availability } from "../../../policy-pack/rules/availability/family.ts";
import { dataProtection } from "../../../policy-pack/rules/data-protection/family.ts";
import { findingsOf, keys } from "../support/findings.ts";

const metadata = { name: "sample", namespace: "sample" };

const kinds = [
  "apps/v1:Deployment",
  "apps/v1:StatefulSet",
  "apps/v1:DaemonSet",
  "batch/v1:Job",
  "batch/v1:CronJob",
  "core/v1:Pod",
  "core/v1:PersistentVolumeClaim",
  "core/v1:PersistentVolume",
  "policy/v1:PodDisruptionBudget",
  "autoscaling/v2:HorizontalPodAutoscaler",
  "storage.k8s.io/v1:StorageClass",
];

function patch(type: string, props: Manifest): Manifest {
  return {
    type: `kubernetes:${type}Patch`,
    props: { metadata, ...props },
    options: { protect: false, ignoreChanges: [] },
  };
}

const families: Family[] = [availability, autoscaling, dataProtection] as Family[];

describe("patches", () => {
  for (const type of kinds) {
    it(`an empty ${type}Patch breaks nothing`, () => {
      for (const family of families) {
        assert.deepEqual(keys(findingsOf(family, [patch(type, {})])), []);
        assert.deepEqual(keys(findingsOf(family, [patch(type, { spec: { template: { spec: {} } } })])), []);
      }
    });
  }

  it("a patch of one bound says nothing of the other", () => {
    const bound = patch("autoscaling/v2:HorizontalPodAutoscaler", { spec: { maxReplicas: 1 } });
    assert.deepEqual(keys(findingsOf(autoscaling, [bound])), []);
  });

  const refused: [family: Family, patch: Manifest, key: string][] = [
    [
      availability as Family,
      patch("policy/v1:PodDisruptionBudget", { spec: { maxUnavailable: 0 } }),
      "budget-blocks-eviction spec.maxUnavailable",
    ],
    [availability as Family, patch("apps/v1:Deployment", { spec: { replicas: 1 } }), "minimum-replicas spec.replicas"],
    [
      availability as Family,
      patch("apps/v1:Deployment", { spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } }),
      "rollout spec.strategy.rollingUpdate.maxUnavailable",
    ],
    [availability as Family, patch("batch/v1:CronJob", { spec: { schedule: "soon" } }), "cron-job spec.schedule"],
    [
      autoscaling as Family,
      patch("autoscaling/v2:HorizontalPodAutoscaler", { spec: { minReplicas: 3, maxReplicas: 2 } }),
      "bounds spec.minReplicas",
    ],
    [
      dataProtection as Family,
      patch("apps/v1:StatefulSet", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } } }),
      "claim-retention spec.persistentVolumeClaimRetentionPolicy.whenScaled",
    ],
  ];
  for (const [family, manifest, key] of refused) {
    it(`${family.name}/${key} of a patch is judged`, () => {
      assert.deepEqual(keys(findingsOf(family, [manifest])), [`${family.name}/${key} violated`]);
    });
  }
});
