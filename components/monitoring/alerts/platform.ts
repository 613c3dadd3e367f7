/** Alerts on what everything stands on: that it is seen at all, containers, nodes, volumes, jobs, monitoring itself. */
import type { Watched } from "../watched.ts";
import type { Alert, RuleGroup } from "./alert.ts";
import { ownAlerts } from "./platform-own.ts";
import { reachAlerts } from "./platform-reach.ts";
import { nodeAlerts, resourceAlerts, volumeAlerts } from "./platform-resources.ts";

/** Numbers that the plans know and `Watched` does not say. */
export interface PlatformNumbers {
  /** Series that one Prometheus was planned for; without it nothing compares them. */
  plannedSeries?: number;
}

/** Part of a service's targets in percent that may be unseen (kube-prometheus, TargetDown). */
const targetsPercent = 10;

/** Programs of the cluster that most alerts of the platform read; a list of targets need not name them. */
const clusterExporters = ["kube-state-metrics", "kubelet", "node-exporter"];

/** Alerts of the platform. */
export function platformAlerts(watched: Watched, { plannedSeries }: PlatformNumbers = {}): RuleGroup[] {
  const missing = watched.targets.some((target) => target.pods > 0) ? [targetMissing(watched)] : [];
  return [
    { name: "platform-seen", rules: [watchdog(watched), targetDown(), ...missing, exporterMissing(watched)] },
    { name: "platform-containers", rules: resourceAlerts(watched) },
    { name: "platform-nodes", rules: nodeAlerts() },
    { name: "platform-volumes", rules: volumeAlerts(watched) },
    ...reachAlerts(watched),
    ...ownAlerts(plannedSeries),
  ];
}

function watchdog({ region }: Watched): Alert {
  return {
    alert: "Watchdog",
    expression: "vector(1)",
    forSeconds: 0,
    severity: "none",
    summary: `Alerts of ${region} find their way`,
    description: `It always fires. The service that expects it tells people when it stops: then nobody hears of any other alert of ${region} either.`,
    runbook: "monitoring",
  };
}

function targetDown(): Alert {
  return {
    alert: "TargetDown",
    expression: `100 * sum by (namespace, service) (up == bool 0) / count by (namespace, service) (up) > ${targetsPercent}`,
    forSeconds: 300,
    severity: "warning",
    summary: `{{ printf "%.0f" $value }} % of {{ $labels.service }} in {{ $labels.namespace }} cannot be scraped`,
    description: `Their pods are down, or their metrics are; every other alert on {{ $labels.service }} knows the rest only.`,
    runbook: "target-down",
  };
}

function targetMissing({ targets }: Watched): Alert {
  return {
    alert: "TargetMissing",
    expression: targets
      .filter((target) => target.pods > 0)
      .map(({ namespace, name }) => `absent(up{namespace="${namespace}",service="${name}"})`)
      .join("\nor "),
    forSeconds: 600,
    severity: "critical",
    summary: `Nothing of {{ $labels.service }} in {{ $labels.namespace }} is scraped`,
    description: `There are no pods, or Prometheus does not find them. All alerts on {{ $labels.service }} are silent, whatever happens.`,
    runbook: "target-down",
  };
}

function exporterMissing({ targets }: Watched): Alert {
  // The others are targets, and one page is enough.
  const unlisted = clusterExporters.filter((name) => !targets.some((target) => target.name === name));
  return {
    alert: "ExporterMissing",
    expression: unlisted.map((name) => `absent(up{service="${name}"})`).join("\nor "),
    forSeconds: 600,
    severity: "critical",
    summary: `Nothing of {{ $labels.service }} is scraped`,
    description: `Without {{ $labels.service }} the alerts on memory, quotas, volumes, jobs or nodes are silent, whatever happens.`,
    runbook: "target-down",
  };
}
