import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineRun } from "../../tools/offline/host.ts";
import type { Policy } from "../support/network.ts";
import { everything } from "../support/objects.ts";
import { templates } from "../support/pods.ts";
import { beside, type Reachability, reachability } from "../support/reachability.ts";
import { runWith } from "../support/runs.ts";

/** Callers with what each may reach, as "target port port ..."; targets of the same namespace without its name. */
type Table = Readonly<Record<string, readonly string[]>>;

const gateway = "envoy-gateway-system/gateway";
const prometheus = "monitoring/prometheus";
const everyNamespace = ["ad-platform", "ad-platform-staging", "mmorpg-game", "monitoring", "monitoring-agents"];

/** The ads, the same in both environments. Written down from the design, not from the rows that make the policies. */
const ads: Table = {
  "campaign-service": ["postgres-pooler 5432", "redis-cluster 6379", "kafka 9092 9093"],
  "bidding-service": ["redis-cluster 6379", "kafka 9092 9093"],
  "analytics-service": ["postgres-pooler 5432", "kafka 9092 9093"],
  "postgres-pooler": ["postgres 5432"],
  // Replication, and the status of each other.
  postgres: ["postgres 5432 8000"],
  "redis-cluster": ["redis-cluster 6379 16379"],
  // Brokers are controllers too.
  kafka: ["kafka 9090 9091"],
  "kafka-entity-operator": ["kafka 9091"],
  // A drill restores into a server of its own pod.
  "postgres-backup": ["postgres 5432"],
  "postgres-drill": [],
  "postgres-restore": ["postgres 5432"],
  "redis-backup": ["redis-cluster 6379"],
  "redis-drill": [],
  "redis-restore": ["redis-cluster 6379"],
  [gateway]: ["campaign-service 8080", "bidding-service 8080", "analytics-service 8080"],
  [prometheus]: [
    ...["campaign-service 9090", "bidding-service 9090", "analytics-service 9090"],
    ...["postgres 9187", "postgres-pooler 9127", "redis-cluster 9121", "kafka 9404"],
  ],
  "cnpg-system/operator": ["postgres 5432 8000"],
  "strimzi/operator": ["kafka 8443 9090 9091"],
};

const routers = "mysql-router 6446 6447";
const cache = "redis-cluster 6379";
const gameServices = ["auth-service", "guild-service", "matchmaking-service", "player-service", "world-service"];
const gameRows = [...gameServices, "game-server", "game-world-server"];

const game: Table = {
  "auth-service": [routers, cache],
  "player-service": [routers, cache, "auth-service 8080"],
  "guild-service": [routers, cache, "player-service 8080"],
  "world-service": [cache, "auth-service 8080", "game-world-server 8080"],
  "matchmaking-service": [cache, "auth-service 8080", "world-service 8080", "game-server 8080"],
  "game-world-server": [routers, cache, "player-service 8080", "game-world-server 8080"],
  "game-server": [
    ...[routers, cache, "auth-service 8080", "player-service 8080", "game-world-server 8080"],
    // A cluster, whose members read each other's metrics.
    "game-server 8080 9090",
  ],
  "mysql-router": ["mysql 3306 33060"],
  mysql: ["mysql 3306 33060 33061"],
  "redis-cluster": ["redis-cluster 6379 16379"],
  "mysql-users": ["mysql-router 6446"],
  "mysql-backup": ["mysql-router 6446"],
  "mysql-drill": [],
  "mysql-restore": ["mysql-router 6446"],
  "redis-backup": [cache],
  "redis-drill": [],
  "redis-restore": [cache],
  "world-backup": ["game-world-server 9090"],
  "world-drill": [],
  "world-drill-check": [],
  [gateway]: gameRows.map((one) => `${one} 8080`),
  [prometheus]: [...gameRows.map((one) => `${one} 9090`), "mysql 9104", "redis-cluster 9121"],
  "mysql-operator/operator": ["mysql 3306 33060"],
};

/** Metrics, traces and logs: pages of people have no login but Grafana's, so nobody else is let to them. */
const monitoring: Table = {
  prometheus: [
    ...["prometheus 9090", "alertmanager 9093", "kube-state-metrics 8080", "blackbox-exporter 9115", "grafana 3000"],
    ...["otel-gateway 8888", "jaeger 8888", "loki 3100"],
  ],
  // Those of one region agree on what was told.
  alertmanager: ["alertmanager 9094 9094/udp"],
  "kube-state-metrics": [],
  "blackbox-exporter": [],
  grafana: ["prometheus 9090", "alertmanager 9093", "jaeger 16686", "loki 3100"],
  "otel-gateway": ["jaeger 4317"],
  jaeger: [],
  loki: [],
  "monitoring-agents/otel-agent": ["otel-gateway 4317", "loki 3100"],
  "keda/operator": ["prometheus 9090"],
};

