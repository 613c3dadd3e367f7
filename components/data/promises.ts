/** What the stores promise: what is lost at most, and when it is back, for each kind of failure. */
import type { Config } from "../config/schema.ts";
import { longestGapSeconds } from "../kube/cron.ts";

/** One line of the table of promises. */
export interface StorePromise {
  store: "MySQL" | "Valkey" | "worlds";
  failure: string;
  /** Seconds of confirmed changes that are lost at most; undefined where nothing is kept that could be restored. */
  lostSeconds: number | undefined;
  /** Expected seconds until it serves again; undefined where a person acts by a runbook. */
  backSeconds: number | undefined;
  /** Where both numbers come from. */
  source: string;
}

/**
 * Seconds until another server of a group writes, after its writer has died: 5 to be suspected, 5 to be expelled, the
 * rest for the election and for routers to look. Measured with three real servers of 9.7 as this program sets them up.
 */
export const mysqlFailoverSeconds = 22;

/** Seconds until six servers of Valkey that all got new addresses are one cluster again; measured: 5.6 to 11. */
export const valkeyFormingSeconds = 11;

/** The promises of a region; they follow from the configuration alone. */
export function storePromises({ data, game }: Config): StorePromise[] {
  const { mysql, valkey, backups } = data;
  const dumped = backups.enabled ? longestGapSeconds(backups.schedule) : undefined;
  const dump = backups.enabled ? `data.backups.schedule ${backups.schedule}` : "data.backups.enabled is false";
  const snapshot = `game.worlds.backup.schedule ${game.worlds.backup.schedule}`;
  return [
    {
      store: "MySQL",
      failure: mysql.instances > 1 ? "one server, its node or its zone" : "the server's process or pod",
      lostSeconds: 0,
      backSeconds: mysql.instances > 1 ? mysqlFailoverSeconds : 60,
      source:
        mysql.instances > 1
          ? "a majority has a change before it is confirmed; measured"
          : "one server: its log is on its volume; data.mysql.instances 3 goes on without it",
    },
    {
      store: "MySQL",
      failure: "all volumes, the region, a mistake",
      lostSeconds: dumped,
      backSeconds: undefined,
      source: dump,
    },
    {
      store: "Valkey",
      failure: valkey.replicasPerPrimary > 0 ? "one server, its node or its zone" : "a server's process or pod",
      lostSeconds: 1,
      backSeconds: valkey.replicasPerPrimary > 0 ? (valkey.nodeTimeoutMs * 1.5) / 1000 : 15,
      source:
        valkey.replicasPerPrimary > 0
          ? "copied after it is confirmed; 1.5 x data.valkey.nodeTimeoutMs"
          : "appendfsync everysec; the time to load it, judgement",
    },
    {
      store: "Valkey",
      failure: "all servers at once, volumes left",
      lostSeconds: 1,
      backSeconds: 15 + valkeyFormingSeconds,
      source: "appendfsync everysec; 15 s to load, judgement, and the cluster formed again, measured",
    },
    {
      store: "Valkey",
      failure: "all volumes, the region, a mistake",
      lostSeconds: dumped,
      backSeconds: undefined,
      source: dump,
    },
    {
      store: "worlds",
      failure: "a volume, the region, a mistake",
      lostSeconds: longestGapSeconds(game.worlds.backup.schedule),
      backSeconds: undefined,
      source: snapshot,
    },
  ];
}
