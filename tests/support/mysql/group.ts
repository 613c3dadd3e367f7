/** Servers in one group, as the operator joins them: one writes, the others follow; none starts the group by itself. */
import { mysqlSettings } from "../../../components/data/mysql-settings.ts";
import { freePort, type MySqlServer, type MySqlServers, until } from "./server.ts";

const smallest = { memoryRequest: "256Mi", memoryLimit: "4Gi", maxConnections: 200 };

/** A member as the group sees it. */
export interface Member {
  port: number;
  state: string;
  role: string;
}

/** A group of running servers. */
export class MySqlGroup {
  readonly servers: MySqlServer[];

  private constructor(servers: MySqlServer[]) {
    this.servers = servers;
  }

  /** Starts the servers and lets them form a group with the first as writer. */
  static async create(family: MySqlServers, count: number): Promise<MySqlGroup> {
    const addresses: string[] = [];
    for (let index = 0; index < count; index++) addresses.push(`127.0.0.1:${await freePort()}`);
    const servers: MySqlServer[] = [];
    for (const [index, address] of addresses.entries()) {
      const first = [
        "plugin_load_add = group_replication.so",
        "group_replication_group_name = 0f4a3c51-3b1c-4a6b-9a51-6c0ff3e1d001",
        `group_replication_local_address = ${address}`,
        `group_replication_group_seeds = ${addresses.join(",")}`,
        "group_replication_start_on_boot = OFF",
        "group_replication_exit_state_action = ABORT_SERVER",
        "group_replication_recovery_get_public_key = ON",
        "",
      ].join("\n");
      servers.push(await family.server(mysqlSettings(smallest), { id: 201 + index, first }));
    }
    await Promise.all(servers.map((server) => server.start()));
    const group = new MySqlGroup(servers);
    for (const [index, server] of servers.entries()) {
      await server.sql(
        "SET sql_log_bin = 0; CREATE USER 'follower'@'%' IDENTIFIED BY 'follows';" +
          "GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO 'follower'@'%';" +
          "SET sql_log_bin = 1; CHANGE REPLICATION SOURCE TO SOURCE_USER = 'follower', SOURCE_PASSWORD = 'follows' " +
          "FOR CHANNEL 'group_replication_recovery';" +
          (index === 0 ? "SET GLOBAL group_replication_bootstrap_group = ON;" : ""),
      );
      await group.join(server);
      await server.sql("SET GLOBAL group_replication_bootstrap_group = OFF");
    }
    await group.whole(count);
    return group;
  }

  /** What the operator does for a server that is back. */
  async join(server: MySqlServer): Promise<void> {
    await server.sql("START GROUP_REPLICATION");
  }

  /** The group as one server sees it. */
  async members(server: MySqlServer): Promise<Member[]> {
    const rows = await server.sql(
      "SELECT member_port, member_state, member_role FROM performance_schema.replication_group_members ORDER BY 1",
    );
    return rows.split("\n").map((row) => {
      const [port, state = "", role = ""] = row.split("\t");
      return { port: Number(port), state, role };
    });
  }

  /** Servers that run. */
  running(): MySqlServer[] {
    return this.servers.filter((server) => server.pid !== undefined);
  }

  /** Waits until that many members see each other online. */
  async whole(count: number): Promise<void> {
    await until(`${count} members online`, async () => {
      const views = await Promise.all(this.running().map((server) => this.members(server)));
      return views.every((view) => view.filter((one) => one.state === "ONLINE").length === count);
    });
  }

  /** The server that writes, as a running member that is in the group sees it. */
  async writer(): Promise<MySqlServer> {
    let found: MySqlServer | undefined;
    await until("a writer", async () => {
      for (const server of this.running()) {
        const primary = (await this.members(server)).find((one) => one.role === "PRIMARY" && one.state === "ONLINE");
        found = this.running().find((one) => one.port === primary?.port) ?? found;
        if (found !== undefined) return (await found.variable("super_read_only")) === "0";
      }
      return false;
    });
    if (found === undefined) throw new Error("the group has no writer");
    return found;
  }
}
