/** What the stores promise: what is lost at most, and when it is back, for each kind of failure. */
import type { DataConfig } from "../config/data.ts";
import type { DataBackupsConfig } from "../config/data-backups.ts";
import type { Config } from "../config/schema.ts";
import { adSections } from "../config/sections.ts";
import { longestGapSeconds } from "../kube/cron.ts";

/** One line of the table of promises. */
export interface StorePromise {
  /** Whose it is: the game, or an environment of the ad platform. */
  owner: string;
  store: "MySQL" | "PostgreSQL" | "Valkey" | "Kafka" | "worlds";
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

/** Seconds until a follower of PostgreSQL writes: 30 to be missed and elected (CloudNativePG, "Automated failover"). */
export const postgresFailoverSeconds = 30;

/** Seconds until another broker leads the partitions of a lost one: broker.session.timeout.ms, 9 s, and the election. */
export const kafkaFailoverSeconds = 10;

type Promises = Omit<StorePromise, "owner">[];

const everything = "all volumes, the region, a mistake";
const oneServer = "one server, its node or its zone";

function restored(
  backups: DataBackupsConfig,
  path: string,
): Pick<StorePromise, "lostSeconds" | "backSeconds" | "source"> {
  if (!backups.enabled) return { lostSeconds: undefined, backSeconds: undefined, source: `${path}.enabled is false` };
  const { schedule } = backups;
  return { lostSeconds: longestGapSeconds(schedule), backSeconds: undefined, source: `${path}.schedule ${schedule}` };
}

function valkeyPromises(valkey: DataConfig["valkey"], backups: DataBackupsConfig, path: string): Promises {
  const copied = valkey.replicasPerPrimary > 0;
  return [
    {
      store: "Valkey",
      failure: copied ? oneServer : "a server's process or pod",
      lostSeconds: 1,
      backSeconds: copied ? (valkey.nodeTimeoutMs * 1.5) / 1000 : 15,
      source: copied
        ? `copied after it is confirmed; 1.5 x ${path}.valkey.nodeTimeoutMs`
        : "appendfsync everysec; the time to load it, judgement",
    },
    {
      store: "Valkey",
      failure: "all servers at once, volumes left",
      lostSeconds: 1,
      backSeconds: 15 + valkeyFormingSeconds,
      source: "appendfsync everysec; 15 s to load, judgement, and the cluster formed again, measured",
    },
    { store: "Valkey", failure: everything, ...restored(backups, `${path}.backups`) },
  ];
}

function gamePromises({ data, game }: Config): Promises {
  const { mysql, valkey, backups } = data;
  const { schedule } = game.worlds.backup;
  return [
    mysql.instances > 1
      ? {
          store: "MySQL",
          failure: oneServer,
          lostSeconds: 0,
          backSeconds: mysqlFailoverSeconds,
          source: "a majority has a change before it is confirmed; measured",
        }
      : {
          store: "MySQL",
          failure: "the server's process or pod",
          lostSeconds: 0,
          backSeconds: 60,
          source: "one server: its log is on its volume; data.mysql.instances 3 goes on without it",
        },
    { store: "MySQL", failure: everything, ...restored(backups, "data.backups") },
    ...valkeyPromises(valkey, backups, "data"),
    {
      store: "worlds",
      failure: "a volume, the region, a mistake",
      lostSeconds: longestGapSeconds(schedule),
      backSeconds: undefined,
      source: `game.worlds.backup.schedule ${schedule}`,
    },
  ];
}

function adPromises({ path, ads }: ReturnType<typeof adSections>[number]): Promises {
  const { postgres, kafka, valkey, backups } = ads;
  const followed = postgres.instances > 1;
  const copied = kafka.brokers >= 3;
  return [
    {
      store: "PostgreSQL",
      failure: followed ? oneServer : "the server's process or pod",
      lostSeconds: 0,
      backSeconds: postgresFailoverSeconds,
      source: followed
        ? "a second server has each commit; the operator's documentation, not measured"
        : "one server: its log is on its volume; the time to start it, judgement",
    },
    { store: "PostgreSQL", failure: everything, ...restored(backups, `${path}.backups`) },
    ...valkeyPromises(valkey, backups, path),
    {
      store: "Kafka",
      failure: copied ? "one broker, its node or its zone" : "the broker's process or pod",
      lostSeconds: 0,
      backSeconds: copied ? kafkaFailoverSeconds : 60,
      source: copied
        ? "two copies have a message before it is confirmed; Kafka's defaults, not measured"
        : "one broker: its log is on its volume; the time to start it, judgement",
    },
    {
      store: "Kafka",
      failure: everything,
      lostSeconds: undefined,
      backSeconds: undefined,
      source: "messages are on their way, they are not backed up",
    },
  ];
}

/** The promises of every platform of the configuration; they are the same in each region that runs it. */
export function storePromises(config: Config): StorePromise[] {
  return [
    ...gamePromises(config).map((one) => ({ owner: "game", ...one })),
    ...adSections(config).flatMap((section) =>
      adPromises(section).map((one) => ({ owner: section.path.replace(".", " "), ...one })),
    ),
  ];
}
