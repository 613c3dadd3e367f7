/** `realmgrid:cluster`: what every region's cluster has in common. */
import { z } from "zod";
import { binarySize, cpu, dnsName, field, objectName } from "./fields.ts";

const addon = (about: string) =>
  z
    .strictObject({
      install: field(z.enum(["helm", "existing"]).default("existing"), {
        description: `${about}: installed from its pinned Helm chart, or already in the cluster`,
        effect: "in place",
        source: "judgement: most companies run these already",
      }),
    })
    .prefault({});

/** Schema of `realmgrid:cluster`. */
export const Cluster = z.strictObject({
  kubernetesVersion: field(z.enum(["1.35", "1.36", "1.37"]).default("1.36"), {
    description: "Minor version of the API servers; the Pod Security profile of that version is enforced",
    effect: "in place",
    source: "kubernetes.io: versions with upstream support in November 2026",
  }),
  protectData: field(z.boolean().default(true), {
    description: "Refuses to delete namespaces and worlds, and keeps volumes when they are deleted all the same",
    effect: "in place",
    source: "judgement: player data lives there",
  }),
  storageClass: z
    .strictObject({
      name: field(objectName.default("fast-ssd"), {
        description: "StorageClass of the worlds' volumes; empty for the cluster's default",
        effect: "data at risk",
        source: "game design, world manifest",
      }),
      provisioner: field(z.string().min(1).optional(), {
        description: "CSI driver; given, the class is created, else it must exist",
        effect: "replace",
        source: "your cluster",
      }),
      scratchName: field(objectName.default(""), {
        description:
          "StorageClass of volumes that live as long as a job, with reclaimPolicy Delete; created like the other; empty for the cluster's default",
        effect: "in place",
        source: "your cluster",
        why: "with Retain every backup and every drill would leave a disk behind",
      }),
      parameters: field(z.record(z.string(), z.string()).default({}), {
        description: "Parameters of the CSI driver",
        effect: "replace",
        source: "your cluster",
      }),
      zonal: field(z.boolean().default(true), {
        description: "A volume can be attached in its own zone only; decides the recovery table of a lost zone",
        effect: "none",
        source: "usual block storage of clouds",
      }),
    })
    .prefault({}),
  addons: z
    .strictObject({
      keda: addon("KEDA, which scales game servers and services"),
      verticalPodAutoscaler: addon("Vertical Pod Autoscaler, which recommends sizes"),
      mysqlOperator: addon("MySQL Operator, which runs the game's database"),
      cloudNativePg: addon("CloudNativePG, which runs the ad platform's database"),
      strimzi: addon("Strimzi, which runs the ad platform's Kafka"),
      metricsServer: addon("metrics-server, which KEDA's CPU trigger reads"),
      prometheusOperator: addon("Prometheus operator, which runs Prometheus and Alertmanager"),
    })
    .prefault({}),
  prometheusUrl: field(z.url().optional(), {
    description: "Prometheus that KEDA asks for players and requests; the region's own when absent",
    effect: "in place",
    source: "Service that the Prometheus operator creates in the monitoring namespace",
  }),
  kedaNamespace: field(dnsName().default("keda"), {
    description: "Namespace of KEDA, whose operator may ask Prometheus",
    effect: "in place",
    source: "KEDA's chart",
  }),
  gatewayNamespace: field(dnsName().default("envoy-gateway-system"), {
    description: "Namespace whose pods may reach public ports of the game",
    effect: "in place",
    source: "Envoy Gateway default",
  }),
  monitoringNamespace: field(dnsName(56).default("monitoring"), {
    description:
      "Namespace of Prometheus, dashboards, traces and logs, whose pods may reach metrics ports; agents on nodes are in the one with `-agents` behind it. Another one begins with nothing, and what sends traces rolls",
    effect: "data at risk",
    source: "game design, namespace monitoring",
  }),
  nodeReserved: z
    .strictObject({
      cpu: field(cpu.default("500m"), {
        description: "CPU of a node that pods of the game cannot have: kubelet, system, daemon sets",
        effect: "none",
        source: "judgement: what large clouds reserve on 16 cores, plus two agents",
      }),
      memory: field(binarySize.default("3Gi"), {
        description: "Memory of a node that pods of the game cannot have",
        effect: "none",
        source: "judgement: what large clouds reserve on 64 GiB, plus two agents",
      }),
    })
    .prefault({}),
});

/** Parsed `realmgrid:cluster`. */
export type ClusterConfig = z.output<typeof Cluster>;

/** Namespace of the agents that run on every node and need more of it than other pods may have. */
export function agentsNamespace({ monitoringNamespace }: ClusterConfig): string {
  return `${monitoringNamespace}-agents`;
}

/** Prometheus that autoscalers ask. */
export function prometheusAddress({ prometheusUrl, monitoringNamespace }: ClusterConfig): string {
  return prometheusUrl ?? `http://prometheus-operated.${monitoringNamespace}.svc:9090`;
}
