import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Postgres } from "../../components/config/data-ads.ts";
import { planPostgres, postgresGrants, postgresOwner, postgresRoles } from "../../components/data/postgres-plan.ts";
import {
  postgresMemory,
  postgresParameters,
  postgresSettingList,
  postgresSize,
  postgresSizeMistakes,
} from "../../components/data/postgres-settings.ts";
import { postgresCallers } from "../support/ads/rows.ts";
import { PostgresServer } from "../support/backup/postgres.ts";
import { Programs } from "../support/backup/programs.ts";
import { spawnInPod } from "../support/backup/scripts.ts";
import { end, until } from "../support/valkey/waiting.ts";

const config = Postgres.parse({});
const size = postgresSize(config);

/** What the operator writes itself and refuses elsewhere (CloudNativePG, "Fixed parameters"). */
const fixed =
  /^(archive_(mode|command|cleanup_command)|cluster_name|config_file|data_directory|hba_file|hot_standby|listen_addresses|log(ging_collector|_destination|_directory|_filename|_rotation_\w+)|port|primary_\w+|recovery_\w+|restore_command|restart_after_crash|shared_preload_libraries|ssl(_\w+_file)?|synchronous_standby_names|temp_tablespaces|unix_socket_\w+)$/;

describe("settings of PostgreSQL", () => {
  it("follow from the size", () => {
    const values = postgresParameters(size);
    assert.deepEqual(
      ["shared_buffers", "effective_cache_size", "max_connections", "max_wal_size", "min_wal_size"].map(
        (key) => values[key],
      ),
      ["256MB", "768MB", "200", "2560MB", "640MB"],
    );
    assert.equal(values["max_slot_wal_keep_size"], "5120MB");
    const large = postgresParameters({ ...size, memoryRequest: "16Gi", walDiskSize: "64Gi", maxConnections: 400 });
    assert.deepEqual(
      ["shared_buffers", "max_connections", "max_wal_size"].map((key) => large[key]),
      ["4096MB", "400", "16384MB"],
    );
  });

  it("say each parameter once, with a reason, and none that the operator refuses", () => {
    const names = postgresSettingList(size).map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
    assert.deepEqual(
      names.filter((name) => fixed.test(name)),
      [],
    );
    assert.ok(postgresSettingList(size).every(({ why }) => why.length > 10));
  });

  it("fit into the memory limit with every connection in use, and are refused where they do not", () => {
    const { lines, need, limit } = postgresMemory(size);
    assert.ok(need <= limit, `${need} of ${limit}`);
    assert.equal(
      need,
      lines.reduce((whole, line) => whole + line.bytes, 0),
    );
    assert.deepEqual(postgresSizeMistakes("ads.postgres", size), []);
    const [mistake, ...rest] = postgresSizeMistakes("ads.postgres", { ...size, maxConnections: 400 });
    assert.deepEqual(rest, []);
    assert.equal(mistake?.path, "ads.postgres.resources.limits.memory");
    assert.match(mistake?.want ?? "", /at least 6\.\d\dGi = shared buffers 0\.25Gi \+ 400 connections/);
  });

  it("refuse a volume of the log that a checkpoint could fill", () => {
    const paths = (walDiskSize: string) =>
      postgresSizeMistakes("ads.postgres", { ...size, walDiskSize }).map(({ path }) => path);
    assert.deepEqual([paths("2Gi"), paths("1Gi")], [[], ["ads.postgres.walDiskSize"]]);
  });
});

