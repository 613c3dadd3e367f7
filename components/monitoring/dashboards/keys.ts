/** Names of the dashboards: parts of addresses that people keep, so they never change. */

/** Every dashboard, with its title. */
export const dashboardTitles = {
  fleet: "Fleet",
  region: "Region",
  worlds: "Worlds",
  "game-servers": "Game servers",
  services: "Services",
  mysql: "MySQL",
  valkey: "Valkey",
  postgres: "PostgreSQL",
  kafka: "Kafka",
  edge: "Edge",
  bidding: "Bidding",
  objectives: "Objectives",
  capacity: "Capacity",
  "tracing-and-logs": "Tracing and logs",
  monitoring: "Monitoring",
} as const;

/** Name of a dashboard. */
export type DashboardKey = keyof typeof dashboardTitles;

/** Tag of all of them; Grafana lists dashboards of a tag in the menu of each. */
export const dashboardTag = "realmgrid";

/** `uid` of a dashboard, which its address ends with. */
export function dashboardUid(key: DashboardKey): string {
  return `${dashboardTag}-${key}`;
}
