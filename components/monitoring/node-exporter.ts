/** node-exporter: what every node does with its CPU, memory, disks and network. */
import type * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import { labels as commonLabels } from "../kube/labels.ts";
import type { SecurityException } from "../kube/security.ts";
import { nodeExporterImage } from "../kube/versions.ts";
import { NodeAgent } from "../workload/node-agent.ts";
import { monitoringPartOf, monitoringPorts, nodeExporterName, smallExporterSize } from "./prometheus-plan.ts";

const until = "2027-12-31";

const exceptions: SecurityException[] = [
  {
    allow: "host-namespaces",
    because: "a pod of its own network and processes would measure itself, not the node",
    until,
  },
  { allow: "host-path", because: "it reads the node's file systems to say how full they are, read-only", until },
];

/** Collectors that nothing here reads, and file systems of containers, which would be a series each. */
const collectorArgs = [
  "--path.rootfs=/host/root",
  "--path.procfs=/host/root/proc",
  "--path.sysfs=/host/root/sys",
  "--no-collector.wifi",
  "--no-collector.hwmon",
  "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/k3s/containerd/.+|sys|var/lib/docker/.+|var/lib/kubelet/pods/.+)($|/)",
  "--collector.netclass.ignored-devices=^(veth.*|cali.*|lxc.*|[a-f0-9]{15})$",
  "--collector.netdev.device-exclude=^(veth.*|cali.*|lxc.*|[a-f0-9]{15})$",
];

/** The DaemonSet of node-exporter. */
export function createNodeExporter(
  name: string,
  args: { namespace: string; plan: WorkloadPlan },
  options: pulumi.ComponentResourceOptions,
): NodeAgent {
  const { nodeExporter: port } = monitoringPorts;
  const httpGet = { path: "/", port: "metrics" };
  return new NodeAgent(
    name,
    {
      plan: args.plan,
      namespace: args.namespace,
      labels: commonLabels({ app: nodeExporterName }, { component: "exporter", partOf: monitoringPartOf }),
      needs: [],
      pod: {
        exceptions,
        priorityClass: priorityClasses.monitoring.name,
        volumes: [{ name: "root", hostPath: { path: "/", type: "Directory" } }],
        containers: [
          {
            name: nodeExporterName,
            image: nodeExporterImage,
            size: smallExporterSize,
            args: [`--web.listen-address=:${port}`, ...collectorArgs],
            ports: { metrics: port },
            mounts: [{ name: "root", mountPath: "/host/root", readOnly: true }],
            probes: {
              livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
              readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
            },
          },
        ],
      },
    },
    options,
  );
}
