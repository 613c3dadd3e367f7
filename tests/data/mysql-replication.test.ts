import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "mocha";
import { groupCacheBytes, mysqlSettings } from "../../components/data/mysql-settings.ts";
import { MySqlGroup } from "../support/mysql/group.ts";
import { type MySqlServer, MySqlServers, run, until } from "../support/mysql/server.ts";

const small = mysqlSettings({ memoryRequest: "256Mi", memoryLimit: "4Gi", maxConnections: 200 });
const table = "CREATE DATABASE game; CREATE TABLE game.saves (id INT PRIMARY KEY, what VARCHAR(40))";

/** Saves rows one by one until the server is gone or the signal comes; gives the number of the last that was confirmed. */
class Saves {
  confirmed = 0;
  readonly done: Promise<void>;

  constructor(family: MySqlServers, server: MySqlServer, from: number) {
    const statements = Array.from(
      { length: 20_000 },
      (_, index) => `INSERT INTO game.saves VALUES (${from + index}, 'player'); SELECT ${from + index};`,
    );
    const args = ["--no-defaults", `--socket=${server.socket}`, "--user=root", "--batch", "--skip-column-names"];
    const client = spawn(family.program("cli"), [...args, "--unbuffered"], { stdio: ["pipe", "pipe", "ignore"] });
    this.confirmed = from - 1;
    client.stdin.on("error", () => undefined);
    client.stdin.end(statements.join("\n"));
    let rest = "";
    client.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const last = lines.at(-1);
      if (last !== undefined) this.confirmed = Number(last);
    });
    this.done = new Promise((resolve) => client.once("close", () => resolve()));
  }
}

async function rows(server: MySqlServer): Promise<number> {
  return Number(await server.sql("SELECT COUNT(*) FROM game.saves"));
}