/** The agent of a node takes traces of everybody who serves players or bids, and of nobody else. */
const agents: Table = {
  "otel-agent": [],
  [prometheus]: ["otel-agent 8888"],
  ...Object.fromEntries(gameRows.map((one) => [`mmorpg-game/${one}`, ["otel-agent 4317 4318"]])),
  ...Object.fromEntries(
    ["ad-platform", "ad-platform-staging"].flatMap((space) =>
      ["campaign-service", "bidding-service", "analytics-service"].map((one) => [
        `${space}/${one}`,
        ["otel-agent 4317 4318"],
      ]),
    ),
  ),
};

const tables: Readonly<Record<string, Table>> = {
  "ad-platform": ads,
  "ad-platform-staging": ads,
  "mmorpg-game": game,
  monitoring,
  "monitoring-agents": agents,
};

/**
 * Who carries backups to a bucket or plays with the outside; staging keeps its backups on a volume. Alerts, metrics for the
 * view of all regions, and questions to public hosts go out as well.
 */
const toInternet = [
  ...["alertmanager", "blackbox-exporter", "prometheus"].map((one) => `monitoring/${one}`),
  ...["auth-service", "game-server"].map((one) => `mmorpg-game/${one}`),
  ...["mysql", "redis"].flatMap((store) => jobs(`mmorpg-game/${store}`)),
  ...["postgres", "redis"].flatMap((store) => jobs(`ad-platform/${store}`)),
];

/** Whose programs talk to the API server: those of operators, the jobs of the worlds' snapshots, and monitoring. */
const toApiServer = [
  ...["ad-platform", "ad-platform-staging"].flatMap((space) =>
    // Brokers ask for the zone of their node.
    ["postgres", "postgres-pooler", "kafka", "kafka-entity-operator"].map((one) => `${space}/${one}`),
  ),
  ...["mysql", "world-backup", "world-drill"].map((one) => `mmorpg-game/${one}`),
  // What runs in the cluster, and how its objects are.
  ...["kube-state-metrics", "prometheus"].map((one) => `monitoring/${one}`),
];

function jobs(store: string): string[] {
  return ["backup", "drill", "restore"].map((job) => `${store}-${job}`);
}

function pods(): string[] {
  return Object.entries(tables).flatMap(([space, table]) =>
    Object.keys(table)
      .filter((one) => !one.includes("/"))
      .map((one) => `${space}/${one}`),
  );
}

function expected(): string[] {
  const inside = Object.entries(tables).flatMap(([space, table]) =>
    Object.entries(table).flatMap(([caller, targets]) =>
      targets.flatMap((target) => {
        const [to, ...ports] = target.split(" ");
        const from = caller.includes("/") ? caller : `${space}/${caller}`;
        return ports.map((port) => `${from} -> ${space}/${to}:${port}`);
      }),
    ),
  );
  return [
    ...inside,
    ...pods().flatMap((from) => ["53", "53/udp"].map((port) => `${from} -> kube-system/dns:${port}`)),
    ...toInternet.map((from) => `${from} -> internet:443`),
    // Kubelets, and node-exporters, which have the addresses of their nodes.
    ...["9100", "10250"].map((port) => `${prometheus} -> node:${port}`),
    ...toApiServer.flatMap((from) => ["443", "6443"].map((port) => `${from} -> api-server:${port}`)),
  ];
}

/** Pairs that differ from the table: those that are refused against it, and those that are allowed against it. */
function differing({ allowed }: Pick<Reachability, "allowed">): { refused: string[]; allowed: string[] } {
  const [wanted, found] = [new Set(expected()), new Set(allowed)];
  return {
    refused: [...wanted].filter((one) => !found.has(one)),
    allowed: [...found].filter((one) => !wanted.has(one)),
  };
}

/** A copy of a run in which the policy of a workload of the ads has one more rule for the pods of another. */
function opened(run: OfflineRun, name: string, direction: "ingress" | "egress", app: string): OfflineRun {
  const copy = structuredClone(run);
  const policy = everything(copy).find(
    (one) =>
      one.kind === "NetworkPolicy" && one.region === "us-west" && one.namespace === "ad-platform" && one.name === name,
  );
  const spec = policy?.resource.inputs["spec"] as { ingress?: object[]; egress?: object[] } & Partial<Policy["spec"]>;
  const peers = [{ podSelector: { matchLabels: { app } } }];
  const rule = { ports: [{ protocol: "TCP", port: 5432 }] };
  if (direction === "ingress") Object.assign(spec, { ingress: [...(spec.ingress ?? []), { from: peers, ...rule }] });
  else Object.assign(spec, { egress: [...(spec.egress ?? []), { to: peers, ...rule }] });
  return copy;
}

