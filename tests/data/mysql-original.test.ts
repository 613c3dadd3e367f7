import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Data } from "../../components/config/data.ts";
import { mysqlPorts, planMySql } from "../../components/data/mysql-plan.ts";
import { mysqlSettingList } from "../../components/data/mysql-settings.ts";
import { gameStores } from "../../components/kube/stores.ts";

const { mysql } = Data.parse({});
const plan = planMySql(mysql);
const settings = new Map(
  mysqlSettingList({
    memoryRequest: mysql.resources.requests.memory,
    memoryLimit: mysql.resources.limits.memory,
    maxConnections: mysql.maxConnections,
  }).map(({ name, value }) => [name, value]),
);

/** Each value of the original MySQL manifest, what stands in its place, and why where that is something else. */
const table: readonly { was: string; is: unknown; want: unknown; because?: string }[] = [
  { was: "one pod", is: mysql.instances, want: 3, because: "one cannot take over from itself; three have a majority" },
  {
    was: "a Deployment",
    is: plan.servers.kind,
    want: "StatefulSet",
    because: "two pods of a rollout would wait for one volume",
  },
  { was: "label app: mysql", is: gameStores.mysql.podLabels, want: { app: "mysql" } },
  { was: "image 8.0", is: /^8\.4\./.test(mysql.version), want: true, because: "8.0 ended on 2026-04-30" },
  {
    was: "server-id 1",
    is: settings.has("server_id"),
    want: false,
    because: "the operator numbers servers from firstServerId",
  },
  {
    was: "log-bin mysql-bin",
    is: settings.has("log_bin"),
    want: false,
    because: "the operator names it after the cluster",
  },
  {
    was: "binlog-format ROW",
    is: settings.has("binlog_format"),
    want: false,
    because: "ROW is the default, the option deprecated",
  },
  { was: "innodb-buffer-pool-size 1G", is: settings.get("innodb_buffer_pool_size"), want: 1024 ** 3 },
  { was: "max-connections 1000", is: settings.get("max_connections"), want: 1000 },
  {
    was: "query-cache-size 256M",
    is: settings.has("query_cache_size"),
    want: false,
    because: "8.0.3 has none and does not start",
  },
  {
    was: "innodb-log-file-size 256M",
    is: settings.get("innodb_redo_log_capacity"),
    want: 2 * 256 * 1024 ** 2,
    because: "two files of that size, under the name of 8.0.30",
  },
  { was: "port 3306", is: [gameStores.mysql.port, mysqlPorts.server], want: [3306, 3306] },
  { was: "Service mysql-primary-service", is: gameStores.mysql.service, want: "mysql-primary-service" },
  { was: "a claim of no size", is: plan.servers.claimBytes, want: 50 * 1024 ** 3, because: "it named none" },
  {
    was: "no resources, so 256Mi of 1Gi",
    is: [mysql.resources.requests.memory, mysql.resources.limits.memory],
    want: ["2Gi", "4Gi"],
    because: "the buffer pool alone is 1Gi",
  },
];

describe("the original MySQL manifest", () => {
  for (const { was, is, want, because } of table) {
    it(`said ${was}${because === undefined ? ", which holds" : `: ${because}`}`, () => assert.deepEqual(is, want));
  }
});
