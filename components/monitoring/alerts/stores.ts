/** Alerts on the stores of game and ads: not whole, not written, lagging, full. */
import type { Watched, WatchedStore } from "../watched.ts";
import type { Alert, RuleGroup } from "./alert.ts";
import { kafkaAlerts } from "./store-kafka.ts";
import { mysqlAlerts } from "./store-mysql.ts";
import { postgresAlerts } from "./store-postgres.ts";
import { valkeyAlerts } from "./store-valkey.ts";

const alertsOf: Readonly<Record<WatchedStore["kind"], (store: WatchedStore) => Alert[]>> = {
  mysql: mysqlAlerts,
  valkey: valkeyAlerts,
  postgres: postgresAlerts,
  kafka: kafkaAlerts,
};

/** Alerts of every store, a group for each. */
export function storeAlerts({ stores }: Watched): RuleGroup[] {
  return stores.map((store) => ({
    name: `store-${store.kind}-${store.namespace}`,
    rules: alertsOf[store.kind](store),
  }));
}
