/** ValkeyCluster: primaries and replicas that form a cluster by themselves, and form it again whatever was lost. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { DataConfig } from "../config/data.ts";
import type { RegionConfig } from "../config/regions.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { checksumAnnotation, labels, madeElsewhere } from "../kube/labels.ts";
import { bytes } from "../kube/quantities.ts";
import { credential, credentialKeys, type Store } from "../kube/stores.ts";
import { redisExporterImage, valkeyImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import type { ContainerArgs, EnvironmentValue } from "../workload/pod.ts";
import { StatefulWorkload } from "../workload/stateful-set.ts";
import {
  agentSize,
  exporterSize,
  type ValkeyCaller,
  valkeyAccounts,
  valkeyBusPort,
  valkeyName,
  valkeyPeersService,
  valkeyReplicas,
  valkeyRules,
  valkeySecret,
  valkeyStore,
} from "./valkey-plan.ts";
import { valkeyAgentUser, valkeyReplicationUser, valkeySettings } from "./valkey-settings.ts";
import { type ValkeyTlsParts, valkeyTls } from "./valkey-tls.ts";

/** Arguments of `ValkeyCluster`. */
export interface ValkeyClusterArgs {
  namespace: string;
  partOf: string;
  valkey: DataConfig["valkey"];
  /** Raised with new passwords; rolls the servers. */
  generation: number;
  store: Store;
  callers: readonly ValkeyCaller[];
  plan: WorkloadPlan;
  region: RegionConfig;
  storageClass: string;
  spreadHosts: "required" | "preferred";
  protectData: boolean;
  /** Secrets of the users. */
  needs: pulumi.Resource[];
}

const folders = { data: "/data", settings: "/etc/valkey", users: "/users", access: "/access" } as const;

