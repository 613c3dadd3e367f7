/**
 * Probes of every workload. Health is served on the metrics port, away from the game port: a saturated game loop must
 * not make kubelet kill a pod full of players.
 */
import type * as k8s from "@pulumi/kubernetes";

/** Paths that an image must answer with 200 on its metrics port (docs/contract.md). */
export const healthPaths = { startup: "/health/startup", live: "/health/live", ready: "/health/ready" } as const;

/** Seconds and counts of the three probes. */
export interface ProbeTimes {
  /** Seconds between two startup probes, and how many may fail: their product is the longest start allowed. */
  startup: { periodSeconds: number; failureThreshold: number; timeoutSeconds: number };
  live: { periodSeconds: number; failureThreshold: number; timeoutSeconds: number };
  ready: { periodSeconds: number; failureThreshold: number; timeoutSeconds: number };
}

/** The game seed's numbers (world manifest, liveness, readiness and startup probe). */
export const gameProbeTimes: ProbeTimes = {
  // 10 s of delay and 10 tries in the original; 11 tries are the same 110 s and find a quick server sooner.
  startup: { periodSeconds: 10, failureThreshold: 11, timeoutSeconds: 5 },
  live: { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
  ready: { periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
};

/**
 * Grace in seconds of a container that failed its liveness probe. It is hung, so the long drain grace would only keep
 * players in a dead server. Judgement: long enough for a last flush.
 */
export const hungGraceSeconds = 30;

/** The three probes of a container, all by HTTP on `port`. */
export function probes(
  port: string,
  times: ProbeTimes = gameProbeTimes,
): Pick<k8s.types.input.core.v1.Container, "startupProbe" | "livenessProbe" | "readinessProbe"> {
  return {
    startupProbe: { httpGet: { path: healthPaths.startup, port }, ...times.startup },
    livenessProbe: {
      httpGet: { path: healthPaths.live, port },
      ...times.live,
      terminationGracePeriodSeconds: hungGraceSeconds,
    },
    readinessProbe: { httpGet: { path: healthPaths.ready, port }, ...times.ready },
  };
}
