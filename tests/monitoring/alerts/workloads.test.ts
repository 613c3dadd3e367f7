import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { workloadAlerts } from "../../../components/monitoring/alerts/workloads.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const groups = workloadAlerts(sampleWatched());

const scaler = { namespace: "mmorpg-game", horizontalpodautoscaler: "game-server-us-west" };
const deployment = { namespace: "ad-platform", deployment: "campaign-service" };
const container = { namespace: "ad-platform", pod: "bidding-service-6f5-abcde", container: "bidding-service" };
const mysql = { namespace: "mmorpg-game", pod: "mysql-cluster-0", container: "mysql" };

function pods(desired: string, [minimum, maximum]: readonly [number, number] = [5, 50]): Record<string, string> {
  const name = "kube_horizontalpodautoscaler";
  return {
    [series(`${name}_status_desired_replicas`, scaler)]: desired,
    [series(`${name}_spec_min_replicas`, scaler)]: `${minimum}x60`,
    [series(`${name}_spec_max_replicas`, scaler)]: `${maximum}x60`,
  };
}

function active(value: number): Record<string, string> {
  const name = "kube_horizontalpodautoscaler_status_condition";
  return {
    [series(name, { ...scaler, condition: "ScalingActive", status: "true" })]: `${value}x30`,
    [series(name, { ...scaler, condition: "ScalingActive", status: "false" })]: `${1 - value}x30`,
    // A maximum that is reached is another condition, and another alert.
    [series(name, { ...scaler, condition: "AbleToScale", status: "false" })]: "0x30",
  };
}

const restarts = series("kube_pod_container_status_restarts_total", container);

const cases: RuleCase[] = [
  {
    title: "warns of an autoscaler that has been at its maximum for ten minutes",
    series: pods("49 50x30"),
    alert: "AutoscalerAtMaximum",
    at: {
      "10m": [],
      "11m": [
        {
          labels: { ...scaler, severity: "warning" },
          summary: "game-server-us-west in mmorpg-game is at its maximum of 50 pods",
        },
      ],
    },
  },
  {
    title: "is silent one pod below the maximum",
    series: pods("49x30"),
    alert: "AutoscalerAtMaximum",
    at: { "20m": [] },
  },
  {
    title: "is silent where the maximum is the minimum",
    series: pods("1x30", [1, 1]),
    alert: "AutoscalerAtMaximum",
    at: { "20m": [] },
  },
  {
    title: "warns of an autoscaler that cannot read its metrics",
    series: active(0),
    alert: "AutoscalerBlind",
    at: {
      "585s": [],
      "10m": [
        {
          labels: { ...scaler, severity: "warning" },
          summary: "The autoscaler game-server-us-west in mmorpg-game cannot read its metrics",
        },
      ],
    },
  },
  {
    title: "is silent about an autoscaler that reads its metrics",
    series: active(1),
    alert: "AutoscalerBlind",
    at: { "20m": [] },
  },
  {
    title: "warns of a roll-out past its deadline",
    series: {
      [series("kube_deployment_status_condition", { ...deployment, condition: "Progressing", status: "false" })]:
        "0 1x10",
    },
    alert: "RolloutStuck",
    at: {
      "105s": [],
      "2m": [
        {
          labels: { ...deployment, severity: "warning" },
          summary: "The roll-out of campaign-service in ad-platform stands still",
        },
      ],
    },
  },
  {
    title: "is silent about a roll-out that goes on, also while pods are missing",
    series: {
      [series("kube_deployment_status_condition", { ...deployment, condition: "Progressing", status: "false" })]:
        "0x20",
      [series("kube_deployment_status_condition", { ...deployment, condition: "Available", status: "false" })]: "1x20",
    },
    alert: "RolloutStuck",
    at: { "15m": [] },
  },
  {
    title: "warns of a container that restarts four times in 15 minutes",
    series: { [restarts]: "0x4 1x2 2x2 3x2 4x30" },
    alert: "ContainerRestarts",
    at: {
      "9m": [],
      "14m": [
        {
          labels: { ...container, severity: "warning" },
          summary: "bidding-service of bidding-service-6f5-abcde in ad-platform restarted 4 times in 15 minutes",
        },
      ],
      "35m": [],
    },
  },
  {
    title: "is silent about three restarts, also where increase() extrapolates to 3.05",
    series: { [restarts]: "7x60 10x80" },
    step: 15,
    evaluation: 10,
    alert: "ContainerRestarts",
    at: { "920s": [], "1000s": [], "1100s": [] },
  },
  {
    title: "is silent about one restart, for which the original woke somebody",
    series: { [restarts]: "0x4 1x40", [series("kube_pod_container_status_restarts_total", mysql)]: "0x4 1x40" },
    alert: "ContainerRestarts",
    at: { "6m": [], "12m": [], "20m": [] },
  },
  {
    title: "wakes somebody when a container of any pod does not stay up for 15 minutes, running now and then",
    series: {
      [series("kube_pod_container_status_waiting_reason", { ...mysql, reason: "CrashLoopBackOff" })]:
        "0x2 1 1 stale _ 1 1 1 stale _ 1 1 1 1 stale _ 1 stale _ 1x20",
    },
    alert: "PodCrashLooping",
    at: {
      "17m": [],
      "18m": [
        {
          labels: { ...mysql, severity: "critical" },
          summary: "mysql of mysql-cluster-0 in mmorpg-game does not stay up",
        },
      ],
    },
  },
  {
    title: "is silent about one restart and its short wait",
    series: {
      [series("kube_pod_container_status_waiting_reason", { ...container, reason: "CrashLoopBackOff" })]: "0x2 1 0x30",
      [restarts]: "0x2 1x30",
    },
    alert: "PodCrashLooping",
    at: { "5m": [], "18m": [], "30m": [] },
  },
];

describe("the alerts of workloads", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});