function shipped(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

/** Scripts as they run in the pods. */
export const valkeyScripts = {
  "valkey-agent.sh": shipped("valkey-agent.sh"),
  "valkey-decide.awk": shipped("valkey-decide.awk"),
  "valkey-access.sh": shipped("valkey-access.sh"),
} as const;

const agent = `${folders.settings}/valkey-agent.sh`;
const access = `${folders.settings}/valkey-access.sh`;

function tlsOf({ valkey, store, namespace }: ValkeyClusterArgs): ValkeyTlsParts {
  return valkeyTls(valkey, store.port, (pod) => hostOf(pod, namespace));
}

/** Name under which the others reach a pod. */
function hostOf(pod: string, namespace: string): string {
  return `${pod}.${valkeyPeersService}.${namespace}.svc`;
}

function environment(args: ValkeyClusterArgs): Record<string, EnvironmentValue> {
  const hosts = Array.from({ length: valkeyReplicas(args.valkey) }, (_, ordinal) =>
    hostOf(`${valkeyName}-${ordinal}`, args.namespace),
  );
  return {
    POD_NAME: { fieldRef: { fieldPath: "metadata.name" } },
    POD_IP: { fieldRef: { fieldPath: "status.podIP" } },
    // Kubernetes 1.35 copies the labels of the node's place to its pods (KEP-4742); empty where it does not.
    ZONE: { fieldRef: { fieldPath: "metadata.labels['topology.kubernetes.io/zone']" } },
    PEERS: hosts.join(" "),
    PORT: String(args.store.port),
    BUS_PORT: String(valkeyBusPort),
    REPLICAS_PER_PRIMARY: String(args.valkey.replicasPerPrimary),
    AUTH_USER: valkeyAgentUser,
    REDISCLI_AUTH: credential(valkeyStore, valkeyAgentUser, credentialKeys.password),
    USERS_FOLDER: folders.users,
    RULES_FILE: `${folders.settings}/rules`,
    ACCESS_FOLDER: folders.access,
    REPLICATION_USER: valkeyReplicationUser,
    ...tlsOf(args).environment,
  };
}

const mounts = {
  data: { name: "redis-data", mountPath: folders.data },
  settings: { name: "settings", mountPath: folders.settings, readOnly: true },
  users: { name: "users", mountPath: folders.users, readOnly: true },
  access: { name: "access", mountPath: folders.access },
} as const;

function server(args: ValkeyClusterArgs): ContainerArgs {
  const probe = (call: string) => ({ exec: { command: ["/bin/sh", agent, call] } });
  return {
    name: "redis",
    image: valkeyImage,
    size: args.valkey.resources,
    command: ["valkey-server", `${folders.settings}/valkey.conf`],
    environment: environment(args),
    ports: { redis: args.store.port, cluster: valkeyBusPort },
    mounts: [mounts.data, mounts.settings, mounts.access, ...tlsOf(args).mounts],
    probes: {
      // Ten minutes to load a large append-only file.
      startupProbe: { ...probe("startup"), periodSeconds: 5, failureThreshold: 120, timeoutSeconds: 4 },
      livenessProbe: { ...probe("live"), periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
      readinessProbe: { ...probe("ready"), periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 4 },
    },
    preStop: { exec: { command: ["/bin/sh", agent, "prestop"] } },
  };
}

/** The agent; with each pass it also brings new passwords to its server. */
function agentContainer(args: ValkeyClusterArgs): ContainerArgs {
  return {
    name: "agent",
    image: valkeyImage,
    size: agentSize,
    command: ["/bin/sh", agent, "loop"],
    environment: { ...environment(args), EACH_PASS: `/bin/sh ${access} refresh` },
    mounts: [mounts.settings, mounts.users, mounts.access, ...tlsOf(args).mounts],
  };
}

function exporter(args: ValkeyClusterArgs): ContainerArgs {
  const { store } = args;
  const { exporterEnvironment, exporterMounts } = tlsOf(args);
  return {
    name: "exporter",
    image: redisExporterImage,
    size: exporterSize,
    environment: {
      ...exporterEnvironment,
      REDIS_USER: "exporter",
      REDIS_PASSWORD: credential(valkeyStore, "exporter", credentialKeys.password),
      REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `:${store.exporterPort}`,
    },
    ports: { exporter: store.exporterPort },
    mounts: exporterMounts,
    probes: {
      livenessProbe: { httpGet: { path: "/health", port: "exporter" }, periodSeconds: 30, timeoutSeconds: 5 },
      readinessProbe: { httpGet: { path: "/health", port: "exporter" }, periodSeconds: 10, timeoutSeconds: 3 },
    },
  };
}

/** See `ValkeyClusterArgs`. */
export class ValkeyCluster extends pulumi.ComponentResource {
  constructor(name: string, args: ValkeyClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:ValkeyCluster", name, {}, opts);
    const { namespace, partOf, plan, store, valkey } = args;
    const tls = tlsOf(args);
    const selector = store.podLabels;
    const common = labels(selector, { component: "store", partOf });
    const child = { parent: this };
    const metadata = { name: valkeyName, namespace, labels: common };
    const account = serviceAccount(`${name}-account`, metadata, child);
    const settings = {
      ...valkeyScripts,
      "valkey.conf": valkeySettings({
        memoryLimitBytes: bytes(valkey.resources.limits.memory),
        nodeTimeoutMs: valkey.nodeTimeoutMs,
        port: store.port,
        dataFolder: folders.data,
        usersFile: `${folders.access}/users.acl`,
        replicationFile: `${folders.access}/replication.conf`,
        ...tls.settings,
      }),
      rules: valkeyRules(args.callers),
    };
    const configMap = new k8s.core.v1.ConfigMap(`${name}-settings`, { metadata, data: settings }, child);
    const service = (suffix: string, serviceName: string, spec: k8s.types.input.core.v1.ServiceSpec) =>
      new k8s.core.v1.Service(
        `${name}-${suffix}`,
        {
          metadata: {
            name: serviceName,
            namespace,
            labels: common,
            annotations: { "pulumi.com/skipAwait": "true" },
          },
          spec: { selector: { ...selector }, ...spec },
        },
        child,
      );
    const clientPort = { name: "redis", port: store.port, targetPort: "redis", appProtocol: "redis" };
    service("service", store.service, { ports: [clientPort] });
    service("peers", valkeyPeersService, {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      ports: [clientPort, { name: "cluster", port: valkeyBusPort, targetPort: "cluster", appProtocol: "tcp" }],
    });
    new StatefulWorkload(
      `${name}-servers`,
      {
        plan,
        namespace,
        selector,
        labels: common,
        serviceName: valkeyPeersService,
        firstOrdinal: 0,
        spreadHosts: args.spreadHosts,
        claim: { name: mounts.data.name, size: valkey.diskSize, storageClass: args.storageClass },
        // A sick replica must not be joined by the loss of its primary.
        unhealthyPods: "IfHealthyBudget",
        protectData: args.protectData,
        needs: [account, configMap, ...args.needs],
        pod: {
          annotations: {
            [checksumAnnotation]: contentChecksum(settings, args.generation),
            ...madeElsewhere({ Secret: tls.secrets }),
          },
          account: valkeyName,
          priorityClass: priorityClasses.data.name,
          pool: { name: plan.pool, dedicated: args.region.pools[plan.pool].dedicated },
          initContainers: [
            {
              name: "access",
              image: valkeyImage,
              size: agentSize,
              command: ["/bin/sh", access, "write"],
              environment: environment(args),
              mounts: [mounts.settings, mounts.users, mounts.access, ...tlsOf(args).mounts],
            },
          ],
          containers: [server(args), agentContainer(args), exporter(args)],
          volumes: [
            { name: "settings", configMap: { name: valkeyName } },
            {
              name: "users",
              projected: {
                sources: valkeyAccounts(args.callers).map(({ user }) => ({
                  secret: {
                    name: valkeySecret(user),
                    items: [credentialKeys.password, credentialKeys.previous].map((key) => ({
                      key,
                      path: `${user}/${key}`,
                    })),
                  },
                })),
              },
            },
            // Holds hashes and one password: in memory only.
            { name: "access", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
            ...tls.volumes,
          ],
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
