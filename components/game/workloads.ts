/**
 * The game as rows: who runs, on which ports, who calls whom. Environment, network policies, capacity and objects are
 * all derived from here. A new service is one row and its sizes in config/game.ts.
 */
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { DataConfig } from "../config/data.ts";
import type { GameConfig } from "../config/game.ts";
import type { ImagesConfig } from "../config/images.ts";
import { credential, credentialKeys, type GameStore, gameStores, valkeyTlsEnvironment } from "../kube/stores.ts";
import type { EnvironmentValue } from "../workload/pod.ts";

/** Namespace of the game, as the original design names it. */
export const gameNamespace = "mmorpg-game";

/** Port that players and services call, by the name it has on containers and Services. */
export const gamePort = { name: "game-port", port: 8080 } as const;

/** Port of metrics, health and drain, away from players. */
export const metricsPort = { name: "metrics-port", port: 9090 } as const;

/** Drain endpoint on the metrics port (docs/contract.md). */
export const drainPath = "/drain";

/** What a row may call: another row, a store, or the public internet by HTTPS. */
export type Target = RowName | GameStore | "internet";

/** Names of the rows: the value of the label `app`, and the Service name of services. */
export type RowName =
  | "game-world-server"
  | "game-server"
  | "auth-service"
  | "player-service"
  | "guild-service"
  | "world-service"
  | "matchmaking-service";

/** One workload of the game. */
export interface GameRow {
  name: RowName;
  /** Service in front of its pods. */
  service: string;
  /** Label `app.kubernetes.io/component`. */
  component: string;
  image: Exclude<keyof ImagesConfig, "pullSecret">;
  /** Whether the gateway may reach its game port. */
  public: boolean;
  calls: readonly Target[];
  /** What it may do with the game's database, and which pool of connections it has; with a call to `mysql` only. */
  database?: { pool: keyof DataConfig["mysql"]["pools"]; privileges: readonly DatabasePrivilege[] };
}

/** Rights on the rows of the game's database. Nobody who serves players may change tables: that is `migrations`. */
export type DatabasePrivilege = "SELECT" | "INSERT" | "UPDATE" | "DELETE";

const readAndWrite = ["SELECT", "INSERT", "UPDATE"] as const;
const readWriteAndDelete = [...readAndWrite, "DELETE"] as const;

/** Worlds. They call each other: players walk from one to the next. */
export const worldRow = {
  name: "game-world-server",
  // Headless: one world is reached at game-world-servers-<id>.game-world-service.
  service: "game-world-service",
  component: "world",
  image: "gameServer",
  public: true,
  calls: ["mysql", "redis", "player-service", "game-world-server"],
  database: { pool: "worlds", privileges: readAndWrite },
} as const satisfies GameRow;

/** Game servers. The 443 of the original design: identity and payment providers. */
export const gameServerRow = {
  name: "game-server",
  service: "game-server",
  component: "session",
  image: "gameServer",
  public: true,
  calls: ["mysql", "redis", "auth-service", "player-service", "game-server", "game-world-server", "internet"],
  database: { pool: "gameServers", privileges: readAndWrite },
} as const satisfies GameRow;

/** The services; `key` is their name in the configuration. */
export const serviceRows = [
  {
    key: "auth",
    name: "auth-service",
    service: "auth-service",
    component: "service",
    image: "authService",
    public: true,
    calls: ["mysql", "redis", "internet"],
    database: { pool: "auth", privileges: readWriteAndDelete },
  },
  {
    key: "player",
    name: "player-service",
    service: "player-service",
    component: "service",
    image: "playerService",
    public: true,
    calls: ["mysql", "redis", "auth-service"],
    database: { pool: "player", privileges: readWriteAndDelete },
  },
  {
    key: "guild",
    name: "guild-service",
    service: "guild-service",
    component: "service",
    image: "guildService",
    public: true,
    calls: ["mysql", "redis", "player-service"],
    database: { pool: "guild", privileges: readWriteAndDelete },
  },
  {
    key: "world",
    name: "world-service",
    service: "world-service",
    component: "service",
    image: "worldService",
    public: true,
    calls: ["redis", "auth-service", "game-world-server"],
  },
  {
    key: "matchmaking",
    name: "matchmaking-service",
    service: "matchmaking-service",
    component: "service",
    image: "matchmakingService",
    public: true,
    calls: ["redis", "auth-service", "world-service", "game-server"],
  },
] as const satisfies readonly (GameRow & { key: keyof GameConfig["services"] })[];

/** Every row. */
export const gameRows: readonly GameRow[] = [worldRow, gameServerRow, ...serviceRows];

function isStore(target: Target): target is GameStore {
  return target in gameStores;
}

function call(row: GameRow, target: Target): Call {
  if (target === "internet") return { to: "internet" };
  if (isStore(target)) return { to: target, ports: gameStores[target].podPorts };
  // Game servers form a cluster and read each other's metrics (original design: 8080 and 9090 among app=game-server).
  const cluster = row.name === "game-server" && target === "game-server";
  return { to: target, ports: cluster ? [gamePort.port, metricsPort.port] : [gamePort.port] };
}

/** The rows as nodes of the network graph, each with the call to `traces`. The stores are nodes of the data tier. */
export function networkNodes(traces: Call): NetworkNode[] {
  return gameRows.map((row) => ({
    name: row.name,
    selector: { app: row.name },
    calls: [...row.calls.map((target) => call(row, target)), traces],
    publicPorts: row.public ? [gamePort.port] : [],
    scrapes: [{ port: metricsPort.port }],
  }));
}

/** Names of the rows that call a store, which are the names of its users too. */
export function callersOf(store: GameStore): RowName[] {
  return gameRows.filter((row) => row.calls.includes(store)).map((row) => row.name);
}

/** How a row finds a store and logs in. Passwords are references by plain names. */
function storeEnvironment(row: GameRow, store: GameStore, data: DataConfig): Record<string, EnvironmentValue> {
  const { mysql } = data;
  const { service, hostVariable, port } = gameStores[store];
  const prefix = hostVariable.replace(/_HOST$/, "");
  const login = {
    [hostVariable]: service,
    [`${prefix}_PORT`]: String(port),
    [`${prefix}_USER`]: credential(store, row.name, credentialKeys.username),
    [`${prefix}_PASSWORD`]: credential(store, row.name, credentialKeys.password),
  };
  // Clients have to follow the cluster's redirections.
  if (store === "redis" || row.database === undefined)
    return { ...login, [`${prefix}_MODE`]: "cluster", ...valkeyTlsEnvironment(data.valkey) };
  return {
    ...login,
    [`${prefix}_READ_HOST`]: gameStores.mysql.readService,
    [`${prefix}_DATABASE`]: mysql.database,
    [`${prefix}_POOL_SIZE`]: String(mysql.pools[row.database.pool]),
  };
}

/** Environment that a row's calls give it: the stores' addresses and logins, AUTH_SERVICE_URL and so on for Services. */
export function callEnvironment(row: GameRow, data: DataConfig): Record<string, EnvironmentValue> {
  return Object.assign(
    {},
    ...row.calls.map((target): Record<string, EnvironmentValue> => {
      if (target === "internet") return {};
      if (isStore(target)) return storeEnvironment(row, target, data);
      const service = gameRows.find((one) => one.name === target)?.service ?? target;
      return { [`${service.replaceAll("-", "_").toUpperCase()}_URL`]: `http://${service}:${gamePort.port}` };
    }),
  );
}
