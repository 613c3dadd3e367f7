/** The one way to build a pod: hardened, probed, spread, with a grace period, and with plain names only. */
import type * as k8s from "@pulumi/kubernetes";
import * as kx from "@pulumi/kubernetesx";
import type { ContainerSize } from "../capacity/workload-plan.ts";
import type { PoolName } from "../config/regions.ts";
import type { SelectorLabels } from "../kube/labels.ts";
import {
  type Allowance,
  allows,
  containerSecurityContext,
  exceptionAnnotations,
  podSecurityContext,
  type SecurityException,
} from "../kube/security.ts";
import { poolLabel, poolTolerations } from "./placement.ts";

/** A plain value, or a reference by fixed, plain names. An output of another resource has no place here. */
export type EnvironmentValue = string | k8s.types.input.core.v1.EnvVarSource;

/** One container. */
export interface ContainerArgs {
  name: string;
  image: string;
  size: ContainerSize;
  command?: string[];
  args?: string[];
  environment?: Record<string, EnvironmentValue>;
  /** ConfigMaps whose keys become environment variables, by name. */
  environmentFrom?: string[];
  /** Ports by name. */
  ports?: Record<string, number>;
  mounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  probes?: Pick<k8s.types.input.core.v1.Container, "startupProbe" | "livenessProbe" | "readinessProbe">;
  /** Call that kubelet makes before it stops the container. */
  preStop?: k8s.types.input.core.v1.LifecycleHandler;
}

/** One pod template. */
export interface PodArgs {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  account: string;
  /** Whether the account's token is mounted; needs the exception `service-account-token`. @default false */
  mountToken?: boolean;
  containers: ContainerArgs[];
  initContainers?: ContainerArgs[];
  /** Volumes beside `/tmp`, which every container has. */
  volumes?: k8s.types.input.core.v1.Volume[];
  graceSeconds: number;
  /** Seconds that the pod stays on a node that does not answer. */
  tolerationSeconds: number;
  priorityClass: string;
  /** Nodes of one pool, or every node of the cluster whatever its taints: for DaemonSets. */
  pool: { name: PoolName; dedicated: boolean } | "every-node";
  /** How the pods of one selector spread; absent for pods of jobs. */
  spread?: SpreadArgs;
  exceptions?: SecurityException[];
  pullSecret?: string;
  restartPolicy?: "Never" | "OnFailure";
}

/** How pods spread over zones and hosts. */
export interface SpreadArgs {
  selector: SelectorLabels;
  /** `required` leaves a pod pending rather than put two on one host while a host is free. */
  hosts: "required" | "preferred";
  /** True for Deployments: pods of the old revision do not count. */
  perRevision: boolean;
}

/** Size of the emptyDir at /tmp, the only writable path of most containers. */
export const temporarySize = "64Mi";

function container(args: ContainerArgs, exceptions: readonly SecurityException[]): kx.types.Container {
  return {
    name: args.name,
    image: args.image,
    ...(args.command ? { command: args.command } : {}),
    ...(args.args ? { args: args.args } : {}),
    env: args.environment ?? {},
    ...(args.environmentFrom ? { envFrom: args.environmentFrom.map((name) => ({ configMapRef: { name } })) } : {}),
    ports: args.ports ?? {},
    resources: { requests: { ...args.size.requests }, limits: { ...args.size.limits } },
    securityContext: containerSecurityContext(exceptions),
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...(args.mounts ?? [])],
    ...(args.preStop ? { lifecycle: { preStop: args.preStop } } : {}),
    ...args.probes,
  };
}

function spread({ selector, hosts, perRevision }: SpreadArgs): k8s.types.input.core.v1.TopologySpreadConstraint[] {
  const common = {
    maxSkew: 1,
    labelSelector: { matchLabels: { ...selector } },
    // A dead zone must not count as one with no pods, or nothing could be placed elsewhere. For the same reason there
    // is no minDomains (kubernetes/kubernetes#116978, KEP-5980).
    nodeTaintsPolicy: "Honor",
    nodeAffinityPolicy: "Honor",
    ...(perRevision ? { matchLabelKeys: ["pod-template-hash"] } : {}),
  };
  return [
    { ...common, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
    {
      ...common,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: hosts === "required" ? "DoNotSchedule" : "ScheduleAnyway",
    },
  ];
}

function affinity(pool: Exclude<PodArgs["pool"], "every-node">): k8s.types.input.core.v1.Affinity {
  return {
    nodeAffinity: {
      ...(pool.dedicated
        ? {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: poolLabel, operator: "In", values: [pool.name] }] }],
            },
          }
        : {}),
      // For those that players are on; whatever else ran there would only be in their way.
      ...(pool.name === "worlds" || pool.name === "sessions"
        ? {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                preference: { matchExpressions: [{ key: "node-type", operator: "In", values: ["game-optimized"] }] },
              },
            ],
          }
        : {}),
    },
  };
}

function tolerations({ pool, tolerationSeconds }: PodArgs): k8s.types.input.core.v1.Toleration[] {
  return pool === "every-node" ? [{ operator: "Exists" }] : poolTolerations(pool, tolerationSeconds);
}

/** A pod template from plain values, through the PodBuilder of kubernetesx. */
export function podTemplate(args: PodArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const exceptions = args.exceptions ?? [];
  const mountToken = args.mountToken ?? false;
  const need = (allowance: Allowance, what: string) => {
    if (allows(exceptions, allowance)) return;
    throw new Error(`pod of ${args.account}: ${what} needs the exception "${allowance}" with a reason`);
  };
  if (mountToken) need("service-account-token", "mountToken");
  if (args.volumes?.some((volume) => "hostPath" in volume)) need("host-path", "a volume of the node");
  const builder = new kx.PodBuilder({
    serviceAccountName: args.account,
    automountServiceAccountToken: mountToken,
    // One variable for each Service of the namespace would change pods whenever a Service comes or goes.
    enableServiceLinks: false,
    priorityClassName: args.priorityClass,
    terminationGracePeriodSeconds: args.graceSeconds,
    securityContext: podSecurityContext(undefined, exceptions),
    // Names of Services are wanted even in the network of the node.
    ...(allows(exceptions, "host-namespaces")
      ? { hostNetwork: true, hostPID: true, dnsPolicy: "ClusterFirstWithHostNet" }
      : {}),
    ...(args.pullSecret ? { imagePullSecrets: [{ name: args.pullSecret }] } : {}),
    ...(args.restartPolicy ? { restartPolicy: args.restartPolicy } : {}),
    ...(args.pool === "every-node" ? {} : { affinity: affinity(args.pool) }),
    tolerations: tolerations(args),
    ...(args.spread ? { topologySpreadConstraints: spread(args.spread) } : {}),
    initContainers: (args.initContainers ?? []).map((one) => container(one, exceptions)),
    containers: args.containers.map((one) => container(one, exceptions)),
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: temporarySize } }, ...(args.volumes ?? [])],
  });
  return {
    metadata: {
      labels: args.labels,
      annotations: { ...args.annotations, ...exceptionAnnotations(exceptions) },
    },
    spec: builder.podSpec,
  };
}
