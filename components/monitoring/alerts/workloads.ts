/** Alerts on the workloads behind the services of game and ads, as kube-state-metrics sees them. */
import type { Watched, WatchedService } from "../watched.ts";
import type { Alert, RuleGroup } from "./alert.ts";

/** Alerts of Deployments, their autoscalers and their containers. */
export function workloadAlerts(watched: Watched): RuleGroup[] {
  const namespaces = [watched.game.namespace, ...watched.ads.map((one) => one.namespace)];
  const here = `namespace=~"${namespaces.join("|")}"`;
  return [
    { name: "autoscalers", rules: [autoscalerAtMaximum(here), autoscalerBlind(here)] },
    { name: "workloads", rules: [rolloutStuck(here), containerRestarts(watched), podCrashLooping(here)] },
  ];
}

function autoscalerAtMaximum(here: string): Alert {
  const of = (metric: string) =>
    `max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_${metric}{${here}})`;
  return {
    alert: "AutoscalerAtMaximum",
    // Where minimum and maximum are the same, the maximum says nothing.
    expression: `${of("status_desired_replicas")} >= (${of("spec_max_replicas")} > ${of("spec_min_replicas")})`,
    forSeconds: 600,
    severity: "warning",
    summary: `{{ $labels.horizontalpodautoscaler }} in {{ $labels.namespace }} is at its maximum of {{ $value }} pods`,
    description: `For ten minutes {{ $labels.horizontalpodautoscaler }} has had all the pods that it may have. More load makes it slow.`,
    runbook: "autoscaler",
  };
}

function autoscalerBlind(here: string): Alert {
  const own = `{${here},condition="ScalingActive",status="false"}`;
  return {
    alert: "AutoscalerBlind",
    expression: `max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_condition${own}) == 1`,
    forSeconds: 600,
    severity: "warning",
    summary: `The autoscaler {{ $labels.horizontalpodautoscaler }} in {{ $labels.namespace }} cannot read its metrics`,
    description: `{{ $labels.horizontalpodautoscaler }} keeps the pods that it has, whatever the load.`,
    runbook: "autoscaler",
  };
}

function rolloutStuck(here: string): Alert {
  const own = `{${here},condition="Progressing",status="false"}`;
  return {
    alert: "RolloutStuck",
    expression: `max by (namespace, deployment) (kube_deployment_status_condition${own}) == 1`,
    forSeconds: 60,
    severity: "warning",
    summary: `The roll-out of {{ $labels.deployment }} in {{ $labels.namespace }} stands still`,
    description: `New pods of {{ $labels.deployment }} have not become ready within its deadline. The old ones still serve.`,
    runbook: "rollout-stuck",
  };
}

function containerRestarts({ game, ads }: Watched): Alert {
  const rows: readonly WatchedService[] = [game.servers, ...game.services, ...ads.flatMap((one) => one.services)];
  const groups = Map.groupBy(rows, ({ namespace, restarts }) => JSON.stringify([namespace, restarts]));
  const clauses = [...groups].map(([key, members]) => {
    const [namespace, restarts]: [string, number] = JSON.parse(key);
    const own = `{namespace="${namespace}",pod=~"(${members.map((one) => one.deployment).join("|")})-.+"}`;
    const increase = `increase(kube_pod_container_status_restarts_total${own}[15m])`;
    // Restarts are whole; increase() extrapolates to the full 15 minutes.
    return `floor(sum by (namespace, pod, container) (${increase})) > ${restarts}`;
  });
  return {
    alert: "ContainerRestarts",
    expression: clauses.join("\nor\n"),
    forSeconds: 0,
    severity: "warning",
    summary: `{{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} restarted {{ $value }} times in 15 minutes`,
    description: `One restart is an accident; {{ $labels.container }} has a reason. Each one drops what it was doing.`,
    runbook: "crash-loop",
  };
}

function podCrashLooping(here: string): Alert {
  const waiting = `kube_pod_container_status_waiting_reason{${here},reason="CrashLoopBackOff"}`;
  return {
    alert: "PodCrashLooping",
    // Between two tries the container runs for a moment and does not wait.
    expression: `max by (namespace, pod, container) (max_over_time(${waiting}[5m])) == 1`,
    forSeconds: 900,
    severity: "critical",
    summary: `{{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} does not stay up`,
    description: `For 15 minutes {{ $labels.container }} has ended soon after each start; Kubernetes waits longer and longer between two tries.`,
    runbook: "crash-loop",
  };
}
