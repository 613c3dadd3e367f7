/**
 * What players and advertisers are promised, as shares of good events, and alerts on how fast the allowed rest is used
 * up. Windows and factors: Google, "The Site Reliability Workbook", chapter 5, multiwindow multi-burn-rate alerts.
 */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import type { Alert, Recording, RuleGroup, Severity } from "./alert.ts";
import { leastForPercentile, leastForShare } from "./traffic.ts";
import { worldSets } from "./worlds.ts";

/** A promise over `objectiveDays`. Both queries answer one series for each namespace. */
export interface Objective {
  /** Value of the label `objective`. */
  name: string;
  /** What counts as good, in one sentence. */
  about: string;
  /** Share of good events that is promised, below 1. */
  target: number;
  /** PromQL: good events per second over five minutes, or good things now. */
  good: string;
  /** PromQL: all of them. */
  total: string;
  /** `total` up to which nothing is judged: one failure among few would use up the budget of an hour. */
  least: number;
}

/** Days over which a promise is kept. */
export const objectiveDays = 30;

/** Windows over which the share of bad events is recorded. */
export const objectiveWindows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;

/** One of `objectiveWindows`. */
export type ObjectiveWindow = (typeof objectiveWindows)[number];

/** Series of objectives, each with the label `objective`, all but the budget with `namespace` too. */
export const objectiveMetrics = {
  good: "objective:good:5m",
  total: "objective:total:5m",
  /** Share of bad events that is allowed. */
  budget: "objective:budget:ratio",
} as const;

/** Name of the series with the share of bad events in a window. */
export function errorRatio(window: ObjectiveWindow): string {
  return `objective:errors:ratio${window}`;
}

/** How fast is too fast. */
interface Burn {
  alert: string;
  /** Times the speed at which the budget would last exactly `objectiveDays`. */
  factor: number;
  /** Window that says that it matters. */
  long: ObjectiveWindow;
  /** Window that says that it still goes on, so that the alert ends soon after its cause. */
  short: ObjectiveWindow;
  severity: Severity;
  /** Part of the budget that is gone by then, in percent. */
  usedPercent: number;
}

/** The workbook's pairs of windows. */
export const burns: readonly Burn[] = [
  { alert: "ErrorBudgetBurnsFast", factor: 14.4, long: "1h", short: "5m", severity: "critical", usedPercent: 2 },
  { alert: "ErrorBudgetBurns", factor: 6, long: "6h", short: "30m", severity: "critical", usedPercent: 5 },
  { alert: "ErrorBudgetBurnsSlowly", factor: 3, long: "1d", short: "2h", severity: "warning", usedPercent: 10 },
  { alert: "ErrorBudgetLeaks", factor: 1, long: "3d", short: "6h", severity: "warning", usedPercent: 10 },
];

/** The promises of a region. */
export function objectives(watched: Watched): Objective[] {
  const { game } = watched;
  return [
    logins(game),
    ...(game.worlds.length === 0 ? [] : [worlds(game)]),
    drains(game),
    ...watched.ads.map((one) => bids(one)),
  ];
}

/** Recordings of every objective, and the alerts on all of them. */
export function objectiveRules(watched: Watched): RuleGroup[] {
  const all = objectives(watched);
  return [
    { name: "objectives", rules: [...all.flatMap(recordings), ...objectiveWindows.map(ratio)] },
    { name: "error-budgets", rules: burns.map(burnAlert) },
  ];
}

function logins({ namespace, authService }: Watched["game"]): Objective {
  const rate = (results: string) =>
    `sum by (namespace) (rate(${contractMetrics.logins.name}{namespace="${namespace}",service="${authService}",result=~"${results}"}[5m]))`;
  return {
    name: "logins",
    about: "Logins that succeed, of those that do not fail through a wrong password",
    target: 0.999,
    good: rate("success"),
    total: rate("success|error"),
    least: leastForShare,
  };
}

