/** Who reaches whom by the network policies alone, as sentences and as a table that a person reviews. */
import type { OfflineRun } from "../../tools/offline/host.ts";
import { allPodsOf, type Network, networkOf, type Pod, type Policy, type Target } from "./network.ts";
import { all } from "./objects.ts";
import { operatedWorkloads } from "./operated.ts";
import { containersOf, templates } from "./pods.ts";
import type { Changes } from "./stacks.ts";

/** Staging beside production in one region of prod, as small as it may be. */
export const beside: Changes = {
  "ads.staging": {
    regions: ["us-west"],
    hosts: { api: "staging-api.adplatform.com", bidding: "staging-bidding.adplatform.com" },
    services: {
      campaign: { minReplicas: 1, maxReplicas: 2 },
      bidding: { minReplicas: 1, maxReplicas: 3 },
      analytics: { minReplicas: 1, maxReplicas: 2 },
    },
    postgres: { instances: 1 },
    valkey: { primaries: 1, replicasPerPrimary: 0 },
    kafka: { brokers: 1, diskSize: "100Gi" },
    backups: { target: { kind: "volume" } },
  },
  // Addresses of their own, not the default's range of private ones, which would take in every pod.
  "regions.us-west.apiServerCidrs": ["10.96.0.1/32"],
  "regions.us-west.nodeCidrs": ["10.0.0.0/16"],
};

/** Pods that are not ours, by "namespace/name". */
export const foreigners: Readonly<Record<string, Pod>> = Object.fromEntries(
  [
    ["envoy-gateway-system", "gateway", { app: "envoy" }],
    ["keda", "operator", { app: "keda-operator" }],
    ["mysql-operator", "operator", { name: "mysql-operator" }],
    ["cnpg-system", "operator", { "app.kubernetes.io/name": "cloudnative-pg" }],
    ["strimzi", "operator", { name: "strimzi-cluster-operator" }],
    // Whoever finds out our labels has nothing by them.
    ["stranger", "look-alike", { app: "campaign-service" }],
    ["kube-system", "dns", { "k8s-app": "kube-dns" }],
  ].map(([namespace, name, labels]) => [`${namespace}/${name}`, { namespace, labels } as Pod]),
);

/** Addresses that are no pod's. */
const addresses: Readonly<Record<string, string>> = {
  internet: "203.0.113.7",
  "api-server": "10.96.0.1",
  node: "10.0.5.5",
};

type Where = Required<Target>;

function targetsOf(run: OfflineRun, region: string): Where[] {
  const named = [...templates(run, region), ...operatedWorkloads(run, region)]
    .flatMap(containersOf)
    .flatMap((container) => container.ports ?? [])
    .map(({ containerPort, protocol }) => `${containerPort}/${protocol ?? "TCP"}`);
  const policies: Policy[] = all(run, "NetworkPolicy", region).map((one) => one.object);
  const rules = policies.flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])]);
  const allowed = rules.flatMap(({ ports }) =>
    (ports ?? []).map(({ port, protocol }) => `${port}/${protocol ?? "TCP"}`),
  );
  // Nothing names port 80, which the original opened to every address.
  return [...new Set([...named, ...allowed, "80/TCP"])]
    .map((text) => text.split("/"))
    .map(([port, protocol]) => ({ port: Number(port), protocol: protocol === "UDP" ? "UDP" : "TCP" }) as Where)
    .sort((one, other) => one.port - other.port || (one.protocol < other.protocol ? -1 : 1));
}

/** The network of a region with all pods of it and around it. */
export interface Reachability {
  /** Our pods, by "namespace/name". */
  ours: readonly string[];
  /** Ports that were tried. */
  ports: readonly string[];
  /** Number of questions that were asked. */
  asked: number;
  /** What is allowed, as "from -> to:port"; a port of UDP says so. */
  allowed: readonly string[];
}

function portText({ port, protocol }: Where): string {
  return protocol === "TCP" ? String(port) : `${port}/udp`;
}

/** Asks for every pair, of which at least one is ours, and every port that a container or a policy names. */
export function reachability(run: OfflineRun, region: string): Reachability {
  const network: Network = networkOf(run, region);
  const ours = allPodsOf(run, region);
  const everyone = Object.entries({ ...ours, ...foreigners });
  const targets = targetsOf(run, region);
  const allowed: string[] = [];
  let asked = 0;
  const ask = (from: string, to: string, where: Where, able: boolean) => {
    asked += 1;
    if (able) allowed.push(`${from} -> ${to}:${portText(where)}`);
  };
  for (const [from, pod] of everyone) {
    for (const where of targets) {
      for (const [to, other] of everyone) {
        if (from in foreigners && to in foreigners) continue;
        ask(from, to, where, network.canReach(pod, other, where));
      }
      if (from in foreigners) continue;
      for (const [to, ip] of Object.entries(addresses)) ask(from, to, where, network.canReachAddress(pod, ip, where));
    }
  }
  return { ours: Object.keys(ours), ports: targets.map(portText), asked, allowed };
}

function split(pair: string): { from: string; to: string; space: string } {
  const [from = "", to = ""] = pair.split(" -> ");
  return { from, to, space: to.split("/")[0] ?? "" };
}

/** One block for each namespace: its own columns, everyone who reaches one of them, a mark where it is allowed. */
export function reachabilityText({ ours, allowed }: Reachability): string {
  const pairs = allowed.map(split);
  const spaces = [...new Set(ours.map((one) => one.split("/")[0] ?? ""))].sort();
  const blocks = [...spaces, "outside"].map((space) => {
    const here = pairs.filter((one) => (spaces.includes(one.space) ? one.space : "outside") === space);
    const columns = [...new Set(here.map((one) => one.to))].sort();
    const callers = [
      ...new Set([...ours.filter((one) => one.startsWith(`${space}/`)), ...here.map((one) => one.from)]),
    ];
    const width = Math.max(...callers.map((one) => one.length));
    const marks = callers.sort().map((from) => {
      const cells = columns.map((to) => (here.some((one) => one.from === from && one.to === to) ? "x" : "."));
      return `${from.padEnd(width)}  ${cells.join("  ")}`;
    });
    const legend = columns.map((to, index) => `  ${letter(index)}  ${to}`);
    const heads = `${"".padEnd(width)}  ${columns.map((_, index) => letter(index)).join("  ")}`;
    return [`To ${space}:`, "", ...legend, "", heads, ...marks].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function letter(index: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const one = letters[index];
  if (one === undefined) throw new Error(`a table of reachability has more than ${letters.length} columns`);
  return one;
}
