/** The shipped configuration of the agent in a real collector: what leaves a node. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { agentConfiguration, agentStateFolder, podLogsFolder } from "../../components/monitoring/agent/agent-config.ts";
import { collectorPorts } from "../../components/monitoring/collector.ts";
import { streamAttributes, worldAttribute } from "../../components/monitoring/logs/reading.ts";
import { freePorts } from "../../lab/ports.ts";
import { end, until } from "../support/valkey/waiting.ts";
import { orSkip, Programs } from "./support/programs.ts";
import {
  builtTool,
  collectorLoopback,
  elsewhere,
  linesOf,
  listening,
  ownMetrics,
  type StoredLine,
  startStore,
  translator,
  writeConfiguration,
} from "./support/telemetry.ts";
import { agentArgs } from "./support/telemetry-args.ts";

const salt = "a-salt-of-this-test";

/** The hash that a value of a player gets. */
function hashed(value: string): string {
  return `sha256:${createHash("sha256").update(`${salt}${value}`).digest("hex")}`;
}

describe("the agent on a node", function () {
  this.timeout(120_000);
  let collector: string | undefined;
  const programs = new Programs();
  const environment = { NODE_NAME: "node-7.internal", PLAYER_HASH_SALT: salt };
  const pods = join(programs.folder, "pods");
  let store: Awaited<ReturnType<typeof startStore>>;
  let startAgent: () => ReturnType<Programs["start"]>;
  let agent: Awaited<ReturnType<Programs["start"]>>;
  let written = 0;

  const write = (pod: string, container: string, text: string, namespace = "mmorpg-game") => {
    const folder = join(pods, `${namespace}_${pod}_0000-1111`, container);
    mkdirSync(folder, { recursive: true });
    written += 1;
    const time = new Date(Date.UTC(2026, 0, 1) + written).toISOString();
    appendFileSync(join(folder, "0.log"), `${time} stdout F ${text}\n`);
  };
  const lines = () => linesOf(store.requests);
  const line = async (mark: string): Promise<StoredLine> => {
    await until(`the line with ${mark} arrives`, async () => lines().some(({ body }) => body.includes(mark)));
    return lines().find(({ body }) => body.includes(mark)) as StoredLine;
  };

  before(async function () {
    collector = await orSkip("collector", builtTool("otelcol"));
    if (collector === undefined) return this.skip();
    const file = collector;
    store = await startStore();
    const [otlp = 0, health = 0] = await freePorts(2);
    await programs.start({
      name: "translator",
      file,
      args: [`--config=${writeConfiguration(programs.folder, "translator", translator(otlp, health, store.port))}`],
      ready: `http://127.0.0.1:${health}/`,
    });
    const ports = await collectorLoopback();
    const shipped = agentConfiguration(agentArgs());
    const configuration = elsewhere(
      shipped,
      new Map<string | number, string | number>([
        ...listening(ports, ["grpc", "http", "health"]),
        ...ownMetrics(ports),
        [podLogsFolder, pods],
        [agentStateFolder, join(programs.folder, "state")],
        [agentArgs().gatewayHost, "127.0.0.1"],
        [String(collectorPorts.grpc), String(otlp)],
        [`${agentArgs().lokiUrl}/otlp`, `http://127.0.0.1:${otlp}/otlp`],
      ]),
    );
    mkdirSync(pods);
    const config = writeConfiguration(programs.folder, "agent", configuration);
    startAgent = () =>
      programs.start({
        name: "agent",
        file,
        args: [`--config=${config}`],
        environment,
        ready: `http://127.0.0.1:${ports.health}/`,
      });
    agent = await startAgent();
  });
  after(async () => {
    await programs.stop();
    await store?.stop();
  });

  it("sends a line without its password and with a hash in place of the player: whoever reads logs need know neither", async () => {
    write(
      "auth-service-7d9fbc5d8-x2k4z",
      "auth-service",
      `{"level":"warn","msg":"login failed A1","player_id":9007199254740993,"password":"hunter2","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`,
    );
    const { body, severity, traceId } = await line("A1");
    const fields = JSON.parse(body) as Record<string, string>;
    assert.equal(fields["password"], "[redacted]");
    assert.equal(fields["player_id"], hashed("9007199254740993"));
    assert.equal(severity, "WARN");
    assert.equal(traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
  });

  it("finds secrets by their names, at any depth, cut off, in text and in the arguments of a program", async () => {
    const secrets = [
      `{"m":"B1","db":{"DB_PASSWORD":"geheim1","port":3306},"ok":true}`,
      `{"m":"B2","headers":{"Authorization":"Bearer geheim2","accept":"*/*"}}`,
      String.raw`{"m":"B3","request":"{\"user\":\"x\",\"api_key\":\"geheim3\",\"n\":1}"}`,
      String.raw`{"m":"B4","password":"geheim4 with \"quotes\" geheim4","n":1}`,
      `{"m":"B5","tokens":["geheim5","geheim5"],"n":1}`,
      `{"m":"B6","access_token":"geheim6 that is cut o`,
      `B7 password=geheim7 user=bob`,
      `B8 Authorization: Basic Z2VoZWltOA==geheim8`,
      `B9 connect to mysql://root:geheim9@mysql:3306/world?x=1`,
      `B10 GET /v1/ads?apiKey=geheim10&size=3`,
      `B11 sh -c "mysqldump --password geheim11 world"`,
      `B12 {:secret=>"geheim12 geheim12"}`,
      `B13 curl -H 'bearer geheim13geheim13'`,
      String.raw`{"m":"B14 password=\"geheim14 geheim14\" refused","n":1}`,
      `B15 eyJhbGciOiJIUzI1NiJ9.geheim15geheim15.geheim15`,
      `B16 Config{Password:geheim16 Port:1}`,
      String.raw`{"m":"B17","key":"-----BEGIN RSA PRIVATE KEY-----\ngeheim17\n-----END RSA PRIVATE KEY-----","n":1}`,
    ];
    for (const one of secrets) write("world-service-6c8f7d9b4-bcdfg", "world-service", one);
    for (const [index, one] of secrets.entries()) {
      const { body } = await line(`B${index + 1}${/B\d+"/.test(one) ? '"' : " "}`);
      assert.doesNotMatch(body, /geheim|Z2Vo/, one);
      assert.match(body, /\[redacted\]/, one);
    }
    const bodies = lines().map(({ body }) => body);
    const about = (mark: string) => bodies.find((body) => body.includes(mark)) ?? "";
    // The rest of a line is still there to be read.
    assert.deepEqual(JSON.parse(about(`"B1"`)), { m: "B1", db: { DB_PASSWORD: "[redacted]", port: 3306 }, ok: true });
    assert.deepEqual(JSON.parse(about(`"B4"`)), { m: "B4", password: "[redacted]", n: 1 });
    const inner = JSON.parse(about(`"B3"`)) as { request: string };
    assert.deepEqual(JSON.parse(inner.request), { user: "x", api_key: "[redacted]", n: 1 });
    assert.match(about("B7 "), /user=bob$/);
    assert.match(about("B9 "), /mysql:\/\/\[redacted\]@mysql:3306\/world\?x=1$/);
    assert.match(about("B10 "), /&size=3$/);
  });

  it("hashes a player the same wherever the name stands, so that lines can still be followed", async () => {
    const texts = [
      `{"m":"C1","playerId":"p-42","ip":"10.1.2.3"}`,
      String.raw`{"m":"C2","event":"{\"player_id\":\"p-42\"}"}`,
      `C3 player_id=p-42 joined from ip: 10.1.2.3`,
      `{"m":"C4 PLAYER_ID=p-42 left"}`,
    ];
    for (const one of texts) write("player-service-6c8f7d9b4-bcdfg", "player-service", one);
    for (const mark of ["C1", "C2", "C3", "C4"]) {
      const { body } = await line(mark);
      assert.ok(body.includes(hashed("p-42")), body);
      assert.doesNotMatch(body, /p-42|10\.1\.2\.3/);
    }
    assert.ok((await line("C3 ")).body.includes(hashed("10.1.2.3")));
  });

  it("leaves alone what is neither, to the last letter", async () => {
    const texts = [
      `{"m":"D1","description":"a bearer of good news","id":12345678901234567890,"url":"https://example.com/a@b"}`,
      `D2 shipped 3 tips, skip=4 zip=5 at 12:30:00`,
      `D3 plain text with "quotes" and {braces: 1}`,
    ];
    for (const one of texts) write("guild-service-6c8f7d9b4-bcdfg", "guild-service", one);
    for (const one of texts) assert.equal((await line(one.includes('"D1"') ? '"D1"' : one.slice(0, 3))).body, one);
  });

  it("takes namespace, workload, container and region from the path, and nothing else becomes a label", async () => {
    write("game-server-us-west-7d9fbc5d8-x2k4z", "game-server", "E1 INFO Deployment");
    write("game-world-servers-3", "game-server", "E2 [ERROR] StatefulSet");
    write("otel-probe-x7k2p", "probe", "E3 DaemonSet", "other");
    write("mysql-backup-29012345-x7k2p", "backup", "E4 CronJob");
    write(
      "kube-proxy-node-7.internal",
      "kube-proxy",
      "I0102 15:04:05.000000       1 main.go:1] E5 static",
      "kube-system",
    );
    const place = async (mark: string) => {
      const { resource } = await line(mark);
      return Object.entries(streamAttributes).map(([, attribute]) => resource[attribute]);
    };
    assert.deepEqual(await place("E1"), ["mmorpg-game", "game-server-us-west", "game-server", "us-east"]);
    assert.deepEqual(await place("E2"), ["mmorpg-game", "game-world-servers", "game-server", "us-east"]);
    assert.deepEqual(await place("E3"), ["other", "otel-probe", "probe", "us-east"]);
    assert.deepEqual(await place("E4"), ["mmorpg-game", "mysql-backup", "backup", "us-east"]);
    assert.deepEqual(await place("E5"), ["kube-system", "kube-proxy", "kube-proxy", "us-east"]);
    assert.equal((await line("E2")).resource["k8s.pod.name"], "game-world-servers-3");
    assert.deepEqual((await line("E2")).attributes, { "log.iostream": "stdout", [worldAttribute]: "3" });
    for (const [mark, severity] of [
      ["E1", "INFO"],
      ["E2", "ERROR"],
      ["E3", ""],
      ["E5", "INFO"],
    ] as const) {
      assert.equal((await line(mark)).severity, severity, mark);
    }
  });

  it("reads the level of common loggers, and the world that a service speaks of", async () => {
    write("world-service-6c8f7d9b4-bcdfg", "world-service", `{"level":30,"msg":"F1 pino","world_id":"5"}`);
    write("world-service-6c8f7d9b4-bcdfg", "world-service", `{"severity":"CRITICAL","msg":"F2"}`);
    write("world-service-6c8f7d9b4-bcdfg", "world-service", `time=1 level=debug msg="F3 logfmt"`);
    assert.deepEqual(
      [(await line("F1")).severity, (await line("F2")).severity, (await line("F3")).severity],
      ["INFO", "FATAL", "DEBUG"],
    );
    assert.equal((await line("F1")).attributes[worldAttribute], "5");
  });

  it("puts lines together again that the runtime had cut", async () => {
    const folder = join(pods, "mmorpg-game_cut-0_0000-1111", "c");
    mkdirSync(folder, { recursive: true });
    appendFileSync(
      join(folder, "0.log"),
      `2026-01-01T00:00:00Z stdout P {"m":"G1","password":"gehe\n2026-01-01T00:00:00Z stdout F im1"}\n`,
    );
    assert.equal((await line("G1")).body, `{"m":"G1","password":"[redacted]"}`);
  });

  it("goes on where it ended: no line is lost or sent twice when the agent is replaced, or while the store is away", async () => {
    write("mail-0", "mail", "H1");
    await line("H1");
    store.away = true;
    write("mail-0", "mail", "H2");
    await end(agent, "SIGTERM");
    write("mail-0", "mail", "H3");
    agent = await startAgent();
    store.away = false;
    await line("H2");
    await line("H3");
    const bodies = lines().map(({ body }) => body);
    for (const mark of ["H1", "H2", "H3"]) assert.equal(bodies.filter((body) => body === mark).length, 1, mark);
  });
});
