/** Alerts on what players of the game feel: load, slowness, databases, matchmaking, players who are cut off. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Alert, promDuration, type RuleGroup } from "./alert.ts";
import { leastForPercentile } from "./traffic.ts";
import { worldAlerts } from "./worlds.ts";

/** Seconds that a pod may outlive its grace: the kill, and two scrapes of kube-state-metrics (judgement). */
const lateSeconds = 60;

/** Seconds in which a queue that is alive becomes shorter at least once (judgement). */
const queueSeconds = 300;

/** Alerts of the game: those below, and those of its worlds. */
export function gameAlerts(watched: Watched): RuleGroup[] {
  return [
    { name: "game-load", rules: [highPlayerLoad(watched), highResponseTime(watched), playersMetricMissing(watched)] },
    { name: "game-faults", rules: [databaseConnectionFailure(watched), matchmakingStuck(watched)] },
    { name: "game-drains", rules: [drainTooLong(watched), playersCut(watched)] },
    ...worldAlerts(watched),
  ];
}

function highPlayerLoad({ game, thresholds }: Watched): Alert {
  const most = (game.maxPlayers * thresholds.playersPercent) / 100;
  return {
    alert: "HighPlayerLoad",
    expression: `${contractMetrics.activePlayers.name}{namespace="${game.namespace}"} > ${most}`,
    forSeconds: 120,
    severity: "warning",
    summary: `{{ $labels.pod }} has {{ $value }} players of at most ${game.maxPlayers}`,
    description: `More than ${most} players are on {{ $labels.service }} {{ $labels.pod }}; at ${game.maxPlayers} it turns players away.`,
    runbook: "players-overload",
  };
}

function highResponseTime({ game, thresholds }: Watched): Alert {
  const { name } = contractMetrics.responseTime;
  const here = `{namespace="${game.namespace}"}[5m]`;
  const by = "namespace, service, pod";
  const seconds = thresholds.responseTimeMs / 1000;
  return {
    alert: "HighResponseTime",
    expression: [
      `histogram_quantile(0.99, sum by (${by}, le) (rate(${name}_bucket${here}))) > ${seconds}`,
      // One slow answer on an idle pod is its own 99th percentile.
      `and sum by (${by}) (rate(${name}_count${here})) > ${leastForPercentile}`,
    ].join("\n"),
    forSeconds: 60,
    severity: "critical",
    summary: `{{ $labels.pod }} answers slowly: the 99th percentile is {{ $value | humanizeDuration }}`,
    description: `Players on {{ $labels.service }} {{ $labels.pod }} feel it: one answer in a hundred takes longer than ${thresholds.responseTimeMs} ms.`,
    runbook: "slow-responses",
  };
}

function playersMetricMissing({ game }: Watched): Alert {
  const { name } = contractMetrics.activePlayers;
  const here = `namespace="${game.namespace}"`;
  return {
    alert: "PlayersMetricMissing",
    // Asks kube-state-metrics what should be there: pods that are not scraped have no `up` that could be compared.
    expression: [
      `count by (namespace) (`,
      `  max by (namespace, pod) (kube_pod_status_ready{${here},pod=~"${serverPods(game)}",condition="true"}) == 1`,
      `  unless on (namespace, pod) ${name}{${here}}`,
      `)`,
    ].join("\n"),
    forSeconds: 300,
    severity: "warning",
    summary: `Servers in {{ $labels.namespace }} that are ready and do not say how many players they have: {{ $value }}`,
    description: `Their players do not count: ${game.servers.deployment} is scaled too low, and HighPlayerLoad is blind for them.`,
    runbook: "autoscaler",
  };
}

function databaseConnectionFailure({ game, thresholds }: Watched): Alert {
  const { name } = contractMetrics.databaseErrors;
  const increase = `increase(${name}{namespace="${game.namespace}"}[5m])`;
  return {
    alert: "DatabaseConnectionFailure",
    // Errors are whole; increase() extrapolates to the full five minutes and would make 10.5 of 10.
    expression: `floor(sum by (namespace, service, pod) (${increase})) > ${thresholds.databaseErrors}`,
    forSeconds: 30,
    severity: "critical",
    summary: `{{ $labels.pod }} lost or missed {{ $value }} connections to MySQL in 5 minutes`,
    description: `{{ $labels.service }} {{ $labels.pod }} cannot rely on MySQL: more than ${thresholds.databaseErrors} broken connections. Logins, saves and purchases fail.`,
    runbook: "database-errors",
  };
}

function matchmakingStuck({ game }: Watched): Alert {
  const queue = `${contractMetrics.queueDepth.name}{namespace="${game.namespace}",service="${game.matchmakingService}"}`;
  const window = promDuration(queueSeconds);
  const by = "namespace, service, pod";
  return {
    alert: "MatchmakingStuck",
    // Of a gauge, resets() counts how often it fell.
    expression: [
      `min by (${by}) (min_over_time(${queue}[${window}])) > 0`,
      `and max by (${by}) (resets(${queue}[${window}])) == 0`,
    ].join("\n"),
    forSeconds: queueSeconds,
    severity: "warning",
    summary: `Players wait in vain for a match at {{ $labels.pod }}`,
    description: `At least {{ $value }} players wait at {{ $labels.service }} {{ $labels.pod }}, and for ${(2 * queueSeconds) / 60} minutes the queue has not become shorter once.`,
    runbook: "matchmaking-stuck",
  };
}

function drainTooLong({ game }: Watched): Alert {
  const pods = `{namespace="${game.namespace}",pod=~"${serverPods(game)}"}`;
  return {
    alert: "DrainTooLong",
    // The time of deletion that Kubernetes writes is when the grace ends, not when it began (apiserver, BeforeDelete).
    expression: `max by (namespace, pod) (time() - kube_pod_deletion_timestamp${pods}) > ${lateSeconds}`,
    forSeconds: 0,
    severity: "warning",
    summary: `{{ $labels.pod }} should have been gone {{ $value | humanizeDuration }} ago`,
    description: `A world may drain for ${game.worldGraceSeconds} s, a game server for ${game.serverGraceSeconds} s, then the kubelet kills it; {{ $labels.pod }} in {{ $labels.namespace }} is still there. A world does not start elsewhere until it is gone.`,
    runbook: "drain-too-long",
  };
}

function playersCut({ game }: Watched): Alert {
  const cut = `${contractMetrics.drainedPlayers.name}{namespace="${game.namespace}",outcome="cut"}`;
  return {
    alert: "PlayersCut",
    // A server drains once, at its end, so its highest value is the count. increase() would see nothing of a series
    // that first appears with it.
    expression: `sum by (namespace, service, pod) (max_over_time(${cut}[15m])) > 0`,
    forSeconds: 0,
    severity: "warning",
    summary: `Players that the end of the drain of {{ $labels.pod }} cut off: {{ $value }}`,
    description: `Sessions on {{ $labels.service }} {{ $labels.pod }} were still there at its deadline. See how many were moved, and whether a session is longer than the drain.`,
    runbook: "drain-too-long",
  };
}

/** Pattern of the names of all pods that players are on. */
function serverPods(game: Watched["game"]): string {
  const owners = [game.servers.deployment, ...game.worlds.map((one) => one.statefulSet)];
  return `(${owners.join("|")})-.+`;
}