describe("MySQL servers that follow each other", function () {
  this.timeout(600_000);
  let servers: MySqlServers;

  before(async function () {
    const made = await MySqlServers.create();
    if (made === undefined) return this.skip();
    servers = made;
  });

  after(() => servers?.stop());

  describe("one behind the other, without a group", () => {
    let primary: MySqlServer;
    let replica: MySqlServer;

    before(async () => {
      primary = await servers.server(small, { id: 11 });
      replica = await servers.server(small, { id: 12 });
      await Promise.all([primary.start(), replica.start()]);
      await primary.sql(
        "CREATE USER 'follower'@'%' IDENTIFIED BY 'follows' REQUIRE SSL; GRANT REPLICATION SLAVE ON *.* TO 'follower'@'%';" +
          table,
      );
      await replica.sql(
        `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${primary.port}, SOURCE_SSL = 1,` +
          "SOURCE_USER = 'follower', SOURCE_PASSWORD = 'follows', SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1," +
          "SOURCE_RETRY_COUNT = 1000; START REPLICA; SET GLOBAL super_read_only = ON",
      );
      await caughtUp();
    });

    async function caughtUp(): Promise<void> {
      const transactions = await primary.transactions();
      await until("the replica has caught up", async () => {
        return (await replica.sql(`SELECT GTID_SUBSET('${transactions}', @@GLOBAL.gtid_executed)`)) === "1";
      });
    }

    async function replicaStatus(): Promise<Record<string, string>> {
      const args = ["--no-defaults", `--socket=${replica.socket}`, "--user=root", "--vertical"];
      const { stdout } = await run(servers.program("cli"), [...args, "--execute=SHOW REPLICA STATUS"]);
      return Object.fromEntries(
        stdout.split("\n").flatMap((line) => {
          const [, key, value] = /^\s*(\w+): (.*)$/.exec(line) ?? [];
          return key === undefined ? [] : [[key, value ?? ""]];
        }),
      );
    }

    it("runs both threads, does not lag once it has caught up, and refuses writes", async () => {
      await primary.sql("INSERT INTO game.saves VALUES (1, 'first')");
      await caughtUp();
      // The lag is whole seconds by the server's clock: the row can be here while it still says 1.
      await until("the lag is 0", async () => (await replicaStatus())["Seconds_Behind_Source"] === "0");
      const status = await replicaStatus();
      assert.deepEqual([status["Replica_IO_Running"], status["Replica_SQL_Running"]], ["Yes", "Yes"]);
      assert.equal(status["Auto_Position"], "1");
      const { stderr } = await replica.trySql("INSERT INTO game.saves VALUES (2, 'wrong')");
      assert.match(stderr, /super-read-only/);
    });

    it("has after the death of the primary all that it had caught up with", async () => {
      const saves = new Saves(servers, primary, 10);
      await until("some rows", async () => saves.confirmed > 200);
      await primary.kill();
      await saves.done;
      await primary.start();
      assert.ok(
        (await rows(primary)) >= saves.confirmed - 9 + 1,
        "a confirmed row is gone from the primary's own disk",
      );
      await caughtUp();
      assert.equal(await rows(replica), await rows(primary));
    });

    it("loses without a group what it had not yet received, which is why there is one", async () => {
      await replica.sql("STOP REPLICA IO_THREAD");
      await primary.sql("INSERT INTO game.saves VALUES (100000, 'confirmed')");
      await primary.kill();
      assert.equal(await replica.sql("SELECT COUNT(*) FROM game.saves WHERE id = 100000"), "0");
      await primary.start();
      await replica.sql("START REPLICA IO_THREAD");
      await caughtUp();
      assert.equal(await replica.sql("SELECT COUNT(*) FROM game.saves WHERE id = 100000"), "1");
      await Promise.all([primary.kill("SIGTERM"), replica.kill("SIGTERM")]);
    });
  });

  describe("three in a group, as the operator joins them", () => {
    let group: MySqlGroup;
    let first: MySqlServer;

    before(async () => {
      group = await MySqlGroup.create(servers, 3);
      first = await group.writer();
      await first.sql(table);
    });

    it("has one writer, and settings that reached the plugin", async () => {
      assert.deepEqual((await group.members(first)).map((one) => one.role).sort(), [
        "PRIMARY",
        "SECONDARY",
        "SECONDARY",
      ]);
      assert.equal(await first.variable("group_replication_message_cache_size"), String(groupCacheBytes));
      assert.equal(await first.variable("group_replication_consistency"), "BEFORE_ON_PRIMARY_FAILOVER");
      for (const server of group.servers) {
        assert.equal(await server.variable("super_read_only"), server === first ? "0" : "1");
      }
    });

    it("loses no confirmed row when the writer is killed, and another writes", async () => {
      const saves = new Saves(servers, first, 1);
      await until("some rows", async () => saves.confirmed > 200);
      const started = Date.now();
      await first.kill();
      await saves.done;
      const next = await group.writer();
      console.log(`      another writer after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      assert.notEqual(next, first);
      const found = await next.sql(`SELECT COUNT(*) FROM game.saves WHERE id <= ${saves.confirmed}`);
      assert.equal(Number(found), saves.confirmed);
      await next.sql("INSERT INTO game.saves VALUES (50000, 'after')");
    });

    it("has its old writer back outside of the group and writable: why callers go through routers", async () => {
      await first.start();
      assert.deepEqual(
        (await group.members(first)).map((one) => one.state),
        ["OFFLINE"],
      );
      assert.equal(await first.variable("super_read_only"), "0");
      const { code } = await first.trySql("SET sql_log_bin = 0; INSERT INTO game.saves VALUES (60000, 'lost')");
      assert.equal(code, 0);
      await first.sql("SET sql_log_bin = 0; DELETE FROM game.saves WHERE id = 60000");
    });

    it("takes the old writer back as a follower with every row", async () => {
      await group.join(first);
      await group.whole(3);
      const writer = await group.writer();
      await until("all have the same rows", async () => {
        const counts = await Promise.all(group.servers.map(rows));
        return (
          new Set(counts).size === 1 && (await first.sql("SELECT what FROM game.saves WHERE id = 50000")) === "after"
        );
      });
      assert.notEqual(writer, first);
      assert.equal(await first.variable("super_read_only"), "1");
    });

    it("stops writing without a majority rather than go two ways", async () => {
      const writer = await group.writer();
      const [one, other] = group.servers.filter((server) => server !== writer);
      await Promise.all([one?.kill(), other?.kill()]);
      await until("the writer misses the others", async () => {
        const states = (await group.members(writer)).map((member) => member.state);
        return states.filter((state) => state === "UNREACHABLE").length === 2;
      });
      const insert = writer.trySql("INSERT INTO game.saves VALUES (70000, 'alone')");
      await until("the row waits for a majority", async () => {
        const waiting = await writer.sql(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT%' AND state LIKE 'waiting for handler commit%'",
        );
        return waiting === "1";
      });
      assert.equal(await writer.sql("SELECT COUNT(*) FROM game.saves WHERE id = 70000"), "0");
      await writer.kill();
      await insert;
    });
  });
});
