import type { ClusterRule } from "../../core/rule.ts";
import { byNamespace } from "../../kube/namespace-demand.ts";
import { formatQuantity } from "../../kube/quantities.ts";
import { exceeding, fitting } from "./quota-sum-cases.ts";
import type { QuotaSettings } from "./settings.ts";
import { openText, quotaLines, sumText } from "./table.ts";

/**
 * The sum that no quota controller does before it is too late: every pod that the namespace's workloads may run at one
 * time, against every quota. See kube/reach.ts for how many that are.
 */
export const quotaSum: ClusterRule<QuotaSettings> = {
  id: "quota-sum",
  subject: "cluster",
  level: "mandatory",
  title: "Everything that a namespace may run at one time fits each of its quotas.",
  why: "What is beyond a quota is never created: a rollout stops half way, an autoscaler asks for ever, and nothing says why.",
  fix: "raise the quota, or lower the maxima, the surge or the sizes that the sum names",
  arrivals: [
    "ResourceQuota",
    "LimitRange",
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "ScaledObject",
    "ScaledJob",
    "VerticalPodAutoscaler",
    "Rollout",
    "Fleet",
    "FleetAutoscaler",
    "GameServer",
    "GameServerSet",
    "GameServerBuild",
    // Of operators whose pods are known (kube/operated.ts).
    "InnoDBCluster",
    "Cluster",
    "Pooler",
    "Kafka",
    "KafkaNodePool",
    "Prometheus",
    "Alertmanager",
    "PersistentVolumeClaim",
    "Service",
    "Secret",
    "ConfigMap",
  ],
  check(cluster, report, settings) {
    for (const object of byNamespace(cluster).get(undefined) ?? []) {
      if (object.kind !== "ResourceQuota") continue;
      report.undecidable({ object, field: object.root.at("metadata", "namespace") });
    }
    for (const object of cluster.ofKind("ResourceQuota")) {
      const hard = object.root.at("spec", "hard");
      if (hard.unknown) report.undecidable({ object, field: hard });
      for (const [, field] of hard.entries()) if (field.unknown) report.undecidable({ object, field });
    }
    for (const line of quotaLines(cluster, settings)) {
      const { quota: object, field, resource, hard, need, verdict } = line;
      const [granted, needed] = [formatQuantity(resource, hard), formatQuantity(resource, need.least)];
      const open = need.open.length === 0 ? "" : `; not known: ${openText(need)}`;
      if (verdict === "exceeds") {
        report.violated({ object, field }, `${resource}: ${granted} < ${needed} = ${sumText(line)}${open}`);
      } else if (verdict === "undecidable") {
        report.undecidable({ object, field }, `${resource}: ${granted} holds the ${needed} that are known${open}`);
      }
    }
  },
  good: fitting,
  bad: exceeding,
};
