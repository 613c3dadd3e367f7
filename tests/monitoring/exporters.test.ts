/** The catalogue of foreign metrics against the programs themselves, in the versions that Debian has. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { stringify } from "yaml";
import { valkeyRoles } from "../../components/data/valkey-settings.ts";
import { blackboxSettings } from "../../components/monitoring/exporters.ts";
import { writeCertificates } from "../../lab/certificates.ts";
import { freePorts } from "../../lab/ports.ts";
import { type DebianServer, type DebianServerName, debianServer } from "../../lab/toolchain/debian-packages.ts";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { testPassword } from "../support/valkey/users.ts";
import { until } from "../support/valkey/waiting.ts";
import { realAlertmanager, startAlertmanager } from "./support/alertmanager.ts";
import { catalogued, differences, page, readPages } from "./support/exposition.ts";
import { orSkip, Programs } from "./support/programs.ts";
import { startPrometheus } from "./support/prometheus.ts";

/** What a kernel may lack, by the metric. */
const nodeConditions = {
  node_nf_conntrack_entries: "the kernel's module nf_conntrack, which is loaded by the first firewall",
  node_nf_conntrack_entries_limit: "the kernel's module nf_conntrack, which is loaded by the first firewall",
  node_pressure_cpu_waiting_seconds_total: "a kernel that was built and started with pressure stall information",
  node_pressure_memory_waiting_seconds_total: "a kernel that was built and started with pressure stall information",
};

/** What came after the Prometheus of Debian 12. */
const newerPrometheus = {
  prometheus_tsdb_wal_storage_size_bytes: "newer than 2.42",
  prometheus_remote_storage_queue_highest_timestamp_seconds: "newer than 2.42",
};

