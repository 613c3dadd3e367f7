/**
 * Users of MySQL: who may do what, as rows. A job makes the server's accounts what the rows say, every two minutes. A job
 * for each change would be replaced with each change, since a job's pods cannot be changed, and `up` would wait for a
 * database that takes minutes to form; the schedule also puts back what somebody changed by hand.
 */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import { labels } from "../kube/labels.ts";
import { credentialsName, gameStores } from "../kube/stores.ts";
import { mysqlImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import { podTemplate } from "../workload/pod.ts";
import { mysqlRootUser, mysqlUsersSize } from "./mysql-plan.ts";

/** What a user may do. */
export interface MySqlGrant {
  /** Name of the user, which is that of its workload, or of the job that it is for. */
  user: string;
  /** Privileges as MySQL names them, on every table of the database or on `tables` alone. */
  privileges: readonly string[];
  tables?: readonly string[];
  /** Privileges that only exist for the whole server, such as PROCESS. */
  global?: readonly string[];
}

/** A user with its limit of connections. */
export interface MySqlUser extends MySqlGrant {
  /** MAX_USER_CONNECTIONS: what one caller cannot take from the others. */
  maxConnections: number;
}

/** The script as it runs in the pod. */
export const mysqlUsersScript = readFileSync(new URL("mysql-users.sh", import.meta.url), "utf8");

/** Connections of a user that is no workload, such as that of the backup: a dump opens a few side by side (judgement). */
export const jobConnections = 10;

const userPattern = /^[a-z][a-z0-9-]{0,31}$/;
const databasePattern = /^[a-z][a-z0-9_]{0,62}$/;
const privilegePattern = /^[A-Z]+([ _][A-Z]+)*$/;

/**
 * Users with their limits. `limits` has the connections of each caller, `jobs` the users beside them; a grant for anybody
 * else is refused, since nobody would ever log in as that user.
 */
export function mysqlUsers(
  grants: readonly MySqlGrant[],
  limits: readonly { user: string; limit: number }[],
  jobs: readonly string[] = [],
): MySqlUser[] {
  const names = new Set<string>();
  const users = grants.map((grant) => {
    const limit = limits.find((one) => one.user === grant.user)?.limit;
    if (limit === undefined && !jobs.includes(grant.user)) {
      const known = [...limits.map((one) => one.user), ...jobs].join(", ");
      throw new Error(`a grant is for "${grant.user}", which does not call MySQL; those that do: ${known}`);
    }
    if (names.has(grant.user)) throw new Error(`"${grant.user}" has two rows of grants, want one`);
    names.add(grant.user);
    return { ...grant, maxConnections: limit ?? jobConnections };
  });
  for (const { user } of limits) {
    if (!names.has(user)) throw new Error(`"${user}" calls MySQL and has no grant there`);
  }
  return users;
}

/** The grants of a user, one a line, in the words in which MySQL itself lists them. Throws on what is no privilege. */
export function grantLines(database: string, { user, privileges, tables, global = [] }: MySqlGrant): string[] {
  if (!databasePattern.test(database)) throw new RangeError(`"${database}" is no name of a database`);
  if (!userPattern.test(user))
    throw new RangeError(`"${user}" is no name of a user, want at most 32 of a-z, 0-9 and -`);
  for (const privilege of [...privileges, ...global]) {
    if (!privilegePattern.test(privilege)) throw new RangeError(`${user}: "${privilege}" is no privilege`);
    // Both would list as many others, and the second would let a user pass on what it has.
    if (/^(ALL|ALL PRIVILEGES|GRANT OPTION)$/.test(privilege))
      throw new RangeError(`${user}: name what "${privilege}" is`);
  }
  for (const table of tables ?? []) {
    if (!databasePattern.test(table)) throw new RangeError(`${user}: "${table}" is no name of a table`);
  }
  // For a whole database "_" stands for any sign, unless it is escaped.
  const all = `\`${database.replaceAll("_", "\\_")}\`.*`;
  const places = tables === undefined ? [all] : tables.map((table) => `\`${database}\`.\`${table}\``);
  return [
    ...global.map((privilege) => `${privilege} ON *.*`),
    ...privileges.flatMap((privilege) => places.map((place) => `${privilege} ON ${place}`)),
  ];
}

/** The files that the script reads, by name. */
export function mysqlUserFiles(database: string, users: readonly MySqlUser[]): Record<string, string> {
  return {
    databases: `${database}\n`,
    accounts: users.map((one) => `${one.user} ${one.maxConnections}\n`).join(""),
    ...Object.fromEntries(
      users.map((one) => [
        `grants-${one.user}`,
        grantLines(database, one)
          .map((line) => `${line}\n`)
          .join(""),
      ]),
    ),
  };
}

/** Arguments of `MySqlUsers`. */
export interface MySqlUsersArgs {
  plan: WorkloadPlan;
  namespace: string;
  /** Server version, whose image has the client. */
  version: string;
  database: string;
  users: readonly MySqlUser[];
  pool: { dedicated: boolean };
  /** Secrets of the users and of the administrator. */
  needs: pulumi.Resource[];
}

/** See `MySqlUsersArgs`. */
export class MySqlUsers extends pulumi.ComponentResource {
  constructor(name: string, args: MySqlUsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:MySqlUsers", name, {}, opts);
    const { plan, namespace, users } = args;
    const selector = { app: plan.name };
    const metadata = { name: plan.name, namespace, labels: labels(selector, { component: "users", partOf: "mmorpg" }) };
    const child = { parent: this };
    const account = serviceAccount(`${name}-account`, metadata, child);
    const files = new k8s.core.v1.ConfigMap(
      `${name}-files`,
      { metadata, data: { "mysql-users.sh": mysqlUsersScript, ...mysqlUserFiles(args.database, users) } },
      child,
    );
    const logins = [mysqlRootUser, ...users.map((one) => one.user)];
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata,
        spec: {
          // A rotation is complete two minutes after the Secrets changed; pods that start before wait for it.
          schedule: "*/2 * * * *",
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 100,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: {
            spec: {
              backoffLimit: 0,
              activeDeadlineSeconds: 300,
              template: podTemplate({
                labels: metadata.labels,
                account: plan.name,
                graceSeconds: plan.graceSeconds,
                tolerationSeconds: plan.tolerationSeconds,
                priorityClass: priorityClasses.services.name,
                pool: { name: plan.pool, dedicated: args.pool.dedicated },
                restartPolicy: "Never",
                volumes: [
                  { name: "files", configMap: { name: plan.name } },
                  // Option files with passwords never touch a disk.
                  { name: "work", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
                  ...logins.map((user) => ({
                    name: `login-${user}`,
                    secret: { secretName: credentialsName("mysql", user), defaultMode: 0o440 },
                  })),
                ],
                containers: [
                  {
                    name: plan.name,
                    image: mysqlImage(args.version),
                    size: mysqlUsersSize,
                    command: ["/bin/sh", "/files/mysql-users.sh"],
                    environment: {
                      HOME: "/tmp",
                      MYSQL_HOST: gameStores.mysql.service,
                      MYSQL_PORT: String(gameStores.mysql.port),
                      WAIT_SECONDS: "60",
                      WORK: "/work",
                      CONFIG: "/files",
                      CREDENTIALS: "/credentials",
                      ADMIN: mysqlRootUser,
                    },
                    mounts: [
                      { name: "files", mountPath: "/files", readOnly: true },
                      { name: "work", mountPath: "/work" },
                      ...logins.map((user) => ({
                        name: `login-${user}`,
                        mountPath: `/credentials/${user}`,
                        readOnly: true,
                      })),
                    ],
                  },
                ],
              }),
            },
          },
        },
      },
      { ...child, dependsOn: [account, files, ...args.needs] },
    );
    this.registerOutputs({});
  }
}
