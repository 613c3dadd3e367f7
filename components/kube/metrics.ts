/**
 * Names of metrics that several parts must agree on: what the users' images export (docs/metrics-contract.md), and what
 * recording rules make of it. Autoscalers, alerts, dashboards and the contract's page all read them here.
 */

/** A metric as its exporter writes it. */
export interface Metric {
  /** Full name; for a histogram without `_bucket`, `_sum` and `_count`. */
  name: string;
  type: "gauge" | "counter" | "histogram";
  /** Labels that the exporter itself sets, with their values where these are few. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** One sentence, with the unit. */
  about: string;
}

/** A metric of the users' images. */
export interface ContractMetric extends Metric {
  /** What exports it; `service` is every service of the game, `ads` every service of the ad platform. */
  from: readonly ("world" | "game-server" | "service" | "auth" | "matchmaking" | "ads" | "bidding")[];
  /** Upper bounds of a histogram's buckets that must be there, in the metric's unit. */
  buckets?: readonly number[];
  /** What is lost without it. */
  neededFor: string;
}

const servers = ["world", "game-server"] as const;

/** Everything that dashboards, alerts and autoscalers read from the users' images. */
export const contractMetrics = {
  activePlayers: {
    name: "game_server_active_players",
    type: "gauge",
    labels: {},
    from: servers,
    about: "Players connected now",
    neededFor: "autoscaling of game servers, alerts on load",
  },
  responseTime: {
    name: "game_server_response_time_seconds",
    type: "histogram",
    labels: {},
    from: servers,
    buckets: [0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1],
    about: "Seconds from a player's message to the answer",
    neededFor: "alert on the 99th percentile, `gameServers.responseTimeMs`",
  },
  tick: {
    name: "game_server_tick_seconds",
    type: "histogram",
    labels: {},
    from: servers,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25],
    about: "Seconds that one step of the simulation takes",
    neededFor: "alert on worlds that fall behind",
  },
  databaseErrors: {
    name: "game_server_database_connection_errors_total",
    type: "counter",
    labels: {},
    from: [...servers, "service"],
    about: "Connections to MySQL that failed or broke",
    neededFor: "alert on the database as its users see it",
  },
  drainState: {
    name: "game_server_drain_state",
    type: "gauge",
    labels: {},
    from: servers,
    about: "0 serving, 1 draining, 2 drained",
    neededFor: "drain of worlds and game servers on dashboards",
  },
  drainedPlayers: {
    name: "game_server_drained_players_total",
    type: "counter",
    labels: { outcome: ["moved", "cut"] },
    from: servers,
    about: "Players who were there when a drain began: moved in time, or cut off at its deadline",
    neededFor: "objective that drains are honoured",
  },
  saveAge: {
    name: "game_world_save_age_seconds",
    type: "gauge",
    labels: {},
    from: ["world"],
    about: "Seconds since the state of the world was last written to its volume",
    neededFor: "alert on worlds that do not save",
  },
  queueDepth: {
    name: "game_server_matchmaking_queue_depth",
    type: "gauge",
    labels: {},
    from: ["matchmaking"],
    about: "Players who wait for a match",
    neededFor: "dashboard of matchmaking, alert on players who wait in vain",
  },
  logins: {
    name: "auth_logins_total",
    type: "counter",
    labels: { result: ["success", "denied", "error"] },
    from: ["auth"],
    about: "Logins: done, refused to the person (a wrong password), failed through our fault",
    neededFor: "objective of logins",
  },
  requests: {
    name: "http_requests_total",
    type: "counter",
    labels: { status: [] },
    from: ["service", "ads"],
    about: "Answered requests by HTTP status",
    neededFor: "alert on errors; campaign and analytics are scaled on its rate",
  },
  requestDuration: {
    name: "http_request_duration_seconds",
    type: "histogram",
    labels: {},
    from: ["service", "ads"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    about: "Seconds from a request to its answer",
    neededFor: "dashboards of services",
  },
  bidRequests: {
    name: "bid_requests_total",
    type: "counter",
    labels: { status: [] },
    from: ["bidding"],
    about: "Answered bid requests by HTTP status",
    neededFor: "bidding is scaled on its rate; alert on errors",
  },
  bidDuration: {
    name: "bid_request_duration_seconds",
    type: "histogram",
    labels: {},
    from: ["bidding"],
    // Close around the 100 ms that the alert asks for: a percentile is no more exact than the bucket that it is in.
    buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25],
    about: "Seconds from a bid request to its answer",
    neededFor: "alert and objective on the latency of bids",
  },
} as const satisfies Record<string, ContractMetric>;

/**
 * Series that recording rules make and autoscalers ask for: KEDA sees exactly what alerts and dashboards show. Each has
 * the labels `namespace` and `service`, the latter with the name of the row.
 */
export const recordedMetrics = {
  /** Players connected to all pods of a row. */
  players: "service:game_server_active_players:sum",
  /** Mean response time over two minutes in milliseconds. */
  responseTimeMs: "service:game_server_response_time_milliseconds:mean2m",
  /** Requests per second over two minutes, of HTTP or of bids. */
  requests: "service:requests:rate2m",
} as const;

/** PromQL for one recorded series of a row. */
export function recordedQuery(record: keyof typeof recordedMetrics, namespace: string, service: string): string {
  return `${recordedMetrics[record]}{namespace="${namespace}",service="${service}"}`;
}
