/** Alerts on worlds: each is one pod with one volume, and nothing stands in for it. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Alert, promDuration, type RuleGroup } from "./alert.ts";

/** Seconds that a step of the simulation may take: 20 a second (judgement; a bound of the histogram's buckets). */
const tickSeconds = 0.05;

/** Alerts of worlds; none where a region has no worlds. */
export function worldAlerts(watched: Watched): RuleGroup[] {
  if (watched.game.worlds.length === 0) return [];
  return [
    {
      name: "game-worlds",
      rules: [worldDown(watched), worldNotSaving(watched), worldTickSlow(watched), worldRolloutStuck(watched)],
    },
  ];
}

/** Selector of the StatefulSets of worlds, for series of kube-state-metrics. */
export function worldSets({ namespace, worlds }: Watched["game"]): string {
  return `{namespace="${namespace}",statefulset=~"${worlds.map((one) => one.statefulSet).join("|")}"}`;
}

function worldDown({ game }: Watched): Alert {
  const of = (metric: string) => `max by (namespace, statefulset) (${metric}${worldSets(game)})`;
  return {
    alert: "WorldDown",
    expression: `${of("kube_statefulset_replicas")} - ${of("kube_statefulset_status_replicas_ready")} > 0`,
    // A world that was only restarted, or moved, is back by then.
    forSeconds: game.worldRecoverySeconds,
    severity: "critical",
    summary: `Worlds of {{ $labels.statefulset }} in {{ $labels.namespace }} that are down: {{ $value }}`,
    description: `A world that restarts or moves by itself is back after ${promDuration(game.worldRecoverySeconds)} at most; this one needs somebody. Its players cannot play.`,
    runbook: "world-down",
  };
}

function worldNotSaving({ game }: Watched): Alert {
  const { name } = contractMetrics.saveAge;
  return {
    alert: "WorldNotSaving",
    expression: `${name}{namespace="${game.namespace}"} > ${game.worldSaveSeconds}`,
    forSeconds: 60,
    severity: "critical",
    summary: `{{ $labels.pod }} last saved {{ $value | humanizeDuration }} ago`,
    description: `It should have saved after ${promDuration(game.worldSaveSeconds)}. If {{ $labels.pod }} dies now, its players lose everything since then.`,
    runbook: "world-not-saving",
  };
}

function worldTickSlow({ game }: Watched): Alert {
  const bucket = `${contractMetrics.tick.name}_bucket{namespace="${game.namespace}",service="${game.worldService}"}`;
  return {
    alert: "WorldTickSlow",
    expression: `histogram_quantile(0.95, sum by (namespace, service, pod, le) (rate(${bucket}[5m]))) > ${tickSeconds}`,
    forSeconds: 300,
    severity: "warning",
    summary: `{{ $labels.pod }} falls behind: its steps take {{ $value | humanizeDuration }}`,
    description: `One step in twenty of {{ $labels.service }} {{ $labels.pod }} takes longer than ${tickSeconds * 1000} ms: the world runs slower than its clock, for all players on it.`,
    runbook: "slow-responses",
  };
}

function worldRolloutStuck({ game }: Watched): Alert {
  const sets = worldSets(game);
  const window = promDuration(game.worldRecoverySeconds);
  return {
    alert: "WorldRolloutStuck",
    expression: [
      `max by (namespace, statefulset) (`,
      `  kube_statefulset_status_current_revision${sets}`,
      `  unless on (namespace, statefulset, revision) kube_statefulset_status_update_revision${sets}`,
      `)`,
      `and max by (namespace, statefulset) (changes(kube_statefulset_status_replicas_updated${sets}[${window}])) == 0`,
    ].join("\n"),
    // The window alone would fire at once when kube-state-metrics starts anew in the middle of a roll-out.
    forSeconds: game.worldRecoverySeconds,
    severity: "warning",
    summary: `The roll-out of {{ $labels.statefulset }} in {{ $labels.namespace }} stands still`,
    description: `Worlds are updated one after the other, each in ${window} at most; for twice that none was. The others still run the old revision.`,
    runbook: "rollout-stuck",
  };
}
