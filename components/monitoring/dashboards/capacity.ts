/** Capacity: quotas, nodes, volumes, memory against limits. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { anyOf, query, rate, series, share, sumBy } from "./queries.ts";
import { memoryOfLimit, volumes } from "./workload-panels.ts";

/** Gives what the exporter of a node says the node's name; of itself it knows its pod only. */
function ofNodes(expression: string): string {
  return `(${expression}) * on (region, namespace, pod) group_left (node) ${series("kube_pod_info")}`;
}

/** The dashboard of what is used of what there is. */
export function capacity(watched: Watched): Dashboard {
  const { thresholds } = watched;
  const chosen = { namespace: "=~$namespace" };
  const quota = (type: string) => sumBy(["namespace", "resource"], series("kube_resourcequota", { ...chosen, type }));
  const requests = (resource: string) =>
    `sum(${series("kube_pod_container_resource_requests", { resource })} * on (region, namespace, pod) group_left () (${series("kube_pod_status_phase", { phase: "Running" })} == 1))`;
  const nodes = (resource: string) => `sum(${series("kube_node_status_allocatable", { resource })})`;
  const full = [
    { value: thresholds.quotaPercent / 100, color: "orange" },
    { value: 1, color: "red" },
  ] as const;
  return drawDashboard({
    key: "capacity",
    description: "For whoever plans: what runs out next?",
    variables: [{ name: "namespace", of: series("kube_resourcequota", { namespace: anyOf(watched.namespaces) }) }],
    rows: [
      {
        title: "Quotas",
        panels: [
          {
            title: "Quota in use",
            kind: "bars",
            unit: "ratio",
            description: "Used part of each resource of the namespaces' quotas. A full one refuses new pods.",
            queries: query(share(quota("used"), quota("hard")), "{{namespace}} {{resource}}"),
            lines: full,
          },
          {
            title: "Quota in use over time",
            unit: "ratio",
            description: "The same over time: a rollout and a peak of the autoscaler need room at once.",
            queries: query(share(quota("used"), quota("hard")), "{{namespace}} {{resource}}"),
            lines: full,
          },
        ],
      },
      {
        title: "Nodes",
        panels: [
          {
            title: "Requested of the nodes",
            unit: "ratio",
            description: "Requests of running pods in parts of what all nodes can give.",
            queries: ["cpu", "memory"].map((resource) => ({
              expression: `${requests(resource)} / ${nodes(resource)}`,
              legend: resource,
            })),
            lines: [{ value: 1, color: "red" }],
          },
          {
            title: "Nodes that are ready",
            unit: "count",
            description: "Nodes by whether they are ready. One that hangs holds its worlds until somebody acts.",
            queries: query(
              sumBy(["status"], series("kube_node_status_condition", { condition: "Ready" })),
              "ready: {{status}}",
            ),
          },
          {
            title: "CPU of nodes in use",
            unit: "ratio",
            description: "Part of the time that the CPUs of a node do work.",
            queries: query(
              ofNodes(`1 - avg by (region, namespace, pod) (${rate("node_cpu_seconds_total", { mode: "idle" })})`),
              "{{node}}",
            ),
          },
          {
            title: "Memory of nodes in use",
            unit: "ratio",
            description: "Memory of a node that could not be had at once.",
            queries: query(
              ofNodes(`1 - ${series("node_memory_MemAvailable_bytes")} / ${series("node_memory_MemTotal_bytes")}`),
              "{{node}}",
            ),
          },
        ],
      },
      {
        title: "Pods",
        panels: [
          volumes({ ...chosen, thresholds }),
          memoryOfLimit({ ...chosen, thresholds }),
          {
            title: "Throttled",
            unit: "ratio",
            description: "Part of the periods in which a container wanted more CPU than its limit. Players feel it.",
            queries: query(
              `topk(10, ${share(
                sumBy(["pod", "container"], rate("container_cpu_cfs_throttled_periods_total", chosen)),
                sumBy(["pod", "container"], rate("container_cpu_cfs_periods_total", chosen)),
              )})`,
              "{{pod}} {{container}}",
            ),
          },
          {
            title: "Pods by phase",
            unit: "count",
            description: "Pods that wait, run, or ended.",
            queries: query(sumBy(["phase"], series("kube_pod_status_phase", chosen)), "{{phase}}"),
          },
        ],
      },
    ],
  });
}
