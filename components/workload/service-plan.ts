/** Stateless services as plans: grace, rollout and size, the same for the game and the ad platform. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";

/** Seconds that pods stay on a node that does not answer: long enough for a switch to restart (judgement). */
export const tolerationSeconds = { worlds: 60, stateless: 30 } as const;

/** Grace of services in seconds: 15 s until no endpoint sends to them, then the open requests (judgement). */
export const serviceGrace = { graceSeconds: 45, preStopSeconds: 15, bootSeconds: 20, minReadySeconds: 10 } as const;

/** Plan of a service with one container and one Service. */
export function planService(
  name: string,
  service: { minReplicas: number; maxReplicas: number; resources: ContainerSize },
  surgePods: number,
): WorkloadPlan {
  return {
    name,
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
