/** `realmgrid:regions`: one Kubernetes cluster each. */
import { z } from "zod";
import { binarySize, cpu, dnsName, field } from "./fields.ts";

/** The node pools that a region needs. Workloads name the pool they run in. */
export const poolNames = ["worlds", "sessions", "services", "data"] as const;

/** Name of a node pool. */
export type PoolName = (typeof poolNames)[number];

const Pool = z.strictObject({
  minNodes: field(z.int().min(0).max(1000), {
    description: "Nodes that are always there",
    effect: "none",
    source: "your cluster",
  }),
  maxNodes: field(z.int().min(1).max(1000), {
    description:
      "Nodes that the cluster autoscaler may reach; capacity is checked against it, and agents and alerts count by it",
    effect: "in place",
    source: "your cluster",
  }),
  cpu: field(cpu, { description: "CPU of one node", effect: "none", source: "your cluster" }),
  memory: field(binarySize, { description: "Memory of one node", effect: "none", source: "your cluster" }),
  maxPods: field(z.int().min(1).max(256).default(110), {
    description: "Pods that kubelet accepts on one node",
    effect: "none",
    source: "kubelet default",
  }),
  dedicated: field(z.boolean().default(true), {
    description:
      "Nodes carry the label and taint `realmgrid.io/pool=<name>:NoSchedule`; false lets the workloads run on any node",
    effect: "rolling",
    source: "judgement: batch on a world's node shows as tick jitter",
  }),
});

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

const EnabledRegion = z.strictObject({
  enabled: field(z.literal(true), {
    description: "Whether the region runs; false removes everything of it",
    effect: "data at risk",
    source: "game design, regions.yaml",
  }),
  context: field(z.string().min(1), {
    description: "Context of the kubeconfig (KUBECONFIG or ~/.kube/config) that reaches the region's cluster",
    effect: "in place",
    source: "your cluster",
  }),
  zones: field(z.array(z.string().min(1)).min(1).max(6), {
    description: "Zones that the nodes carry as `topology.kubernetes.io/zone`",
    effect: "none",
    source: "your cluster",
  }),
  timeZone: field(
    z.string().refine(isTimeZone, { error: "a time zone such as America/Los_Angeles" }).default("Etc/UTC"),
    {
      description: "Time zone of the region's players; decides its night (delivery.argocd.syncWindow)",
      effect: "in place",
      source: "your region",
    },
  ),
  capacityPlayers: field(z.int().min(0).max(10_000_000), {
    description: "Players that the region holds before it scales: minReplicas x game.gameServers.maxPlayers",
    effect: "in place",
    unit: "players",
    source: "game design, regions.yaml `capacity`",
  }),
  latencyThresholdMs: field(z.int().min(1).max(1000), {
    description: "Round trip that a client of this region may see, given to the game servers",
    effect: "rolling",
    unit: "ms",
    source: "game design, regions.yaml",
  }),
  gameServers: z.strictObject({
    minReplicas: field(z.int().min(1).max(3000), {
      description: "Game servers that are always there",
      effect: "in place",
      source: "game design, regions.yaml",
    }),
    maxReplicas: field(z.int().min(1).max(3000), {
      description: "Game servers that the autoscaler may reach; quota and pool are checked against it",
      effect: "in place",
      source: "game design, regions.yaml",
      why: "Kubernetes is tested to 3000 pods in a namespace (SIG Scalability thresholds)",
    }),
  }),
  worlds: z.strictObject({
    count: field(z.int().min(1).max(1000), {
      description: "Worlds in the region; a new one starts empty, a removed one keeps its volume",
      effect: "data at risk",
      source: "game design: 3 in the manifest, 5 in the practice project",
    }),
    firstWorldId: field(z.int().min(0).max(999_999), {
      description: "WORLD_ID of the first world; ranges of regions must not overlap",
      effect: "data at risk",
      source: "judgement: 1000 ids for each region",
    }),
  }),
  pools: z.strictObject({ worlds: Pool, sessions: Pool, services: Pool, data: Pool }),
  apiServerCidrs: field(z.array(z.cidrv4()).min(1).default(["10.0.0.0/8"]), {
    description: "Addresses of the region's API server, as pods reach it (network policy of the backup job)",
    effect: "in place",
    source: "judgement: private networks of the large clouds",
  }),
  nodeCidrs: field(z.array(z.cidrv4()).min(1).default(["10.0.0.0/8"]), {
    description: "Addresses of the region's nodes (network policy of Prometheus, which asks kubelets)",
    effect: "in place",
    source: "judgement: private networks of the large clouds",
  }),
});

const unused = (key: "minReplicas" | "maxReplicas") =>
  field(z.int().min(0).max(3000), {
    description: `Not used while the region is off: ${key} when it runs`,
    effect: "none",
    source: "game design, regions.yaml: 0",
  });

const notUsed = field(z.array(z.cidrv4()).optional(), {
  description: "Not used while the region is off",
  effect: "none",
  source: "your cluster",
});

// A region is turned off by one word: whatever else its block says may stay and is not used.
const DisabledRegion = z.strictObject({
  ...EnabledRegion.partial().shape,
  enabled: field(z.literal(false), {
    description: "Whether the region runs",
    effect: "data at risk",
    source: "game design, regions.yaml: asia-pacific is in maintenance",
  }),
  gameServers: z.strictObject({ minReplicas: unused("minReplicas"), maxReplicas: unused("maxReplicas") }).optional(),
  apiServerCidrs: notUsed,
  nodeCidrs: notUsed,
});

/** A region that runs. */
export type RegionConfig = z.output<typeof EnabledRegion>;

/** One node pool of a region. */
export type PoolConfig = z.output<typeof Pool>;

/** All regions by name. Names become part of object names, so they are short. */
export const Regions = z
  .record(dnsName(30), z.discriminatedUnion("enabled", [EnabledRegion, DisabledRegion]))
  .meta({ description: "The regions by name, one Kubernetes cluster each" });