describe("PostgreSQL with its settings and roles", function () {
  this.timeout(300_000);
  let programs: Programs | undefined;
  let server: PostgresServer | undefined;
  let again: ChildProcess | undefined;

  /** One value that the server answers. */
  async function ask(statement: string, user?: string): Promise<string> {
    const as = user === undefined ? "" : `SET SESSION AUTHORIZATION "${user}";\n`;
    const lines = await server?.sql(config.database, `${as}${statement};`);
    return (lines ?? []).join("\n");
  }

  async function refused(statement: string, user: string): Promise<string> {
    const done = await server?.try(config.database, `SET SESSION AUTHORIZATION "${user}";\n${statement};`);
    assert.notEqual(done?.code, 0, `${user} may: ${statement}`);
    return done?.stderr ?? "";
  }

  before(async function () {
    programs = await Programs.create("postgres");
    if (programs === undefined) return this.skip();
    server = await PostgresServer.start(programs, "ads");
    // In the operator's order: owner and database, statements of the new database, logins.
    await server.sql(
      "postgres",
      `CREATE ROLE "${postgresOwner}" LOGIN; CREATE DATABASE "${config.database}" OWNER "${postgresOwner}";`,
    );
    await server.sql(
      config.database,
      postgresGrants(config.database)
        .map((one) => `${one};`)
        .join("\n"),
    );
    const roles = postgresRoles(config, planPostgres(config, postgresCallers)).map(
      ({ name, connectionLimit, inRoles }) => {
        const verb = name === postgresOwner ? "ALTER" : "CREATE";
        const groups = inRoles.map((group) => `GRANT "${group}" TO "${name}";`);
        return [
          `${verb} ROLE "${name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT ${connectionLimit};`,
          ...groups,
        ].join("\n");
      },
    );
    await server.sql(config.database, roles.join("\n"));
    await ask("CREATE TABLE campaigns (id bigserial PRIMARY KEY, name text NOT NULL)", postgresOwner);
  });

  after(async () => {
    await end(again, "SIGQUIT");
    await server?.stop();
    programs?.remove();
  });

  it("lets callers change rows and never tables", async () => {
    await ask("INSERT INTO campaigns (name) VALUES ('one'), ('two')", "campaign-service");
    await ask(
      "UPDATE campaigns SET name = 'three' WHERE id = 2; DELETE FROM campaigns WHERE id = 1",
      "campaign-service",
    );
    assert.equal(await ask("SELECT name FROM campaigns", "analytics-service"), "three");
    for (const user of ["campaign-service", "analytics-service", "backup"]) {
      for (const statement of [
        "CREATE TABLE other (id int)",
        "ALTER TABLE campaigns ADD x int",
        "DROP TABLE campaigns",
      ]) {
        assert.match(await refused(statement, user), /permission denied|must be owner/);
      }
      assert.match(await refused("CREATE ROLE other", user), /permission denied/);
      assert.match(await refused("TRUNCATE campaigns", user), /permission denied/);
    }
  });

  it("lets readers and backups read, and nothing more", async () => {
    for (const user of ["analytics-service", "backup"]) {
      assert.equal(await ask("SELECT count(*) FROM campaigns", user), "1");
      assert.match(await refused("INSERT INTO campaigns (name) VALUES ('x')", user), /permission denied/);
      assert.match(await refused("DELETE FROM campaigns", user), /permission denied/);
    }
    for (const user of ["analytics-service", "backup"]) {
      assert.equal(await ask("SELECT last_value FROM campaigns_id_seq", user), "2");
    }
  });

  it("covers schemas that migrations make later", async () => {
    await ask("CREATE SCHEMA bidding; CREATE TABLE bidding.wins (id int)", postgresOwner);
    await ask("INSERT INTO bidding.wins VALUES (1)", "campaign-service");
    assert.equal(await ask("SELECT count(*) FROM bidding.wins", "analytics-service"), "1");
  });

  it("opens the database to its users alone", async () => {
    const may = (user: string) => ask(`SELECT has_database_privilege('${user}', '${config.database}', 'CONNECT')`);
    for (const user of ["campaign-service", "analytics-service", "backup", postgresOwner])
      assert.equal(await may(user), "t");
    await ask("CREATE ROLE stranger LOGIN");
    assert.equal(await may("stranger"), "f");
    assert.equal(await ask("SELECT count(*) FROM pg_roles WHERE rolsuper"), "1");
  });

  it("starts with every setting, each taken over as it is written", async () => {
    assert.ok(server !== undefined && programs !== undefined);
    const one = server;
    await one.stop();
    const values = postgresParameters(size);
    const data = join(one.folder, "data");
    const lines = Object.entries(values).map(([key, value]) => `${key} = '${value}'`);
    appendFileSync(join(data, "postgresql.conf"), `${lines.join("\n")}\n`);
    const passwd = join(one.folder, "passwd");
    const options = [`listen_addresses=`, `port=${one.port}`, `unix_socket_directories=${one.folder}`, "fsync=off"];
    again = spawnInPod(programs, "postgres", ["-D", data, ...options.flatMap((option) => ["-c", option])], {
      LD_PRELOAD: programs.environment["NSS_WRAPPER"] ?? "",
      NSS_WRAPPER_PASSWD: passwd,
      NSS_WRAPPER_GROUP: passwd,
    });
    let said = "";
    again.stdout?.resume();
    again.stderr?.on("data", (chunk: Buffer) => {
      said += String(chunk);
    });
    await until("PostgreSQL answers again", async () => {
      // One that refuses its settings ends at once.
      return again?.exitCode !== null || (await one.try(config.database, "SELECT 1")).code === 0;
    });
    assert.equal(again.exitCode, null, said);
    const errors = await one.sql("postgres", "SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL;");
    assert.deepEqual(errors, []);
    const shown = await one.sql(
      "postgres",
      Object.keys(values)
        .map((key) => `SELECT current_setting('${key}');`)
        .join("\n"),
    );
    // The server writes sizes and times in its own units: it is asked for what it takes our text to be.
    const bytesOf = (text: string) => {
      const [, number, unit] = /^(\d+)(MB|GB)$/.exec(text) ?? [];
      return unit === undefined ? text : Number(number) * (unit === "GB" ? 1024 : 1);
    };
    const seconds: Readonly<Record<string, string>> = { "60s": "1min" };
    assert.deepEqual(
      shown.map(bytesOf),
      Object.values(values).map((value) => bytesOf(seconds[value] ?? value)),
    );
  });
});
