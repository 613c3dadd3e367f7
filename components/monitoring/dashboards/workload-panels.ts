/** Panels that every workload has: replicas, restarts, CPU, memory, volumes. */
import type { Thresholds } from "../watched.ts";
import type { PanelArgs } from "./panel.ts";
import { type Labels, query, rate, series, share, sumBy } from "./queries.ts";

/** Which pods a panel is about, and the thresholds of the alerts. */
export interface PodsOf {
  namespace: string;
  /** Pods that are scraped by this label `service`. @default all pods of the namespace */
  service?: string;
  thresholds: Thresholds;
}

/**
 * Series of these pods only. What Kubernetes exports of a pod does not say which workload it is of; what Prometheus
 * notes of its scrapes does.
 */
function only(expression: string, { namespace, service }: PodsOf): string {
  return service === undefined
    ? expression
    : `(${expression} and on (region, namespace, pod) ${series("up", { namespace, service })})`;
}

/** Restarts of containers in an hour. */
export function restarts(pods: PodsOf): PanelArgs {
  const restarted = `increase(${series("kube_pod_container_status_restarts_total", { namespace: pods.namespace })}[1h])`;
  return {
    title: "Restarts in an hour",
    unit: "count",
    description: "Restarts of containers in the hour before; a container that is killed for memory or hangs is here.",
    queries: query(`${sumBy(["pod", "container"], only(restarted, pods))} > 0`, "{{pod}} {{container}}"),
  };
}

/** Memory in parts of the limit, with the threshold of the alert. */
export function memoryOfLimit(pods: PodsOf): PanelArgs {
  const { namespace } = pods;
  const by = ["namespace", "pod", "container"];
  const used = only(series("container_memory_working_set_bytes", { namespace, container: "!=" }), pods);
  const limit = series("kube_pod_container_resource_limits", { namespace, resource: "memory" });
  return {
    title: "Memory of the limit",
    unit: "ratio",
    description: "Working set in parts of the container's limit. At 1 the kernel kills it.",
    queries: query(share(sumBy(by, used), sumBy(by, limit)), "{{pod}} {{container}}"),
    lines: [
      { value: pods.thresholds.memoryPercent / 100, color: "orange" },
      { value: 1, color: "red" },
    ],
  };
}

/** CPU of each pod. */
export function cpu(pods: PodsOf): PanelArgs {
  const used = rate("container_cpu_usage_seconds_total", { namespace: pods.namespace, container: "!=" });
  return {
    title: "CPU",
    unit: "count",
    description: "Cores in use by each pod.",
    queries: query(sumBy(["pod"], only(used, pods)), "{{pod}}"),
  };
}

/** Use of volumes, with the threshold of the alert. */
export function volumes(pods: PodsOf): PanelArgs {
  const { namespace, service, thresholds } = pods;
  const labels = { namespace };
  const used = share(
    series("kubelet_volume_stats_used_bytes", labels),
    series("kubelet_volume_stats_capacity_bytes", labels),
  );
  const claims = only(series("kube_pod_spec_volumes_persistentvolumeclaims_info", labels), pods);
  return {
    title: "Volumes",
    unit: "ratio",
    description: "Used part of each volume. Growing one takes minutes of work and sometimes a restart.",
    queries: query(
      service === undefined ? used : `${used} and on (region, namespace, persistentvolumeclaim) ${claims}`,
      "{{namespace}} {{persistentvolumeclaim}}",
    ),
    lines: [
      { value: thresholds.volumePercent / 100, color: "orange" },
      { value: 1, color: "red" },
    ],
  };
}

/** Replicas of autoscalers: how many there are, how many are wanted, and within which bounds. */
export function autoscaler(labels: Labels): PanelArgs {
  const of = (metric: string) => sumBy(["horizontalpodautoscaler"], series(metric, labels));
  const name = "{{horizontalpodautoscaler}}";
  return {
    title: "Replicas and the autoscaler's bounds",
    unit: "count",
    description: "At its maximum an autoscaler can no longer help; below what it wants, pods wait for nodes.",
    queries: [
      { expression: of("kube_horizontalpodautoscaler_status_current_replicas"), legend: `${name} current` },
      { expression: of("kube_horizontalpodautoscaler_status_desired_replicas"), legend: `${name} wanted` },
      { expression: of("kube_horizontalpodautoscaler_spec_min_replicas"), legend: `${name} min` },
      { expression: of("kube_horizontalpodautoscaler_spec_max_replicas"), legend: `${name} max` },
    ],
  };
}
