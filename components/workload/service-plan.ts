/** Services and jobs as plans: grace, rollout and size, the same for the game, the ad platform and their stores. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import { maximumCronJobNameLength, name } from "../kube/names.ts";

/**
 * Seconds that pods stay on a node that does not answer: long enough for a switch to restart (judgement). With a volume
 * longer, since it has to follow.
 */
export const tolerationSeconds = { withVolume: 60, stateless: 30 } as const;

/** Grace of services in seconds: 15 s until no endpoint sends to them, then the open requests (judgement). */
export const serviceGrace = { graceSeconds: 45, preStopSeconds: 15, bootSeconds: 20, minReadySeconds: 10 } as const;

/** What a service promises; beyond it there is an alert. */
export interface ServicePromise {
  /** Failed requests in percent, over five minutes. */
  errorPercent: number;
  /** Restarts of a container in 15 minutes that are no accident any more. */
  restarts: number;
}

/** The alert rules of the original ad design: 5 % of requests, and any container that restarts over and over. */
export const servicePromise: ServicePromise = { errorPercent: 5, restarts: 3 };

/** Plan of a service with one container and one Service. */
export function planService(
  serviceName: string,
  service: { minReplicas: number; maxReplicas: number; resources: ContainerSize },
  surgePods: number,
): WorkloadPlan {
  return {
    name: serviceName,
    kind: "Deployment",
    pool: "services",
    minReplicas: service.minReplicas,
    maxReplicas: service.maxReplicas,
    surgePods,
    graceSeconds: serviceGrace.graceSeconds,
    minReadySeconds: serviceGrace.minReadySeconds,
    bootSeconds: serviceGrace.bootSeconds,
    tolerationSeconds: tolerationSeconds.stateless,
    pod: podSize([service.resources]),
    objects: { services: 1, configMaps: 0, secrets: 0 },
  };
}

/** Plan of a job of which one pod runs at a time; `parts` make its name. */
export function planJob(
  parts: readonly string[],
  job: Pick<WorkloadPlan, "pool" | "pod" | "objects"> & Partial<Pick<WorkloadPlan, "claimBytes">>,
): WorkloadPlan {
  return {
    name: name(parts, maximumCronJobNameLength),
    kind: "CronJob",
    minReplicas: 0,
    maxReplicas: 1,
    surgePods: 0,
    graceSeconds: 30,
    minReadySeconds: 0,
    bootSeconds: 5,
    tolerationSeconds: tolerationSeconds.stateless,
    ...job,
  };
}
