import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameRows } from "../../components/game/workloads.ts";
import { gameStores } from "../../components/kube/stores.ts";
import { type Network, networkOf, type Pod, podsOf, type Target } from "../support/network.ts";
import { all, regionNames } from "../support/objects.ts";
import { runOf, runWith } from "../support/runs.ts";

const services = ["auth-service", "player-service", "guild-service", "world-service", "matchmaking-service"];
const servers = ["game-server", "game-world-server"];
const stores: Record<string, Pod> = {
  mysql: { namespace: "mmorpg-game", labels: { app: "mysql" } },
  "redis-cluster": { namespace: "mmorpg-game", labels: { app: "redis-cluster" } },
};
const gateway: Pod = { namespace: "envoy-gateway-system", labels: { app: "envoy" } };
const prometheus: Pod = { namespace: "monitoring", labels: { app: "prometheus" } };
const dns: Pod = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
const stranger: Pod = { namespace: "ad-platform", labels: { app: "game-server" } };
const tcp = (port: number): Target => ({ port });

interface Region {
  network: Network;
  pod(name: string): Pod;
  pods: Record<string, Pod>;
}

async function regionOf(stack: "dev" | "prod", name: string): Promise<Region> {
  const run = await runOf(stack);
  const pods = { ...podsOf(run, name), ...stores };
  return {
    network: networkOf(run, name),
    pods,
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

describe("the network of the game", () => {
  const ports = [80, 443, 3306, 6379, 8080, 9090, 9104, 9121, 16379];

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
        "mysql:3306",
        "player-service:8080",
        "redis-cluster:6379",
      ],
    ],
    ["game-world-server", ["game-world-server:8080", "mysql:3306", "player-service:8080", "redis-cluster:6379"]],
    ["auth-service", ["mysql:3306", "redis-cluster:6379"]],
    ["player-service", ["auth-service:8080", "mysql:3306", "redis-cluster:6379"]],
    ["guild-service", ["mysql:3306", "player-service:8080", "redis-cluster:6379"]],
    ["world-service", ["auth-service:8080", "game-world-server:8080", "redis-cluster:6379"]],
    ["matchmaking-service", ["auth-service:8080", "game-server:8080", "redis-cluster:6379", "world-service:8080"]],
    ["world-backup", ["game-world-server:9090"]],
    ["mysql", []],
    ["redis-cluster", []],
  ] as const) {
    it(`lets ${from} to ${allowed.length === 0 ? "nothing" : allowed.join(", ")}, and no further`, async () => {
      const region = await regionOf("prod", "us-west");
      assert.deepEqual(reached(region, region.pod(from), Object.keys(region.pods), ports).sort(), allowed);
    });
  }

  it("opens both ends of every call that a row declares", async () => {
    const region = await regionOf("dev", "us-west");
    for (const row of gameRows) {
      for (const target of row.calls) {
        if (target === "internet") {
          assert.ok(
            region.network.canReachAddress(region.pod(row.name), "1.1.1.1", tcp(443)),
            `${row.name} -> internet`,
          );
          continue;
        }
        const store = target in gameStores ? gameStores[target as keyof typeof gameStores] : undefined;
        const to = region.pod(store?.podLabels.app ?? target);
        assert.ok(
          region.network.canReach(region.pod(row.name), to, tcp(store?.port ?? 8080)),
          `${row.name} -> ${target}`,
        );
      }
    }
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
    const region = await regionOf("prod", "eu-west");
    const other: Pod = { namespace: "kube-system", labels: { "k8s-app": "metrics-server" } };
    for (const [name, pod] of Object.entries(region.pods)) {
      assert.ok(region.network.canReach(pod, dns, { port: 53, protocol: "UDP" }), name);
      assert.ok(region.network.canReach(pod, dns, tcp(53)), name);
      assert.equal(region.network.canReach(pod, dns, tcp(9153)), false, name);
      assert.equal(region.network.canReach(pod, other, tcp(53)), false, name);
      assert.equal(region.network.canReachAddress(pod, "8.8.8.8", { port: 53, protocol: "UDP" }), false, name);
    }
  });

  it("lets servers and auth out by HTTPS alone: the original opened 443 and 80 to every address", async () => {
    const { network, pods } = await regionOf("prod", "us-west");
    const out = (port: number, ip: string) =>
      Object.keys(pods).filter((name) => network.canReachAddress(pods[name] ?? stranger, ip, tcp(port)));
    for (const ip of ["203.0.113.7", "2606:4700::1111"]) {
      assert.deepEqual(out(443, ip).sort(), ["auth-service", "game-server"], ip);
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
      const { network, pods } = await regionOf("prod", "us-west");
      for (const [name, pod] of Object.entries(pods)) {
        for (const port of [80, 443])
          assert.equal(network.canReachAddress(pod, ip, tcp(port)), false, `${name}:${port}`);
      }
    });
  }

  it("lets only the backup job to the API server, by the addresses of the configuration", async () => {
    const run = await runWith("dev", { "regions.us-west.apiServerCidrs": ["10.96.0.1/32"] });
    const network = networkOf(run);
    const able = Object.entries(podsOf(run)).filter(([, pod]) => network.canReachAddress(pod, "10.96.0.1", tcp(443)));
    assert.deepEqual(
      able.map(([name]) => name),
      ["world-backup"],
    );
    const backup = able[0]?.[1] ?? stranger;
    assert.equal(network.canReachAddress(backup, "10.96.0.2", tcp(443)), false);
  });

  it("follows the namespaces of gateway and monitoring from the configuration", async () => {
    const run = await runWith("dev", { "cluster.gatewayNamespace": "edge", "cluster.monitoringNamespace": "watch" });
    const [network, server] = [networkOf(run), podsOf(run)["game-server"] ?? stranger];
    assert.ok(network.canReach({ namespace: "edge", labels: {} }, server, tcp(8080)));
    assert.ok(network.canReach({ namespace: "watch", labels: {} }, server, tcp(9090)));
    assert.equal(network.canReach(gateway, server, tcp(8080)), false);
    assert.equal(network.canReach(prometheus, server, tcp(9090)), false);
  });

  it("denies both ways by default in every region: the original denied only the way in", async () => {
    for (const stack of ["dev", "prod"] as const) {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        const deny = all(run, "NetworkPolicy", region).find((one) => one.name === "default-deny");
        assert.deepEqual(deny?.object.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        for (const [name, pod] of Object.entries(podsOf(run, region))) {
          assert.ok(networkOf(run, region).selecting(pod).length >= 3, `${name} has no policy of its own`);
        }
      }
    }
  });

  it("selects namespaces only by the label that Kubernetes sets on each: the original's label was on none", async () => {
    for (const { object } of all(await runOf("prod"), "NetworkPolicy")) {
      const text = JSON.stringify(object.spec);
      for (const [selector] of text.matchAll(/"namespaceSelector":\{[^}]*\}\}/g)) {
        assert.match(
          selector,
          /^"namespaceSelector":\{"matchLabels":\{"kubernetes\.io\/metadata\.name":"[a-z-]+"\}\}$/,
        );
      }
    }
  });
});
