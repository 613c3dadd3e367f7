/** What the arithmetic refuses of monitoring before anything is applied. */
import { limitRangeMistakes, type Shrinkable, type SizePaths } from "../capacity/checks.ts";
import { limitRange } from "../capacity/quota.ts";
import { bytesPerSample, diskShare, retentionDays } from "../capacity/series.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Mistake } from "../config/mistakes.ts";
import type { Config } from "../config/schema.ts";
import { bytes, cpuMillis, formatBytes, formatCpu, type Size } from "../kube/quantities.ts";
import { grafanaName } from "./grafana-settings.ts";
import { lokiName } from "./logs/logs-plan.ts";
import type { MonitoringPlan } from "./plan.ts";
import { jaegerName } from "./tracing/tracing-plan.ts";

/** Monitoring of a region, by the region's name. */
export interface MonitoredRegion {
  name: string;
  monitoring: MonitoringPlan;
}

/** What decides the pods of both namespaces: agents on the nodes, which are more than all else. */
export function monitoringPods(region: string): Shrinkable {
  return { path: `regions.${region}.pools`, decides: ({ kind }) => kind === "DaemonSet" };
}

const path = "monitoring.prometheus";
const daysPath = `${path}.retentionDays`;

function sizePaths({ config, monitoring }: { config: Config; monitoring: MonitoringPlan }) {
  const { prometheus } = monitoring.workloads;
  const claims: Readonly<Record<string, string>> = {
    [prometheus.name]: config.monitoring.prometheus.diskSize === undefined ? daysPath : `${path}.diskSize`,
    [grafanaName]: "monitoring.grafana.diskSize",
    [jaegerName]: "monitoring.tracing.storage.diskSize",
    [lokiName]: "monitoring.logs.store.diskSize",
  };
  return ({ name }: WorkloadPlan): SizePaths => {
    const claim = claims[name];
    return {
      containers: name === prometheus.name ? [path] : [],
      computed: true,
      ...(claim === undefined ? {} : { claim }),
    };
  };
}

/** A size of Prometheus that the namespace refuses: what it was computed from, and what would fit. */
function explained(mistake: Mistake, { config, region }: { config: Config; region: MonitoredRegion }): Mistake {
  const { series, samplesPerSecond } = region.monitoring.series;
  if (mistake.path === path) {
    return {
      ...mistake,
      why: `${mistake.why}; ${region.name} may have ${series} series`,
      fix: "lower what the region may grow to, since pods and nodes make the series, or split it into two",
    };
  }
  if (mistake.path !== daysPath) return mistake;
  const { max } = limitRange.claim;
  const days = retentionDays(bytes(max), samplesPerSecond);
  return {
    ...mistake,
    got: config.monitoring.prometheus.retentionDays,
    want: `at most ${days} days in ${region.name}: ${samplesPerSecond} samples/s x ${bytesPerSample} bytes fill ${diskShare * 100} % of ${max} (limit range of the namespace) in that time, not ${mistake.got}`,
    fix: `lower it to ${days}, and keep what is older where monitoring.prometheus.remoteWrite sends it`,
  };
}

function agentMistakes({ agents }: MonitoringPlan, reserved: Size): Mistake[] {
  const plans = Object.values(agents);
  return (["cpu", "memory"] as const).flatMap((key) => {
    const [read, write] = key === "cpu" ? [cpuMillis, formatCpu] : [bytes, formatBytes];
    const requests = plans.map(({ pod }) => (key === "cpu" ? pod.requests.cpuMillis : pod.requests.memoryBytes));
    const need = requests.reduce((whole, one) => whole + one, 0);
    if (need <= read(reserved[key])) return [];
    const terms = plans.map(({ name }, index) => `${name} ${write(requests[index] ?? 0)}`);
    return [
      {
        path: `cluster.nodeReserved.${key}`,
        got: reserved[key],
        want: `at least ${write(need)} = ${terms.join(" + ")}, and what kubelet and the system take`,
        why: "these run on every node, so fewer pods of others fit there than pools are planned with",
      },
    ];
  });
}

/** Sizes that the namespaces refuse, and agents for which nodes keep no room. */
export function monitoringMistakes(config: Config, regions: readonly MonitoredRegion[]): Mistake[] {
  const samples = ({ monitoring }: MonitoredRegion) => monitoring.series.samplesPerSecond;
  const found = new Map<string, Mistake>();
  // One field decides for all regions: the largest of them says how far it may go.
  for (const region of regions.toSorted((one, other) => samples(other) - samples(one))) {
    const { workloads, agents } = region.monitoring;
    const plans = [...Object.values(workloads), ...Object.values(agents)];
    for (const mistake of [
      ...limitRangeMistakes(plans, sizePaths({ config, monitoring: region.monitoring })).map((one) =>
        explained(one, { config, region }),
      ),
      ...agentMistakes(region.monitoring, config.cluster.nodeReserved),
    ]) {
      if (!found.has(mistake.path)) found.set(mistake.path, mistake);
    }
  }
  return [...found.values()];
}
