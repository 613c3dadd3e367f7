/** Workloads of all kinds, and how many pods of them the pack expects. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { demandOf } from "./quota-stacks.ts";

const box = { name: "box", image: "example.com/box:1" };

/** What is special about a workload. */
export interface Parts {
  spec?: Manifest;
  pod?: Manifest;
  beside?: readonly Manifest[];
  nodes?: number;
  annotations?: Manifest;
}

function workload(kind: string, spec: Manifest, pod: Manifest = {}): Manifest {
  const template = { spec: { containers: [box], ...pod } };
  const metadata = { name: "app", namespace: "sample" };
  if (kind === "CronJob") {
    const { job, ...own } = spec as { job?: Manifest };
    return { apiVersion: "batch/v1", kind, metadata, spec: { ...own, jobTemplate: { spec: { ...job, template } } } };
  }
  if (kind === "ScaledJob") {
    const { job, ...own } = spec as { job?: Manifest };
    return { apiVersion: "keda.sh/v1alpha1", kind, metadata, spec: { ...own, jobTargetRef: { ...job, template } } };
  }
  if (kind === "Pod") return { apiVersion: "v1", kind, metadata, spec: template.spec };
  if (kind === "PodTemplate") return { apiVersion: "v1", kind, metadata, template };
  if (kind === "Fleet") {
    return { apiVersion: "agones.dev/v1", kind, metadata, spec: { ...spec, template: { spec: { template } } } };
  }
  const groups: Record<string, string> = {
    GameServer: "agones.dev/v1",
    GameServerBuild: "mps.playfab.com/v1alpha1",
    Rollout: "argoproj.io/v1alpha1",
    Thing: "example.com/v1",
  };
  return { apiVersion: groups[kind] ?? "apps/v1", kind, metadata, spec: { ...spec, template } };
}

/** An autoscaler of the workload. */
export function scaler(kind: string, spec: Manifest, target: Manifest = { kind: "Deployment", name: "app" }): Manifest {
  const own = kind === "FleetAutoscaler" ? { fleetName: "app" } : { scaleTargetRef: target };
  return {
    apiVersion: "autoscaling/v2",
    kind,
    metadata: { name: "scaler", namespace: "sample" },
    spec: { ...own, ...spec },
  };
}

/** "running of total", each with ? where it is at least that many. */
export function reach(kind: string, { spec = {}, pod = {}, beside = [], nodes = 0, annotations = {} }: Parts): string {
  const own = workload(kind, spec, pod);
  const metadata = { ...(own["metadata"] as Manifest), annotations };
  const [found] = demandOf([{ ...own, metadata }, ...beside], { nodes }).workloads;
  if (found === undefined) return "no pods";
  const text = ({ least, open }: { least: number; open?: string }) => `${least}${open === undefined ? "" : "?"}`;
  return `${text(found.reach.running)} of ${text(found.reach.total)}`;
}

/** Surge and unavailability of a Deployment. */
export const rolling = (surge: unknown, unavailable: unknown = 0): Manifest => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
});

/** New pods are watched for 10 seconds. */
export const watched = { minReadySeconds: 10 };

/** Pods terminate for so long. */
export const grace = (seconds: unknown): Manifest => ({ terminationGracePeriodSeconds: seconds });

/** Name, kind, what is special, and what is expected. */
export type ReachCase = readonly [name: string, kind: string, parts: Parts, want: string];
