import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import {
  bufferPoolBytes,
  connectionBytes,
  type MySqlSize,
  mysqlMemory,
  mysqlMemoryMistakes,
  mysqlSettingList,
  mysqlSettings,
  serverBytes,
} from "../../components/data/mysql-settings.ts";
import { bytes } from "../../components/kube/quantities.ts";
import { MySqlServers, run } from "../support/mysql/server.ts";

const original: MySqlSize = { memoryRequest: "2Gi", memoryLimit: "4Gi", maxConnections: 1000 };
/** The same with a buffer pool that a test machine can spare. */
const small: MySqlSize = { ...original, memoryRequest: "256Mi" };

function settingOf(name: string, size = original): string | number | undefined {
  return mysqlSettingList(size).find((one) => one.name === name)?.value;
}

describe("MySQL's settings", () => {
  it("keep what the original manifest gave its server, under the names that are left", () => {
    // --server-id=1 and --log-bin are the operator's: each server has a number of its own. --binlog-format=ROW is the
    // default, which the real server below says. --query-cache-size would keep a server from starting.
    const expected = {
      innodb_buffer_pool_size: 1024 ** 3,
      max_connections: 1000,
      innodb_redo_log_capacity: 2 * 256 * 1024 ** 2,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(settingOf(name), value, name);
    assert.doesNotMatch(mysqlSettings(original), /query_cache|innodb_log_file|binlog_format|native_password|server_id/);
  });

  it("give the buffer pool half of the request, in steps that the server does not round", () => {
    assert.equal(bufferPoolBytes({ memoryRequest: "2Gi" }), bytes("1Gi"));
    assert.equal(bufferPoolBytes({ memoryRequest: "3Gi" }), bytes("1536Mi"));
    assert.equal(bufferPoolBytes({ memoryRequest: "1900Mi" }), bytes("896Mi"));
    assert.equal(bufferPoolBytes({ memoryRequest: "128Mi" }), bytes("128Mi"));
  });

  it("fit the memory limit with every connection in use", () => {
    const { lines, need, limit } = mysqlMemory(original);
    assert.deepEqual(
      lines.map(({ what, bytes: size }) => [what, Math.round(size / 2 ** 20)]),
      [
        ["buffer pool and its tenth", 1126],
        ["1000 connections", 1922],
        ["temporary tables", 128],
        ["messages of the group", 128],
        ["redo log buffer", 64],
        ["server", 512],
      ],
    );
    assert.equal(
      lines.reduce((whole, line) => whole + line.bytes, 0),
      need,
    );
    assert.equal(limit, bytes("4Gi"));
    assert.deepEqual(mysqlMemoryMistakes("data.mysql", original), []);
  });

  it("refuse a limit that does not, with the sum and what to do", () => {
    const [mistake, ...more] = mysqlMemoryMistakes("data.mysql", { ...original, memoryLimit: "1Gi" });
    assert.deepEqual(more, []);
    assert.equal(mistake?.path, "data.mysql.resources.limits.memory");
    assert.equal(mistake?.got, "1Gi");
    assert.match(
      mistake?.want ?? "",
      /^at least 3\.79Gi = buffer pool and its tenth 1\.10Gi \+ 1000 connections 1\.88Gi/,
    );
    assert.match(mistake?.fix ?? "", /raise the limit to 4Gi/);
    assert.equal(mysqlMemoryMistakes("data.mysql", { ...original, maxConnections: 1200 }).length, 1);
  });
});

describe("MySQL with its settings", function () {
  this.timeout(300_000);
  let servers: MySqlServers;

  before(async function () {
    const made = await MySqlServers.create();
    if (made === undefined) return this.skip();
    servers = made;
  });

  after(() => servers?.stop());

  it("accepts the settings of every size", async () => {
    for (const [index, size] of [original, small, { ...original, memoryRequest: "8Gi" }].entries()) {
      const server = await servers.server(mysqlSettings(size), { id: 100 + index });
      const { code, stderr } = await server.validate();
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr + server.log(), /unknown|deprecated|\[Warning\].*variable/i);
    }
  });

  it("refuses the option that the original manifest had for a cache that is gone", async () => {
    const server = await servers.server(`${mysqlSettings(small)}query-cache-size = 256M\n`, { id: 110 });
    assert.notEqual((await server.validate()).code, 0);
  });

  it("runs with the values that were asked for", async () => {
    const server = await servers.server(mysqlSettings(small), { id: 1 });
    await server.start();
    for (const { name, value } of mysqlSettingList(small).filter((one) => !one.name.startsWith("loose_"))) {
      const got = await server.variable(name);
      assert.equal({ ON: "1", OFF: "0" }[got] ?? got, { ON: "1", OFF: "0" }[value] ?? String(value), name);
    }
    const expected = { server_id: "1", log_bin: "1", binlog_format: "ROW", max_connections: "1000", gtid_mode: "ON" };
    for (const [name, value] of Object.entries(expected)) assert.equal(await server.variable(name), value, name);
    assert.equal(await server.sql("SHOW VARIABLES LIKE 'query_cache%'"), "");
    assert.doesNotMatch(server.log(), /deprecated|unknown variable '(?!loose_)/i);
    assert.doesNotMatch(server.log(), /\[ERROR\]/);
  });

  it("stays within what is planned for it and for its connections, with hundreds of them at work", async () => {
    const server = await servers.server(mysqlSettings(small), { id: 2 });
    await server.start();
    await server.sql("CREATE DATABASE game; CREATE TABLE game.players (id INT PRIMARY KEY, name VARCHAR(200))");
    await server.sql(
      "USE game; SET SESSION cte_max_recursion_depth = 10000; INSERT INTO players WITH RECURSIVE n (id) AS " +
        "(SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000) SELECT id, REPEAT(SHA2(id, 256), 3) FROM n",
    );
    const atRest = await resident(server.pid);
    const query = "SELECT * FROM game.players a JOIN game.players b ON b.name = a.name ORDER BY a.name DESC LIMIT 10";
    const load = run(servers.program("slap"), [
      "--no-defaults",
      `--socket=${server.socket}`,
      "--user=root",
      "--concurrency=900",
      "--iterations=1",
      "--number-of-queries=900",
      "--create-schema=game",
      `--query=${query}; SELECT SLEEP(5)`,
      "--delimiter=;",
    ]);
    const { code, stderr } = await load;
    assert.equal(code, 0, stderr);
    const connections = Number(
      await server.sql("SHOW STATUS LIKE 'Max_used_connections'").then((row) => row.split("\t")[1]),
    );
    assert.ok(connections >= 300, `only ${connections} connections at one time`);
    const peak = await resident(server.pid, "VmHWM");
    const each = (peak - atRest) / connections;
    const mebibytes = (size: number) => Math.round(size / 2 ** 20);
    console.log(
      `      at rest ${mebibytes(atRest)} MiB; ${connections} connections at work ${mebibytes(peak)} MiB, ` +
        `${Math.round(each / 1024)} KiB each`,
    );
    const pool = bufferPoolBytes(small) * 1.1;
    assert.ok(atRest <= pool + serverBytes + 2 ** 26, `${mebibytes(atRest)} MiB at rest`);
    assert.ok(each <= connectionBytes, `${Math.round(each / 1024)} KiB for each connection`);
    assert.ok(peak <= mysqlMemory(small).need, `${mebibytes(peak)} MiB`);
  });
});

/** Memory of a process in bytes, as the kernel counts it. */
async function resident(pid: number | undefined, field = "VmRSS"): Promise<number> {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}
