import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { mysqlConnectionMistakes, mysqlConnections, plannedTotal } from "../../components/data/mysql-connections.ts";
import { deployment, worlds } from "../support/plans.ts";

const gameServers = {
  user: "game-server",
  poolSize: 4,
  path: "data.mysql.pools.gameServers",
  // 60 at the maximum, 6 of surge, and 600 s of drain against 30 s for each step: 54 may drain at one time.
  plans: [deployment({ maxReplicas: 60, surgePods: 6 })],
};
const world = {
  user: "game-world-server",
  poolSize: 10,
  path: "data.mysql.pools.worlds",
  plans: [worlds(), worlds({ maxReplicas: 3 })],
};

describe("connections to MySQL", () => {
  it("are the pools of all pods that may be there at one time, draining ones included", () => {
    const lines = mysqlConnections([world, gameServers]);
    assert.deepEqual(lines, [
      { user: "game-world-server", poolSize: 10, pods: 8, connections: 80, limit: 100 },
      { user: "game-server", poolSize: 4, pods: 120, connections: 480, limit: 600 },
    ]);
    assert.equal(plannedTotal(lines), 560);
  });

  it("fit up to four fifths of what the server accepts, and so do the limits of the users", () => {
    const callers = [world, gameServers];
    assert.deepEqual(mysqlConnectionMistakes("eu-west", callers, 700), []);
    const limits = mysqlConnections(callers).reduce((whole, line) => whole + line.limit, 0);
    assert.ok(limits <= 700);
    assert.equal(mysqlConnectionMistakes("eu-west", callers, 699).length, 1);
  });

  it("are refused beyond it, at the pool that takes the most, with the sum", () => {
    const [mistake] = mysqlConnectionMistakes("eu-west", [world, gameServers], 600);
    assert.equal(mistake?.path, "data.mysql.pools.gameServers");
    assert.equal(mistake?.got, 4);
    assert.match(
      mistake?.want ?? "",
      /eu-west: game-world-server 8 pods x 10 \+ game-server 120 pods x 4 = 560 connections, at most 480 = 80 % of/,
    );
    assert.match(mistake?.fix ?? "", /maxConnections to 700/);
  });
});
