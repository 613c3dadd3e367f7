/** Public routes of the ad platform as rows, for the edge. Numbers are those of the original Ingress. */
import type { AdConfig } from "../config/ads.ts";
import { latencyBudget } from "./latency-budget.ts";
import { httpPort } from "./workloads.ts";

/** One route. */
export interface Route {
  host: string;
  /** Prefix of the path, which reaches the service unchanged. */
  path: string;
  service: string;
  port: number;
  /** Requests of one client in a minute; absent where one client is an exchange and its requests are the business. */
  requestsPerMinute?: number;
  /** Connections of one client at a time. */
  connectionsPerClient?: number;
  /** Time in milliseconds after which the edge gives up. */
  timeoutMs: number;
  /** Whether the edge tries another pod: never where a second try does not fit the budget. */
  retries: number;
}

/** Limits of a client of the programming interface (ad design, Ingress). */
const clientLimits = { requestsPerMinute: 6000, connectionsPerClient: 100 } as const;

/** Time in milliseconds for what a person waits for (judgement). */
const pageTimeoutMs = 10_000;

/**
 * The routes of an environment. The original's limit of 6000 requests a minute stood on bidding too: 100 a second against
 * the 2500 and more that its pods are there for.
 */
export function adRoutes({ hosts, services }: AdConfig): Route[] {
  const port = httpPort.servicePort;
  const { budgetMs } = latencyBudget({ ...services.bidding });
  return [
    { path: "/campaigns", service: "campaign-service" },
    { path: "/analytics", service: "analytics-service" },
  ]
    .map((one): Route => ({ host: hosts.api, ...one, port, ...clientLimits, timeoutMs: pageTimeoutMs, retries: 1 }))
    .concat({ host: hosts.bidding, path: "/", service: "bidding-service", port, timeoutMs: budgetMs, retries: 0 });
}