describe("catalogue of foreign metrics", function () {
  this.timeout(300_000);
  let programs: Programs;
  let pods: ValkeyPods | undefined;
  let servers: Server[] = [];

  beforeEach(() => {
    programs = new Programs();
  });
  afterEach(async () => {
    await programs.stop();
    await pods?.stop();
    pods = undefined;
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    servers = [];
  });

  /** Listens on a free port of loopback, which it answers. */
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  /** Starts an exporter on a free port; answers the address of its page. */
  const exporter = async (
    name: string,
    server: DebianServer,
    args: (port: number) => string[],
    environment: (port: number) => Record<string, string> = () => ({}),
  ): Promise<string> => {
    const [port = 0] = await freePorts(1);
    const address = `http://127.0.0.1:${port}`;
    await programs.start({
      name,
      file: server.programs["server"] ?? "",
      args: args(port),
      environment: { ...server.environment, ...environment(port) },
      ready: `${address}/metrics`,
    });
    return address;
  };
  const found = (name: DebianServerName) => orSkip(name, debianServer(name));

  it("has nothing that node-exporter does not export", async function () {
    const server = await found("node-exporter");
    if (server === undefined) return this.skip();
    const address = await exporter("node-exporter", server, (port) => [`--web.listen-address=127.0.0.1:${port}`]);
    const exposed = readPages(await page(`${address}/metrics`));
    assert.deepEqual(differences(catalogued("node-exporter"), exposed, { excused: nodeConditions }), []);
  });

  it("has nothing that redis_exporter does not export of a cluster, as the user that ships", async function () {
    const server = await found("redis-exporter");
    pods = server && (await ValkeyPods.create());
    if (server === undefined || pods === undefined) return this.skip();
    await pods.startAll(true);
    await pods.whole();
    const pages = [];
    // Primaries and replicas say different things.
    for (const pod of pods.pods) {
      await pods.call(pod, "ACL", "SETUSER", "exporter", "on", `>${testPassword}`, ...valkeyRoles.exporter.split(" "));
      const address = await exporter(
        `redis-exporter-${pod.ordinal}`,
        server,
        () => [],
        (port) => ({
          REDIS_ADDR: `redis://${pod.address}:${pods?.port}`,
          REDIS_USER: "exporter",
          REDIS_PASSWORD: testPassword,
          REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
        }),
      );
      pages.push(await page(`${address}/metrics`));
    }
    assert.deepEqual(differences(catalogued("redis"), readPages(...pages)), []);
  });

  it("has nothing that the blackbox exporter does not export of a host with TLS, and the module that ships judges it", async function () {
    const server = await found("blackbox-exporter");
    if (server === undefined) return this.skip();
    const folder = join(programs.folder, "certificates");
    mkdirSync(folder);
    await writeCertificates(folder);
    const file = join(programs.folder, "blackbox.yml");
    writeFileSync(file, stringify(blackboxSettings));
    const of = (name: string) => readFileSync(join(folder, name));
    let status = 401;
    const certificate = { key: of("server.key"), cert: of("server.crt") };
    const host = await listen(createTlsServer(certificate, (_, response) => response.writeHead(status).end()));
    const args = (port: number) => [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`];
    const environment = { SSL_CERT_FILE: join(folder, "ca.crt") };
    const address = await exporter("blackbox-exporter", server, args, () => environment);
    const probe = `probe?module=https_answers&target=https://127.0.0.1:${host}/`;
    const answer = await page(`${address}/${probe}`);
    // The Probe sets `target`.
    assert.deepEqual(differences(catalogued("blackbox-exporter"), readPages(answer), { set: ["target"] }), []);
    assert.match(answer, /^probe_success 1$/m, "a host that asks for a login answers");
    status = 502;
    assert.match(await page(`${address}/${probe}`), /^probe_success 0$/m);
    status = 200;
    const stranger = await exporter("blackbox-stranger", server, args);
    assert.match(await page(`${stranger}/${probe}`), /^probe_success 0$/m, "an authority that nobody knows");
  });

  it("has nothing that Prometheus and Alertmanager do not export of themselves", async function () {
    const server = await found("prometheus");
    const manager = await realAlertmanager();
    if (server === undefined || manager === undefined) return this.skip();
    const alertmanager = await startAlertmanager(programs, manager, { receivers: {}, secrets: {}, peers: true });
    const store = await listen(createServer((_, response) => response.writeHead(204).end()));
    const expression = "vector(1)";
    const always = { alert: "Always", expression, forSeconds: 0, summary: "", description: "", runbook: "none" };
    const prometheus = await startPrometheus(programs, server, {
      groups: [{ name: "always", rules: [{ ...always, severity: "none" }] }],
      region: "us-west",
      runbooks: "https://example.com",
      targets: [{ targets: [alertmanager.address] }],
      alertmanagers: [alertmanager.address],
      remoteWrite: [`http://127.0.0.1:${store}/`],
    });
    await until("an alert fires", async () => (await prometheus.query('ALERTS{alertstate="firing"}')).length > 0);
    await until("a target is scraped", async () => (await prometheus.query("up == 1")).length > 0);
    // 2.42 speaks of what was sent only when something was.
    await until("a batch was sent", async () =>
      /^prometheus_remote_storage_queue_highest_sent/m.test(await page(`http://${prometheus.address}/metrics`)),
    );
    const own = readPages(await page(`http://${prometheus.address}/metrics`));
    assert.deepEqual(differences(catalogued("prometheus"), own, { excused: newerPrometheus }), []);
    // Series that it makes have no page and no type.
    const made = await Promise.all(
      catalogued("*").map(async ({ name, labels }) => {
        const [series] = await prometheus.query(name);
        return [name, ...Object.keys(labels).filter((label) => series?.metric[label] === undefined)];
      }),
    );
    assert.deepEqual(
      made,
      catalogued("*").map(({ name }) => [name]),
    );
    const managers = readPages(await page(`http://${alertmanager.address}/metrics`));
    assert.deepEqual(differences(catalogued("alertmanager"), managers), []);
  });
});
