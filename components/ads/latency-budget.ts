/** The bidding path: one number, the time that an exchange waits, divided among everything on the way. */

/** Shares of the budget (judgement; measure yours). What is left over is the reserve. */
const shares = { edge: 0.1, storeCall: 0.15, compute: 0.4 } as const;

/** Calls to the cache that one bid makes at most: how often a person has seen the ad, and what is left of its budget. */
export const storeCallsPerBid = 2;

/** What each part of the way may take, in milliseconds. */
export interface LatencyBudget {
  /** From the exchange's request to our answer. */
  budgetMs: number;
  /** Gateway and network, there and back. */
  edgeMs: number;
  /** Timeout of one call to the cache; it is not tried again, since a second try does not fit. */
  storeTimeoutMs: number;
  /** The bidding itself. */
  computeMs: number;
  /** Pauses of the garbage collector, a moment of waiting for a CPU. */
  reserveMs: number;
  /** Requests that one pod answers at the same time when it is as busy as the autoscaler lets it be. */
  inFlight: number;
  /** Requests at the same time beyond which a pod says that it is not ready: twice as many. */
  maxInFlight: number;
  /** Connections to the cache that one pod needs for that. */
  storePoolSize: number;
}

/** Divides the budget. `requestsPerSecond`: of one pod, as the autoscaler aims at it. */
export function latencyBudget({
  budgetMs,
  requestsPerSecond,
}: {
  budgetMs: number;
  requestsPerSecond: number;
}): LatencyBudget {
  const part = (share: number) => Math.floor(budgetMs * share);
  const [edgeMs, storeTimeoutMs, computeMs] = [part(shares.edge), part(shares.storeCall), part(shares.compute)];
  // Requests in a system are those that arrive in the time that each stays (Little's law).
  const inFlight = Math.ceil((requestsPerSecond * (budgetMs - edgeMs)) / 1000);
  return {
    budgetMs,
    edgeMs,
    storeTimeoutMs,
    computeMs,
    reserveMs: budgetMs - edgeMs - storeCallsPerBid * storeTimeoutMs - computeMs,
    inFlight,
    maxInFlight: 2 * inFlight,
    storePoolSize: Math.ceil((requestsPerSecond * storeCallsPerBid * storeTimeoutMs) / 1000),
  };
}

/** The budget as the bidding service reads it. */
export function biddingEnvironment(budget: LatencyBudget): Record<string, string> {
  return {
    BID_TIMEOUT_MS: String(budget.budgetMs),
    REDIS_TIMEOUT_MS: String(budget.storeTimeoutMs),
    REDIS_POOL_SIZE: String(budget.storePoolSize),
    MAX_IN_FLIGHT: String(budget.maxInFlight),
  };
}
