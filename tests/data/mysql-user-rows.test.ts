import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { grantLines, jobConnections, mysqlUserFiles, mysqlUsers } from "../../components/data/mysql-users.ts";

const rows = ["SELECT", "INSERT", "UPDATE", "DELETE"];

describe("rows of MySQL's users", () => {
  it("become files of grants, one a line", () => {
    const users = mysqlUsers(
      [
        { user: "auth-service", privileges: ["SELECT", "UPDATE"] },
        { user: "backup", privileges: ["SELECT"], tables: ["players", "guilds"], global: ["PROCESS"] },
      ],
      [{ user: "auth-service", limit: 100 }],
      ["backup"],
    );
    assert.deepEqual(mysqlUserFiles("mmorpg", users), {
      databases: "mmorpg\n",
      accounts: `auth-service 100\nbackup ${jobConnections}\n`,
      "grants-auth-service": "SELECT ON `mmorpg`.*\nUPDATE ON `mmorpg`.*\n",
      "grants-backup": "PROCESS ON *.*\nSELECT ON `mmorpg`.`players`\nSELECT ON `mmorpg`.`guilds`\n",
    });
  });

  it("do not let the sign _ stand for any other", () => {
    assert.deepEqual(grantLines("my_game", { user: "a", privileges: ["SELECT"] }), ["SELECT ON `my\\_game`.*"]);
  });

  it("refuse a grant for a service that does not call MySQL, and a caller without one", () => {
    const limits = [{ user: "auth-service", limit: 5 }];
    const grant = (user: string) => ({ user, privileges: rows });
    assert.throws(
      () => mysqlUsers([grant("auth-service"), grant("world-service")], limits, ["backup"]),
      /a grant is for "world-service", which does not call MySQL; those that do: auth-service, backup/,
    );
    assert.throws(() => mysqlUsers([], limits), /"auth-service" calls MySQL and has no grant/);
    assert.throws(() => mysqlUsers([grant("auth-service"), grant("auth-service")], limits), /two rows/);
  });

  it("refuse what could be read as SQL", () => {
    const one = { user: "auth-service", privileges: ["SELECT"] };
    assert.throws(() => grantLines("game`", one), /no name of a database/);
    assert.throws(() => grantLines("game", { ...one, user: "x'@'%" }), /no name of a user/);
    assert.throws(() => grantLines("game", { ...one, privileges: ["SELECT ON *.*"] }), /is no privilege/);
    assert.throws(() => grantLines("game", { ...one, privileges: ["ALL"] }), /name what "ALL" is/);
    assert.throws(() => grantLines("game", { ...one, tables: ["a.b"] }), /no name of a table/);
  });
});