describe("who reaches whom in us-west, with staging beside production, the game and monitoring", () => {
  const run = () => runWith("prod", beside);
  const reach = async () => reachability(await run(), "us-west");
  const space = (pod: string) => pod.split("/")[0] ?? "";
  const ends = (pair: string) => {
    const [from = "", to = ""] = pair.split(" -> ");
    return { from: space(from), to: space(to) };
  };

  it("is asked for every workload that there is, and for every port that a container or a policy names", async () => {
    const { ours, ports, asked } = await reach();
    assert.deepEqual(ours.toSorted(), pods().sort());
    const said = expected().map((one) => one.replace(/^.*:/, ""));
    for (const port of said) assert.ok(ports.includes(port), port);
    assert.ok(asked > 70_000, `only ${asked} questions`);
  });

  it("is what the design says, pair by pair and port by port, and nothing more", async () => {
    assert.deepEqual(differing(await reach()), { refused: [], allowed: [] });
  });

  it("is nobody of one namespace in another but for metrics and traces: neither staging in production, nor either in the game, nor back", async () => {
    const { allowed } = await reach();
    const across = allowed.filter((pair) => {
      const { from, to } = ends(pair);
      return from !== to && everyNamespace.includes(from) && everyNamespace.includes(to);
    });
    const scraped = across.filter((pair) => pair.startsWith(`${prometheus} -> `));
    assert.ok(scraped.length > 20);
    const traced = across.filter((pair) =>
      /^(mmorpg-game|ad-platform.*)\/.* -> monitoring-agents\/otel-agent:431[78]$/.test(pair),
    );
    // Seven rows of the game, three of each environment of the ads.
    assert.equal(traced.length, 2 * (7 + 3 + 3));
    assert.deepEqual(
      across.filter((pair) => !scraped.includes(pair) && !traced.includes(pair)),
      ["otel-gateway:4317", "loki:3100"].map((to) => `monitoring-agents/otel-agent -> monitoring/${to}`).sort(),
    );
    const guests = ["cnpg-system", "envoy-gateway-system", "keda", "mysql-operator", "strimzi"];
    assert.deepEqual(
      [...new Set(allowed.map((pair) => ends(pair).from))].sort(),
      [...everyNamespace, ...guests].sort(),
    );
  });

  it("is only Grafana, KEDA and monitoring itself at what has no login: metrics, alerts, traces, logs", async () => {
    const { allowed } = await reach();
    const callers = (app: string) => {
      const pairs = allowed.filter((pair) => pair.includes(` -> monitoring/${app}:`));
      return [...new Set(pairs.map((pair) => pair.replace(/ -> .*$/, "")))].sort();
    };
    assert.deepEqual(callers("prometheus"), ["keda/operator", "monitoring/grafana", prometheus]);
    assert.deepEqual(callers("alertmanager"), ["monitoring/alertmanager", "monitoring/grafana", prometheus]);
    assert.deepEqual(callers("jaeger"), ["monitoring/grafana", "monitoring/otel-gateway", prometheus]);
    assert.deepEqual(callers("loki"), ["monitoring-agents/otel-agent", "monitoring/grafana", prometheus]);
    // The gateway of the cluster leads nobody in; people come by a port that is forwarded to them.
    assert.deepEqual(callers("grafana"), [prometheus]);
  });

  it("leaves out the exporters on the network of their nodes alone, which no policy holds: they only answer", async () => {
    const onNodes = templates(await run(), "us-west").filter(({ spec }) => spec.hostNetwork);
    assert.deepEqual(
      onNodes.map(({ kind, namespace, name }) => [kind, namespace, name]),
      [["DaemonSet", "monitoring-agents", "node-exporter"]],
    );
    const { allowed } = await reach();
    assert.deepEqual(
      allowed.filter((pair) => pair.includes(" -> node:")),
      [`${prometheus} -> node:9100`, `${prometheus} -> node:10250`],
    );
  });

  it("is no bid at the database: bidding waits for memory, never for a disk", async () => {
    const bids = (await reach()).allowed.filter((pair) => /\/bidding-service -> /.test(pair));
    assert.ok(bids.length > 4);
    assert.deepEqual(
      bids.filter((pair) => pair.includes("postgres")),
      [],
    );
  });

  it("is seen to be wrong where a policy opens one pair too many, if both ends open it", async () => {
    const way = opened(await run(), "bidding-service-network-policy", "egress", "postgres-pooler");
    assert.deepEqual(differing(reachability(way, "us-west")), { refused: [], allowed: [] });
    const both = opened(way, "postgres-network-policy", "ingress", "bidding-service");
    const pair = "ad-platform/bidding-service -> ad-platform/postgres-pooler:5432";
    assert.deepEqual(differing(reachability(both, "us-west")), { refused: [], allowed: [pair] });
  });

  it("is seen to be wrong where a pair that the design wants is refused", async () => {
    const { allowed } = await reach();
    const lost = "ad-platform/campaign-service -> ad-platform/kafka:9092";
    assert.deepEqual(differing({ allowed: allowed.filter((pair) => pair !== lost) }), { refused: [lost], allowed: [] });
  });
});
