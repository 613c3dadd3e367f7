import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameRows } from "../../components/game/workloads.ts";
import { gameStores } from "../../components/kube/stores.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { allPodsOf, game, type Network, networkOf, type Pod, podsOf, type Target } from "../support/network.ts";
import { find } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { containersOf, selects, templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

const services = ["auth-service", "player-service", "guild-service", "world-service", "matchmaking-service"];
const servers = ["game-server", "game-world-server"];
const gateway: Pod = { namespace: "envoy-gateway-system", labels: { app: "envoy" } };
const operator: Pod = { namespace: "mysql-operator", labels: { name: "mysql-operator" } };
const prometheus: Pod = { namespace: "monitoring", labels: { app: "prometheus" } };
const dns: Pod = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
const stranger: Pod = { namespace: "ad-platform", labels: { app: "game-server" } };
const tcp = (port: number): Target => ({ port });

interface Region {
  network: Network;
  /** Pods of the game by name. */
  pods: Record<string, Pod>;
  pod(name: string): Pod;
  /** Pods of every namespace, by "namespace/name". */
  everyone: Record<string, Pod>;
}

async function regionOf(stack: "dev" | "prod", name: string): Promise<Region> {
  const run = await runOf(stack);
  const pods = podsOf(run, name);
  return {
    network: networkOf(run, name),
    pods,
    everyone: allPodsOf(run, name),
    pod(workload) {
      const found = pods[workload];
      if (found === undefined) throw new Error(`no pod of ${workload}, only of ${Object.keys(pods).join(", ")}`);
      return found;
    },
  };
}

/** Ports of `names` that a pod reaches, as "name:port". */
function reached({ network, pod }: Region, from: Pod, names: readonly string[], ports: readonly number[]): string[] {
  return names.flatMap((name) =>
    ports.filter((port) => network.canReach(from, pod(name), tcp(port))).map((port) => `${name}:${port}`),
  );
}

/** Pods and ports that a Service leads to, as "app:port": those of its own namespace alone. */
function behind(run: OfflineRun, service: string, namespace = game): string[] {
  const { selector, ports } = find(run, "Service", service).spec;
  return [...templates(run, "us-west"), ...operatedWorkloads(run, "us-west")]
    .filter((one) => one.namespace === namespace && selects(selector, one.labels))
    .flatMap((one) =>
      ports.map(({ targetPort }) => {
        const named = containersOf(one).flatMap((container) => container.ports ?? []);
        const port = named.find((each) => each.name === targetPort)?.containerPort ?? targetPort;
        return `${one.labels["app"]}:${port}`;
      }),
    );
}

describe("the network of the game", () => {
  const ports = [80, 443, 3306, 6379, 6446, 6447, 8080, 8443, 9090, 9104, 9121, 16379, 33060, 33061];

  it("lets the gateway to the game port of servers, worlds and services, and to nothing else", async () => {
    const region = await regionOf("prod", "us-west");
    assert.deepEqual(
      reached(region, gateway, Object.keys(region.pods), ports).sort(),
      [...servers, ...services].map((name) => `${name}:8080`).sort(),
    );
  });

  it("lets monitoring to metrics and exporters: the original let only game servers be scraped, and by a label that no namespace has", async () => {
    const region = await regionOf("prod", "us-west");
    assert.deepEqual(
      reached(region, prometheus, Object.keys(region.pods), ports).sort(),
      [...[...servers, ...services].map((name) => `${name}:9090`), "mysql:9104", "redis-cluster:9121"].sort(),
    );
  });

  it("lets no pod of another namespace in, whatever its labels", async () => {
    const region = await regionOf("prod", "us-west");
    assert.deepEqual(reached(region, stranger, Object.keys(region.pods), ports), []);
  });

  for (const [from, allowed] of [
    [
      "game-server",
      [
        "auth-service:8080",
        "game-server:8080",
        "game-server:9090",
        "game-world-server:8080",
        "mysql-router:6446",
        "mysql-router:6447",
        "player-service:8080",
        "redis-cluster:6379",
      ],
    ],
    [
      "game-world-server",
      ["game-world-server:8080", "mysql-router:6446", "mysql-router:6447", "player-service:8080", "redis-cluster:6379"],
    ],
    ["auth-service", ["mysql-router:6446", "mysql-router:6447", "redis-cluster:6379"]],
    ["player-service", ["auth-service:8080", "mysql-router:6446", "mysql-router:6447", "redis-cluster:6379"]],
    ["guild-service", ["mysql-router:6446", "mysql-router:6447", "player-service:8080", "redis-cluster:6379"]],
    ["world-service", ["auth-service:8080", "game-world-server:8080", "redis-cluster:6379"]],
    ["matchmaking-service", ["auth-service:8080", "game-server:8080", "redis-cluster:6379", "world-service:8080"]],
    ["world-backup", ["game-world-server:9090"]],
    // The group, its X protocol and its own channel: among servers alone.
    ["mysql", ["mysql:3306", "mysql:33060", "mysql:33061"]],
    ["mysql-router", ["mysql:3306", "mysql:33060"]],
    ["mysql-users", ["mysql-router:6446"]],
    ["redis-cluster", ["redis-cluster:16379", "redis-cluster:6379"]],
  ] as const) {
    it(`lets ${from} to ${allowed.join(", ")}, and no further`, async () => {
      const region = await regionOf("prod", "us-west");
      assert.deepEqual(reached(region, region.pod(from), Object.keys(region.pods), ports).sort(), allowed);
    });
  }

  it("opens both ends of every call that a row declares", async () => {
    const [run, region] = [await runOf("dev"), await regionOf("dev", "us-west")];
    for (const row of gameRows) {
      for (const target of row.calls) {
        if (target === "internet") {
          assert.ok(
            region.network.canReachAddress(region.pod(row.name), "1.1.1.1", tcp(443)),
            `${row.name} -> internet`,
          );
          continue;
        }
        const [service, readService] =
          target === "mysql"
            ? [gameStores.mysql.service, gameStores.mysql.readService]
            : [target === "redis" ? gameStores.redis.service : undefined];
        const ends = [service, readService].flatMap((one) => (one === undefined ? [] : behind(run, one)));
        if (service !== undefined) assert.ok(ends.length > 0, `${target} has nothing behind its Service`);
        for (const end of service === undefined ? [`${target}:8080`] : ends) {
          const [to = "", port] = end.split(":");
          assert.ok(
            region.network.canReach(region.pod(row.name), region.pod(to), tcp(Number(port))),
            `${row.name} -> ${end}`,
          );
        }
      }
    }
  });

  it("leads writes and reads of MySQL to routers, on a port each, and clients of Valkey to every server", async () => {
    const run = await runOf("prod");
    assert.deepEqual(
      ["mysql-primary-service", "mysql-replica-service", "redis-cluster-service"].map((one) => behind(run, one)),
      [["mysql-router:6446"], ["mysql-router:6447"], ["redis-cluster:6379"]],
    );
  });

  it("leads callers of the ads to poolers, never straight to PostgreSQL, to Valkey of their own, and to brokers", async () => {
    const run = await runOf("prod");
    assert.deepEqual(
      ["postgres-service", "redis-service", "kafka-service"].map((one) => behind(run, one, "ad-platform")),
      [["postgres-pooler:5432"], ["redis-cluster:6379"], ["kafka:9092", "kafka:9093"]],
    );
  });

  it("lets the operator of MySQL to servers, from its own namespace alone", async () => {
    const region = await regionOf("prod", "us-west");
    const names = Object.keys(region.pods);
    assert.deepEqual(reached(region, operator, names, ports), ["mysql:3306", "mysql:33060"]);
    assert.deepEqual(reached(region, { ...operator, namespace: "elsewhere" }, names, ports), []);
  });

  it("lets a pod that declares no call reach nothing but names", async () => {
    const region = await regionOf("prod", "us-west");
    const silent: Pod = { namespace: "mmorpg-game", labels: { app: "nobody" } };
    assert.deepEqual(reached(region, silent, Object.keys(region.pods), ports), []);
    assert.deepEqual(reached(region, region.pod("game-server"), ["world-backup"], ports), []);
    for (const ip of ["1.1.1.1", "10.0.0.1", "169.254.169.254", "2606:4700::1111"]) {
      assert.equal(region.network.canReachAddress(silent, ip, tcp(443)), false, ip);
    }
  });

  it("lets every pod ask for names by UDP and TCP, and only the cluster's own name service", async () => {
    const { network, everyone } = await regionOf("prod", "eu-west");
    const other: Pod = { namespace: "kube-system", labels: { "k8s-app": "metrics-server" } };
    for (const [name, pod] of Object.entries(everyone)) {
      assert.ok(network.canReach(pod, dns, { port: 53, protocol: "UDP" }), name);
      assert.ok(network.canReach(pod, dns, tcp(53)), name);
      assert.equal(network.canReach(pod, dns, tcp(9153)), false, name);
      assert.equal(network.canReach(pod, other, tcp(53)), false, name);
      assert.equal(network.canReachAddress(pod, "8.8.8.8", { port: 53, protocol: "UDP" }), false, name);
    }
  });

  it("lets servers, auth, what carries backups and what tells people of alerts out by HTTPS alone: the original opened 443 and 80 to every address", async () => {
    const { network, everyone } = await regionOf("prod", "us-west");
    const out = (port: number, ip: string) =>
      Object.keys(everyone).filter((name) => network.canReachAddress(everyone[name] ?? stranger, ip, tcp(port)));
    const carriers = (namespace: string, stores: readonly string[]) =>
      stores.flatMap((store) => ["backup", "drill", "restore"].map((job) => `${namespace}/${store}-${job}`));
    for (const ip of ["203.0.113.7", "2606:4700::1111"]) {
      const wanted = [
        ...carriers("ad-platform", ["postgres", "redis"]),
        ...["auth-service", "game-server"].map((name) => `${game}/${name}`),
        ...carriers(game, ["mysql", "redis"]),
        // Alerts, questions to public hosts, metrics for the view of all regions.
        ...["alertmanager", "blackbox-exporter", "prometheus"].map((name) => `monitoring/${name}`),
      ];
      assert.deepEqual(out(443, ip).sort(), wanted, ip);
      assert.deepEqual(out(80, ip), [], ip);
    }
  });

  for (const [what, ip] of [
    ["the metadata address of clouds", "169.254.169.254"],
    ["the metadata address of clouds in IPv6", "fd00:ec2::254"],
    ["private addresses", "192.168.7.7"],
    ["carrier addresses", "100.64.0.1"],
    ["this host", "127.0.0.1"],
    ["this host in IPv6", "::1"],
  ] as const) {
    it(`lets no pod to ${what}`, async () => {
      const { network, everyone } = await regionOf("prod", "us-west");
      for (const [name, pod] of Object.entries(everyone)) {
        for (const port of [80, 443])
          assert.equal(network.canReachAddress(pod, ip, tcp(port)), false, `${name}:${port}`);
      }
    });
  }

  it("lets only the jobs of the worlds' snapshots, what operators put into pods of stores, and what looks for pods to scrape to the API server, by the addresses of the configuration", async () => {
    const run = await runWith("dev", {
      "regions.us-west.apiServerCidrs": ["10.96.0.1/32"],
      "regions.us-west.nodeCidrs": ["10.0.0.0/16"],
      "ads.staging.kafka.rackAware": true,
    });
    const network = networkOf(run);
    const able = Object.entries(allPodsOf(run)).filter(([, pod]) =>
      network.canReachAddress(pod, "10.96.0.1", tcp(443)),
    );
    assert.deepEqual(able.map(([name]) => name).sort(), [
      ...["kafka", "kafka-entity-operator", "postgres", "postgres-pooler"].map((one) => `ad-platform-staging/${one}`),
      ...["mysql", "world-backup", "world-drill"].map((one) => `${game}/${one}`),
      ...["kube-state-metrics", "prometheus"].map((one) => `monitoring/${one}`),
    ]);
    for (const [name, pod] of able) {
      assert.equal(network.canReachAddress(pod, "10.96.0.2", tcp(443)), false, name);
      assert.equal(network.canReachAddress(pod, "10.96.0.1", tcp(22)), false, name);
    }
  });
});
