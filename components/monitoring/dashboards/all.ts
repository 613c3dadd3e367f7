/** All dashboards of a region. */
import type { Watched } from "../watched.ts";
import { bidding } from "./bidding.ts";
import { capacity } from "./capacity.ts";
import type { Dashboard } from "./dashboard.ts";
import { edge } from "./edge.ts";
import { fleet } from "./fleet.ts";
import { gameServers } from "./game-servers.ts";
import { kafka } from "./kafka.ts";
import type { DashboardKey } from "./keys.ts";
import { monitoring } from "./monitoring.ts";
import { mysql } from "./mysql.ts";
import { objectives } from "./objectives.ts";
import { postgres } from "./postgres.ts";
import { region } from "./region.ts";
import { services } from "./services.ts";
import { tracingAndLogs } from "./tracing-and-logs.ts";
import { valkey } from "./valkey.ts";
import { worlds } from "./worlds.ts";

const makers: Readonly<Record<DashboardKey, (watched: Watched) => Dashboard>> = {
  fleet,
  region,
  worlds,
  "game-servers": gameServers,
  services,
  mysql,
  valkey,
  postgres,
  kafka,
  edge,
  bidding,
  objectives,
  capacity,
  "tracing-and-logs": tracingAndLogs,
  monitoring,
};

/** Dashboards whose subject a region may lack. */
const optional: Partial<Record<DashboardKey, (watched: Watched) => boolean>> = {
  postgres: ({ stores }) => stores.some((one) => one.kind === "postgres"),
  kafka: ({ stores }) => stores.some((one) => one.kind === "kafka"),
  mysql: ({ stores }) => stores.some((one) => one.kind === "mysql"),
  valkey: ({ stores }) => stores.some((one) => one.kind === "valkey"),
  bidding: ({ ads }) => ads.length > 0,
};

/** Keys of the dashboards of a region: of what there is in it. */
export function dashboardKeys(watched: Watched): DashboardKey[] {
  return (Object.keys(makers) as DashboardKey[]).filter((key) => optional[key]?.(watched) ?? true);
}

/** The dashboards of a region. */
export function allDashboards(watched: Watched): Dashboard[] {
  return dashboardKeys(watched).map((key) => makers[key](watched));
}
