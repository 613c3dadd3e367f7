import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { mysqlSettings } from "../../components/data/mysql-settings.ts";
import type { MySqlUser } from "../../components/data/mysql-users.ts";
import { debianServer } from "../../lab/toolchain/debian-packages.ts";
import { Accounts, administrator } from "../support/mysql/accounts.ts";
import { type MySqlServer, MySqlServers } from "../support/mysql/server.ts";

const rows = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const auth: MySqlUser = { user: "auth-service", privileges: rows, maxConnections: 100 };
const world: MySqlUser = { user: "game-world-server", privileges: ["SELECT", "INSERT"], maxConnections: 50 };
const backup: MySqlUser = { user: "backup", privileges: ["SELECT"], global: ["PROCESS"], maxConnections: 3 };
/** Passwords that no other text has by chance. */
const word = (name: string) => `Sec${name.padEnd(20, "z")}ret`;

describe("the script that sets MySQL's users", function () {
  this.timeout(600_000);
  let servers: MySqlServers;
  let server: MySqlServer;
  let accounts: Accounts;

  before(async function () {
    const made = await MySqlServers.create();
    if (made === undefined) return this.skip();
    servers = made;
    server = await servers.server(mysqlSettings({ memoryRequest: "256Mi", memoryLimit: "4Gi", maxConnections: 200 }));
    await server.start();
    await server.sql(
      `CREATE USER '${administrator}'@'%' IDENTIFIED BY '${word("Root1")}';` +
        `GRANT ALL ON *.* TO '${administrator}'@'%' WITH GRANT OPTION;` +
        "CREATE DATABASE other; CREATE TABLE other.secrets (id INT PRIMARY KEY);",
    );
    accounts = new Accounts(servers, server, join(servers.folder, "pod"));
    accounts.secret(administrator, { password: word("Root1"), previous: word("Root0") });
    for (const { user } of [auth, world, backup]) {
      accounts.secret(user, { password: word(`${user}1`), previous: word(`${user}0`) });
    }
    accounts.declare("mmorpg", [auth, world, backup]);
  });

  after(() => servers?.stop());

  /** Everything about the declared users that a run could change. */
  async function state(): Promise<string> {
    return server.sql(
      "SELECT user, max_user_connections, ssl_type, user_attributes->'$.metadata', plugin FROM mysql.user " +
        "WHERE user IN ('auth-service', 'game-world-server', 'backup') ORDER BY user;" +
        ["auth-service", "game-world-server", "backup"].map((user) => `SHOW GRANTS FOR '${user}'@'%';`).join(""),
    );
  }

  function login(user: string, generation: number) {
    return { user, password: word(`${user}${generation}`) };
  }

  async function refused(user: string, generation: number): Promise<boolean> {
    const { code, stderr } = await server.trySql("SELECT 1", login(user, generation));
    if (code !== 0) assert.match(stderr, /ERROR 1045/);
    return code !== 0;
  }

  it("creates the database, the users and their grants", async () => {
    const { code, stdout, stderr } = await accounts.run();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^mmorpg: created$/m);
    assert.match(stdout, /^auth-service: created$/m);
    assert.match(stdout, /^auth-service: GRANT DELETE ON `mmorpg`\.\*$/m);
    assert.equal(
      await server.sql("SHOW GRANTS FOR 'auth-service'@'%'"),
      "GRANT USAGE ON *.* TO `auth-service`@`%`\n" +
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `mmorpg`.* TO `auth-service`@`%`",
    );
    assert.equal(
      await server.sql("SHOW GRANTS FOR 'backup'@'%'"),
      "GRANT PROCESS ON *.* TO `backup`@`%`\nGRANT SELECT ON `mmorpg`.* TO `backup`@`%`",
    );
    const limits =
      "SELECT user, max_user_connections FROM mysql.user WHERE ssl_type = 'ANY' AND host = '%' ORDER BY user";
    assert.equal(await server.sql(limits), "auth-service\t100\nbackup\t3\ngame-world-server\t50");
    assert.equal(await server.sql("SELECT CURRENT_USER()", login("auth-service", 1)), "auth-service@%");
  });

  it("changes nothing in a second run, not even a transaction", async () => {
    const transactions = await server.transactions();
    assert.deepEqual(await accounts.run(), { code: 0, stdout: "", stderr: "" });
    assert.equal(await server.transactions(), transactions);
  });

  it("lets nobody in with a wrong password, without TLS, or beyond its rights", async () => {
    await server.sql("CREATE TABLE mmorpg.players (id INT PRIMARY KEY)");
    assert.ok(await refused("auth-service", 7));
    const user = login("game-world-server", 1);
    assert.equal(await server.sql("INSERT INTO mmorpg.players VALUES (1); SELECT id FROM mmorpg.players", user), "1");
    for (const statement of [
      "SELECT * FROM other.secrets",
      "DROP TABLE mmorpg.players",
      "DELETE FROM mmorpg.players",
      "CREATE TABLE mmorpg.mine (id INT PRIMARY KEY)",
      "SELECT user FROM mysql.user",
      "SET GLOBAL max_connections = 1",
    ]) {
      const { code, stderr } = await server.trySql(statement, user);
      assert.notEqual(code, 0, statement);
      assert.match(stderr, /ERROR (1142|1044|1227)/, statement);
    }
    const plain = await server.sql("SELECT COUNT(*) FROM mysql.user WHERE host = '%' AND ssl_type = ''");
    // The administrator of this test alone; the users all ask for TLS.
    assert.equal(plain, "1");
  });

  it("takes away what was granted by hand, of every kind, and leaves the rest alone", async () => {
    const before = await state();
    await server.sql(
      "CREATE USER sub; CREATE ROLE helper;" +
        "CREATE PROCEDURE mmorpg.run() SELECT 1;" +
        "GRANT DROP, CREATE ON mmorpg.* TO 'auth-service'@'%';" +
        "GRANT RELOAD, BACKUP_ADMIN ON *.* TO 'auth-service'@'%' WITH GRANT OPTION;" +
        "GRANT SELECT ON other.secrets TO 'auth-service'@'%' WITH GRANT OPTION;" +
        "GRANT SELECT (user) ON mysql.user TO 'auth-service'@'%';" +
        "GRANT EXECUTE ON PROCEDURE mmorpg.run TO 'auth-service'@'%';" +
        "GRANT helper TO 'auth-service'@'%';" +
        "REVOKE SELECT ON mmorpg.* FROM 'auth-service'@'%';" +
        "ALTER USER 'auth-service'@'%' REQUIRE NONE WITH MAX_USER_CONNECTIONS 0;" +
        "DROP USER sub",
    );
    const { code, stdout, stderr } = await accounts.run();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /GRANT SELECT ON `mmorpg`\.\*\n(.*\n)*auth-service: REVOKE /);
    assert.equal(await state(), before);
    await server.sql("DROP ROLE helper; DROP PROCEDURE mmorpg.run");
  });

  it("rotates: the new password and the one before open the account, the third shuts out the first", async () => {
    accounts.secret("auth-service", { password: word("auth-service2"), previous: word("auth-service1") });
    const { code, stdout } = await accounts.run();
    assert.deepEqual([code, stdout], [0, "auth-service: new password, the one before it stays valid\n"]);
    assert.deepEqual([await refused("auth-service", 1), await refused("auth-service", 2)], [false, false]);
    assert.deepEqual(await accounts.run(), { code: 0, stdout: "", stderr: "" });
    assert.equal(await refused("auth-service", 1), false);

    accounts.secret("auth-service", { password: word("auth-service3"), previous: word("auth-service2") });
    assert.equal((await accounts.run()).code, 0);
    assert.deepEqual(
      [await refused("auth-service", 1), await refused("auth-service", 2), await refused("auth-service", 3)],
      [true, false, false],
    );
  });

  it("catches up with a generation that was passed over", async () => {
    accounts.secret("auth-service", { password: word("auth-service6"), previous: word("auth-service5") });
    assert.equal((await accounts.run()).code, 0);
    assert.deepEqual(
      [await refused("auth-service", 3), await refused("auth-service", 5), await refused("auth-service", 6)],
      [true, false, false],
    );
    accounts.declare("mmorpg", [{ ...auth, maxConnections: 90 }, world, backup]);
    assert.equal((await accounts.run()).stdout, "auth-service: at most 90 connections, with TLS\n");
    assert.deepEqual([await refused("auth-service", 5), await refused("auth-service", 6)], [false, false]);
    accounts.declare("mmorpg", [auth, world, backup]);
    assert.equal((await accounts.run()).code, 0);
  });

  it("knows a password that is right although the user has all its connections", async () => {
    const full = { ...backup, maxConnections: 1 };
    accounts.declare("mmorpg", [auth, world, full]);
    assert.equal((await accounts.run()).stdout, "backup: at most 1 connections, with TLS\n");
    const asleep = server.trySql("SELECT SLEEP(600)", login("backup", 1));
    const open = "SELECT id FROM information_schema.processlist WHERE user = 'backup' AND command = 'Query'";
    let id = "";
    while (id === "") id = await server.sql(open);
    assert.deepEqual(await accounts.run(), { code: 0, stdout: "", stderr: "" });
    await server.sql(`KILL ${id}`);
    await asleep;
    accounts.declare("mmorpg", [auth, world, backup]);
    assert.equal((await accounts.run()).code, 0);
  });

  it("rotates the administrator too", async () => {
    accounts.secret(administrator, { password: word("Root2"), previous: word("Root1") });
    assert.equal((await accounts.run()).stdout, `${administrator}: new password, the one before it stays valid\n`);
    assert.equal(await refused(administrator, 1), true, "its passwords have names of their own");
    for (const generation of ["Root1", "Root2"]) {
      assert.equal(await server.sql("SELECT 1", { user: administrator, password: word(generation) }), "1");
    }
    accounts.secret(administrator, { password: word("Root9"), previous: word("Root8") });
    const { code, stderr } = await accounts.run();
    assert.deepEqual([code, stderr], [1, `${administrator}: neither password opens 127.0.0.1\n`]);
    accounts.secret(administrator, { password: word("Root2"), previous: word("Root1") });
  });

  it("drops a user that nobody declares any more, and no user that it did not make", async () => {
    await server.sql("CREATE USER 'person'@'%' IDENTIFIED BY 'Passw0rd!'");
    accounts.declare("mmorpg", [auth, backup]);
    assert.equal((await accounts.run()).stdout, "game-world-server: dropped\n");
    const left = await server.sql("SELECT user FROM mysql.user WHERE host = '%' ORDER BY user");
    assert.equal(left, ["auth-service", "backup", administrator, "person"].join("\n"));
    await server.sql("DROP USER 'person'@'%'");
    accounts.declare("mmorpg", [auth, world, backup]);
    assert.equal((await accounts.run()).code, 0);
  });

  it("waits for a table that no migration has made yet", async () => {
    accounts.declare("mmorpg", [auth, { ...world, tables: ["items"] }, backup]);
    const { code, stdout } = await accounts.run();
    assert.equal(code, 0);
    assert.match(stdout, /^game-world-server: waits for the table of INSERT ON `mmorpg`\.`items`$/m);
    await server.sql("CREATE TABLE mmorpg.items (id INT PRIMARY KEY)");
    assert.match((await accounts.run()).stdout, /^game-world-server: GRANT INSERT ON `mmorpg`\.`items`$/m);
    assert.deepEqual(await accounts.run(), { code: 0, stdout: "", stderr: "" });
    accounts.declare("mmorpg", [auth, world, backup]);
    assert.equal((await accounts.run()).code, 0);
  });

  it("sets the others when one user cannot be set, and fails", async () => {
    accounts.secret("auth-service", { password: "it's", previous: "" });
    await server.sql("REVOKE SELECT ON mmorpg.* FROM 'game-world-server'@'%'");
    const { code, stdout, stderr } = await accounts.run();
    assert.equal(code, 1);
    assert.match(stderr, /auth-service\/password: want letters, digits/);
    assert.doesNotMatch(stderr, /it's/);
    assert.match(stdout, /^game-world-server: GRANT SELECT/m);
    accounts.secret("auth-service", { password: word("auth-service6"), previous: word("auth-service5") });
  });

  it("touches nothing on a server that only reads", async () => {
    await server.sql("SET GLOBAL super_read_only = ON");
    const { code, stderr } = await accounts.run();
    assert.deepEqual([code, stderr], [1, "127.0.0.1 does not write at present\n"]);
    await server.sql("SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF");
  });

  it("is finished by the next run wherever it died", async () => {
    assert.equal((await accounts.run()).code, 0);
    const whole = await state();
    const forget = "DROP USER 'auth-service'@'%', 'game-world-server'@'%', 'backup'@'%'; DROP DATABASE mmorpg";
    await server.sql(forget);
    assert.equal((await accounts.run()).code, 0);
    const calls = accounts.calls().length;
    assert.ok(calls > 20);
    for (const [when, first] of [["DIE_BEFORE", 1] as const, ["DIE_AFTER", 3] as const]) {
      for (let call = first; call <= calls; call += 5) {
        await server.sql(forget);
        const died = await accounts.run({ environment: { [when]: String(call) } });
        assert.equal(died.code, null, `${when} ${call} of ${calls}`);
        const repaired = await accounts.run();
        assert.deepEqual([repaired.code, repaired.stderr], [0, ""], `${when} ${call}`);
        assert.equal(await state(), whole, `${when} ${call}`);
      }
    }
  });

  it("works in busybox as in dash", async function () {
    const busybox = await debianServer("busybox").catch((error: unknown) => {
      console.log(`SKIPPED: the script in busybox, because ${String(error)}`);
    });
    if (busybox === undefined) return this.skip();
    await server.sql("DROP USER 'backup'@'%'; GRANT DROP ON mmorpg.* TO 'auth-service'@'%'");
    const shell = [busybox.programs["server"] ?? "", "sh"];
    const { code, stdout, stderr } = await accounts.run({ shell, environment: { ...busybox.environment } });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^auth-service: REVOKE DROP ON `mmorpg`\.\*$/m);
    assert.match(stdout, /^backup: created$/m);
    assert.deepEqual(await accounts.run({ shell }), { code: 0, stdout: "", stderr: "" });
  });

  it("left no password on a command line, in its output, in a file or in the server's log", () => {
    const everything = accounts.everything() + server.log();
    assert.ok(everything.length > 1000);
    assert.doesNotMatch(everything, /Sec\w+ret/);
    assert.deepEqual(readdirSync(join(servers.folder, "pod", "work")), []);
  });
});
