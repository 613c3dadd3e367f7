/** Workload plans for the tests of the arithmetic. */
import { podSize, type WorkloadPlan } from "../../components/capacity/workload-plan.ts";

/** Size of a world or a game server of the original design. */
export const serverSize = { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } };

/** A Deployment of 10 game servers, changed. */
export function deployment(changes: Partial<WorkloadPlan> = {}): WorkloadPlan {
  return {
    name: "game-server-test",
    kind: "Deployment",
    pool: "sessions",
    minReplicas: 1,
    maxReplicas: 10,
    surgePods: 1,
    graceSeconds: 600,
    minReadySeconds: 30,
    bootSeconds: 60,
    tolerationSeconds: 30,
    pod: podSize([serverSize]),
    objects: { services: 1, configMaps: 0, secrets: 0 },
    ...changes,
  };
}

/** A StatefulSet of 5 worlds, changed. */
export function worlds(changes: Partial<WorkloadPlan> = {}): WorkloadPlan {
  return {
    ...deployment(),
    name: "worlds-test",
    kind: "StatefulSet",
    pool: "worlds",
    minReplicas: 5,
    maxReplicas: 5,
    surgePods: 0,
    graceSeconds: 900,
    minReadySeconds: 60,
    tolerationSeconds: 60,
    claimBytes: 10 * 2 ** 30,
    ...changes,
  };
}