function worlds(game: Watched["game"]): Objective {
  const { namespace, worldService } = game;
  const pods = `pod=~"(${game.worlds.map((one) => one.statefulSet).join("|")})-[0-9]+"`;
  const ready = `max by (namespace, pod) (kube_pod_status_ready{namespace="${namespace}",${pods},condition="true"}) == 1`;
  const draining = `max by (namespace, pod) (${contractMetrics.drainState.name}{namespace="${namespace}",service="${worldService}"}) == 1`;
  return {
    name: "worlds",
    about: "Worlds that are ready, or drain with their players still on them, of those that should be there",
    target: 0.999,
    // A world that drains takes no new players, so it is not ready; those who are there play on.
    good: `count by (namespace) (${ready} or ${draining})`,
    total: `sum by (namespace) (max by (namespace, statefulset) (kube_statefulset_replicas${worldSets(game)}))`,
    least: 0,
  };
}

function drains({ namespace }: Watched["game"]): Objective {
  const rate = (outcomes: string) =>
    `sum by (namespace) (rate(${contractMetrics.drainedPlayers.name}{namespace="${namespace}",outcome=~"${outcomes}"}[5m]))`;
  return {
    name: "drains",
    about: "Players who were moved before the deadline of a drain, of those who were there when it began",
    target: 0.995,
    good: rate("moved"),
    total: rate("moved|cut"),
    least: 0.1,
  };
}

function bids({ environment, namespace, biddingService, budgetSeconds }: Watched["ads"][number]): Objective {
  const { name } = contractMetrics.bidDuration;
  const own = `namespace="${namespace}",service="${biddingService}"`;
  const bound = judgedSeconds(budgetSeconds);
  return {
    name: `bids-${environment}`,
    about: `Bids that are answered within ${bound * 1000} ms`,
    target: 0.99,
    good: `sum by (namespace) (rate(${name}_bucket{${own},le="${bound}"}[5m]))`,
    total: `sum by (namespace) (rate(${name}_count{${own}}[5m]))`,
    least: leastForPercentile,
  };
}

/** The largest bound of a bucket within the budget: a histogram cannot tell what lies between two bounds. */
export function judgedSeconds(budgetSeconds: number): number {
  return Math.max(...contractMetrics.bidDuration.buckets.filter((bound) => bound <= budgetSeconds));
}

function recordings({ name, target, good, total, least }: Objective): Recording[] {
  const labels = { objective: name };
  const judged = `${objectiveMetrics.total}{objective="${name}"}`;
  return [
    { record: objectiveMetrics.total, expression: `${total} > ${least}`, labels },
    {
      record: objectiveMetrics.good,
      // No good event at all is none, not nothing: when every login fails, no counter of successes need exist.
      expression: `${good} and on (namespace) ${judged} or on (namespace) 0 * ${judged}`,
      labels,
    },
    { record: objectiveMetrics.budget, expression: `vector(${Number((1 - target).toFixed(6))})`, labels },
  ];
}

/** Sums over the recorded five minutes: the raw counters of three days would be read anew at each evaluation. */
function ratio(window: ObjectiveWindow): Recording {
  const { good, total } = objectiveMetrics;
  return {
    record: errorRatio(window),
    expression:
      window === "5m"
        ? `1 - ${good} / ${total}`
        : `1 - sum_over_time(${good}[${window}]) / sum_over_time(${total}[${window}])`,
  };
}

function burnAlert({ alert, factor, long, short, severity, usedPercent }: Burn): Alert {
  const over = (window: ObjectiveWindow) =>
    `${errorRatio(window)} > on (objective) group_left () (${factor} * ${objectiveMetrics.budget})`;
  const speed = factor === 1 ? "as fast as it may over" : `${factor} times as fast as it may over`;
  return {
    alert,
    expression: `${over(long)} and ${over(short)}`,
    forSeconds: 0,
    severity,
    summary: `The error budget of {{ $labels.objective }} in {{ $labels.namespace }} burns: {{ $value | humanizePercentage }} were bad in ${long}`,
    description: `{{ $labels.objective }} uses up its budget ${speed} ${objectiveDays} days: ${usedPercent} % of it in ${long}.`,
    runbook: "error-budget",
  };
}
