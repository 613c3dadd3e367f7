/** Alerts on containers, quotas, pods, nodes and volumes. */
import type { Watched } from "../watched.ts";
import { type Alert, promDuration } from "./alert.ts";

/** Part of the time in percent in which a limit holds a container up (kubernetes-mixin, CPUThrottlingHigh). */
const throttledPercent = 25;

/** Seconds that a pod may wait for a node: an autoscaler of nodes needs minutes (judgement). */
const pendingSeconds = 900;

/** Seconds that a node may be silent: it counts as lost after about 40, and its pods leave after 60 more. */
const nodeSeconds = 120;

/** Seconds that clocks may differ (kubernetes-mixin, NodeClockSkewDetected). */
const clockSeconds = 0.05;

/** The kernel's bound of the clock's error, which it reaches when the clock follows nothing (adjtimex). */
const clockUnknownSeconds = 16;

/** Seconds ahead in which a volume must not become full: somebody has to wake up and grow it (judgement). */
const aheadSeconds = 4 * 3600;

/** Use in percent below which a trend says nothing: a young volume fills fast and then stops (judgement). */
const trendPercent = 50;

function here({ namespaces }: Watched): string {
  return `namespace=~"${namespaces.join("|")}"`;
}

/** Alerts on containers, pods and quotas. */
export function resourceAlerts(watched: Watched): Alert[] {
  return [highMemoryUsage(watched), cpuThrottled(watched), quotaNearlyFull(watched), podPending(watched)];
}

/** Alerts on nodes. */
export function nodeAlerts(): Alert[] {
  return [nodeNotReady(), nodePressure(), clockSkew()];
}

/** Alerts on volumes. */
export function volumeAlerts(watched: Watched): Alert[] {
  return [volumeFilling(watched), volumeFullSoon(watched)];
}

function highMemoryUsage(watched: Watched): Alert {
  const by = "namespace, pod, container";
  const { memoryPercent } = watched.thresholds;
  return {
    alert: "HighMemoryUsage",
    // A limit of 0 is none. The working set, since the page cache is given back before anything is killed.
    expression: [
      `100 * max by (${by}) (container_memory_working_set_bytes{${here(watched)},container!=""})`,
      `/ on (${by}) max by (${by}) (kube_pod_container_resource_limits{${here(watched)},resource="memory"} > 0)`,
      `> ${memoryPercent}`,
    ].join("\n"),
    forSeconds: 120,
    severity: "warning",
    summary: `{{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} uses {{ printf "%.0f" $value }} % of its memory`,
    description: `At 100 % the kernel kills {{ $labels.container }}, and players or requests on {{ $labels.pod }} are cut off.`,
    runbook: "container-resources",
  };
}

function cpuThrottled(watched: Watched): Alert {
  const by = "namespace, pod, container";
  const rate = (metric: string) => `sum by (${by}) (rate(${metric}{${here(watched)},container!=""}[5m]))`;
  return {
    alert: "CpuThrottled",
    expression: [
      `100 * ${rate("container_cpu_cfs_throttled_periods_total")}`,
      `/ (${rate("container_cpu_cfs_periods_total")} > 0)`,
      `> ${throttledPercent}`,
    ].join("\n"),
    forSeconds: 900,
    severity: "warning",
    summary: `{{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} is held up {{ printf "%.0f" $value }} % of the time`,
    description: `{{ $labels.container }} wants more CPU than its limit: it answers late, while its node may be idle.`,
    runbook: "container-resources",
  };
}

function quotaNearlyFull(watched: Watched): Alert {
  const by = "namespace, resourcequota, resource";
  const of = (type: string) => `max by (${by}) (kube_resourcequota{${here(watched)},type="${type}"})`;
  return {
    alert: "QuotaNearlyFull",
    expression: `100 * ${of("used")} / (${of("hard")} > 0) > ${watched.thresholds.quotaPercent}`,
    forSeconds: 900,
    severity: "warning",
    summary: `{{ $labels.namespace }} uses {{ printf "%.0f" $value }} % of its quota of {{ $labels.resource }}`,
    description: `When it is full, no pod of {{ $labels.namespace }} is added: no scaling, no roll-out, no replacement of a lost one.`,
    runbook: "quota-full",
  };
}

function podPending(watched: Watched): Alert {
  return {
    alert: "PodPending",
    expression: `max by (namespace, pod) (kube_pod_status_phase{${here(watched)},phase="Pending"}) == 1`,
    forSeconds: pendingSeconds,
    severity: "warning",
    summary: `{{ $labels.pod }} in {{ $labels.namespace }} does not start`,
    description: `For ${promDuration(pendingSeconds)} {{ $labels.pod }} has waited for a node, a volume or an image. What it should do, nobody does.`,
    runbook: "pod-pending",
  };
}

function nodeNotReady(): Alert {
  return {
    alert: "NodeNotReady",
    expression: `max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0`,
    forSeconds: nodeSeconds,
    severity: "critical",
    summary: `The node {{ $labels.node }} is not ready`,
    description: `Pods of services move by themselves. A world on {{ $labels.node }} stays where it is until somebody says that the machine is off.`,
    runbook: "hung-node",
  };
}

function nodePressure(): Alert {
  const conditions = `condition=~"DiskPressure|MemoryPressure|PIDPressure",status="true"`;
  return {
    alert: "NodePressure",
    expression: `max by (node, condition) (kube_node_status_condition{${conditions}}) == 1`,
    forSeconds: 120,
    severity: "warning",
    summary: `The node {{ $labels.node }} is in {{ $labels.condition }}`,
    description: `kubelet ends pods on {{ $labels.node }} to make room, those first that use more than they asked for, and takes no new ones.`,
    runbook: "node-pressure",
  };
}

function clockSkew(): Alert {
  const by = "namespace, service, pod";
  return {
    alert: "ClockSkew",
    expression: [
      `max by (${by}) (abs(node_timex_offset_seconds)) > ${clockSeconds}`,
      `or max by (${by}) (node_timex_maxerror_seconds) >= ${clockUnknownSeconds}`,
    ].join("\n"),
    forSeconds: 600,
    severity: "warning",
    summary: `The clock of the node of {{ $labels.pod }} may be wrong by {{ $value | humanizeDuration }}`,
    description: `Tokens and certificates count as not yet valid or as ended, and budgets of bids are miscounted. {{ $labels.pod }} is the node-exporter there.`,
    runbook: "node-pressure",
  };
}

function usedPercent(watched: Watched): string {
  const of = (metric: string) => `${metric}{${here(watched)}}`;
  const used = `${of("kubelet_volume_stats_used_bytes")} / ${of("kubelet_volume_stats_capacity_bytes")}`;
  return `100 * max by (namespace, persistentvolumeclaim) (${used})`;
}

function volumeFilling(watched: Watched): Alert {
  return {
    alert: "VolumeFilling",
    expression: `${usedPercent(watched)} > ${watched.thresholds.volumePercent}`,
    forSeconds: 900,
    severity: "warning",
    summary: `The volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} is {{ printf "%.0f" $value }} % full`,
    description: `When it is full, whatever writes to {{ $labels.persistentvolumeclaim }} stops. Grow it while there is time.`,
    runbook: "volume-full",
  };
}

function volumeFullSoon(watched: Watched): Alert {
  const free = `kubelet_volume_stats_available_bytes{${here(watched)}}[1h]`;
  return {
    alert: "VolumeFullSoon",
    expression: [
      `${usedPercent(watched)} > ${trendPercent}`,
      `and min by (namespace, persistentvolumeclaim) (predict_linear(${free}, ${aheadSeconds})) < 0`,
    ].join("\n"),
    forSeconds: 900,
    severity: "critical",
    summary: `The volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} will be full in less than ${promDuration(aheadSeconds)}`,
    description: `It is {{ printf "%.0f" $value }} % full and grew fast for an hour. When it is full, whatever writes to {{ $labels.persistentvolumeclaim }} stops.`,
    runbook: "volume-full",
  };
}
