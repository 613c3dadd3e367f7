import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { platformAlerts } from "../../../components/monitoring/alerts/platform.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const parts = ["platform-containers", "platform-nodes", "platform-volumes"];
const groups = platformAlerts(sampleWatched()).filter(({ name }) => parts.includes(name));

const namespace = "mmorpg-game";
const server = { namespace, pod: "game-server-us-west-5d8f-x2x7b", container: "game-server" };
const world = { namespace, pod: "game-world-servers-3", container: "game-world-server" };
const claim = { namespace, persistentvolumeclaim: "datadir-mysql-cluster-0" };
const quota = { namespace, resourcequota: "mmorpg-game-quota", resource: "limits.memory" };
const warning = { severity: "warning" };

/** Memory of a container, as kubelet and kube-state-metrics say it: cAdvisor has the whole pod too, without a name. */
function memory(of: typeof server, used: string, limit: string): Record<string, string> {
  const { container: _, ...pod } = of;
  return {
    [series("container_memory_working_set_bytes", { ...of, node: "node-a" })]: used,
    [series("container_memory_working_set_bytes", { ...pod, container: "", node: "node-a" })]: used,
    [series("kube_pod_container_resource_limits", { ...of, resource: "memory", unit: "byte" })]: limit,
    [series("kube_pod_container_resource_limits", { ...of, resource: "cpu", unit: "core" })]: "1x20",
  };
}

/** Spans of a container, and those in which it was held up, per minute. */
function held(throttled: number): Record<string, string> {
  return {
    [series("container_cpu_cfs_periods_total", server)]: "0+600x60",
    [series("container_cpu_cfs_throttled_periods_total", server)]: `0+${throttled}x60`,
  };
}

function quotaUse(used: string, hard = "100x60"): Record<string, string> {
  return {
    [series("kube_resourcequota", { ...quota, type: "used" })]: used,
    [series("kube_resourcequota", { ...quota, type: "hard" })]: hard,
  };
}

function volume(used: string, available: string): Record<string, string> {
  return {
    [series("kubelet_volume_stats_used_bytes", claim)]: used,
    [series("kubelet_volume_stats_available_bytes", claim)]: available,
    [series("kubelet_volume_stats_capacity_bytes", claim)]: "1000x200",
  };
}

function condition(name: string, status: string, values: string): Record<string, string> {
  return { [series("kube_node_status_condition", { node: "node-a", condition: name, status })]: values };
}

const exporter = { namespace: "monitoring", service: "node-exporter", pod: "node-exporter-abcde" };
const used = (of: typeof server, percent: number) =>
  `${of.container} of ${of.pod} in ${namespace} uses ${percent} % of its memory`;

const cases: RuleCase[] = [
  {
    title: "warn of a container that uses more than 90 % of its memory for two minutes",
    series: memory(server, "500 910x20", "1000x20"),
    alert: "HighMemoryUsage",
    at: { "165s": [], "3m": [{ labels: { ...server, ...warning }, summary: used(server, 91) }] },
  },
  {
    title: "are silent at 90 %",
    series: memory(server, "900x20", "1000x20"),
    alert: "HighMemoryUsage",
    at: { "3m": [], "10m": [] },
  },
  {
    title: "are silent about a container whose limit is 0: it was divided by, and +Inf % of no limit was reported",
    series: memory(server, "910x20", "0x20"),
    alert: "HighMemoryUsage",
    at: { "3m": [], "10m": [] },
  },
  {
    title: "warn of worlds too, which a pattern of names that begin with game-server- left out",
    series: memory(world, "950x20", "1000x20"),
    alert: "HighMemoryUsage",
    at: { "3m": [{ labels: { ...world, ...warning }, summary: used(world, 95) }] },
  },
  {
    title: "warn of a container that is held up for more than a quarter of its time",
    series: held(156),
    alert: "CpuThrottled",
    at: {
      "15m": [],
      "16m": [
        {
          labels: { ...server, ...warning },
          summary: `game-server of ${server.pod} in mmorpg-game is held up 26 % of the time`,
        },
      ],
    },
  },
  {
    title: "are silent about one that is held up for a little less",
    series: held(149),
    alert: "CpuThrottled",
    at: { "16m": [], "40m": [] },
  },
  {
    title: "warn of a quota of which more than 85 % is used",
    series: quotaUse("86x60"),
    alert: "QuotaNearlyFull",
    at: {
      "885s": [],
      "15m": [{ labels: { ...quota, ...warning }, summary: "mmorpg-game uses 86 % of its quota of limits.memory" }],
    },
  },
  {
    title: "are silent at 85 %",
    series: quotaUse("85x60"),
    alert: "QuotaNearlyFull",
    at: { "15m": [], "40m": [] },
  },
  {
    title: "are silent about what a quota forbids altogether",
    series: quotaUse("0x60", "0x60"),
    alert: "QuotaNearlyFull",
    at: { "15m": [] },
  },
  {
    title: "warn of a pod that has not started for a quarter of an hour",
    series: { [series("kube_pod_status_phase", { namespace, pod: world.pod, phase: "Pending" })]: "1x30" },
    alert: "PodPending",
    at: {
      "885s": [],
      "15m": [
        {
          labels: { namespace, pod: world.pod, ...warning },
          summary: "game-world-servers-3 in mmorpg-game does not start",
        },
      ],
    },
  },
  {
    title: "are silent about one for which a node is made in time",
    series: { [series("kube_pod_status_phase", { namespace, pod: world.pod, phase: "Pending" })]: "1x13 0x20" },
    alert: "PodPending",
    at: { "13m": [], "15m": [], "20m": [] },
  },
  {
    title: "wake somebody when a node is not ready, whether it says so or is silent",
    series: {
      ...condition("Ready", "true", "1 0x20"),
      ...condition("Ready", "unknown", "0 1x20"),
    },
    alert: "NodeNotReady",
    at: {
      "165s": [],
      "3m": [{ labels: { node: "node-a", severity: "critical" }, summary: "The node node-a is not ready" }],
    },
  },
  {
    title: "are silent about a node that restarts its kubelet",
    series: condition("Ready", "true", "1 0 1x20"),
    alert: "NodeNotReady",
    at: { "90s": [], "3m": [], "10m": [] },
  },
  {
    title: "warn of a node whose disk is nearly full",
    series: condition("DiskPressure", "true", "0 1x20"),
    alert: "NodePressure",
    at: {
      "165s": [],
      "3m": [
        {
          labels: { node: "node-a", condition: "DiskPressure", ...warning },
          summary: "The node node-a is in DiskPressure",
        },
      ],
    },
  },
  {
    title: "are silent about conditions that do not hold",
    series: { ...condition("DiskPressure", "true", "0x20"), ...condition("DiskPressure", "false", "1x20") },
    alert: "NodePressure",
    at: { "3m": [], "10m": [] },
  },
  {
    title: "warn of a clock that is more than 50 ms off, in either direction",
    series: {
      [series("node_timex_offset_seconds", exporter)]: "-0.06x30",
      [series("node_timex_maxerror_seconds", exporter)]: "0.1x30",
    },
    alert: "ClockSkew",
    at: {
      "585s": [],
      "10m": [
        {
          labels: { ...exporter, ...warning },
          summary: "The clock of the node of node-exporter-abcde may be wrong by 60ms",
        },
      ],
    },
  },
  {
    title: "warn of a clock that follows nothing",
    series: {
      [series("node_timex_offset_seconds", exporter)]: "0x30",
      [series("node_timex_maxerror_seconds", exporter)]: "16x30",
    },
    alert: "ClockSkew",
    at: {
      "10m": [
        {
          labels: { ...exporter, ...warning },
          summary: "The clock of the node of node-exporter-abcde may be wrong by 16s",
        },
      ],
    },
  },
  {
    title: "are silent about one that is 50 ms off",
    series: {
      [series("node_timex_offset_seconds", exporter)]: "0.05x30",
      [series("node_timex_maxerror_seconds", exporter)]: "15x30",
    },
    alert: "ClockSkew",
    at: { "10m": [], "25m": [] },
  },
  {
    title: "warn of a volume that is more than 85 % full",
    series: volume("860x60", "140x60"),
    alert: "VolumeFilling",
    at: {
      "885s": [],
      "15m": [
        {
          labels: { ...claim, ...warning },
          summary: "The volume datadir-mysql-cluster-0 in mmorpg-game is 86 % full",
        },
      ],
    },
  },
  {
    title: "are silent at 85 %",
    series: volume("850x60", "150x60"),
    alert: "VolumeFilling",
    at: { "15m": [], "40m": [] },
  },
  {
    // 460 left, 3 a minute: empty after 153 minutes.
    title: "wake somebody when a volume that is more than half full would be full within four hours",
    series: volume("540+3x60", "460-3x60"),
    alert: "VolumeFullSoon",
    at: {
      "20m": [
        {
          labels: { ...claim, severity: "critical" },
          summary: "The volume datadir-mysql-cluster-0 in mmorpg-game will be full in less than 4h",
        },
      ],
    },
  },
  {
    // 460 left, 1 a minute: empty after 460 minutes.
    title: "are silent about one that grows more slowly",
    series: volume("540+1x60", "460-1x60"),
    alert: "VolumeFullSoon",
    at: { "20m": [], "1h": [] },
  },
  {
    title: "are silent about a young volume that takes in its first data",
    series: volume("0+8x60", "1000-8x60"),
    alert: "VolumeFullSoon",
    at: { "20m": [], "55m": [] },
  },
];

describe("the alerts on containers, nodes and volumes", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("look at every namespace of game, ads and monitoring, and take their thresholds from the configuration", () => {
    const { thresholds } = sampleWatched();
    const changed = sampleWatched({
      thresholds: { ...thresholds, memoryPercent: 71, quotaPercent: 72, volumePercent: 73 },
    });
    const text = JSON.stringify(platformAlerts(changed));
    assert.match(text, /namespace=~\\"mmorpg-game\|ad-platform\|monitoring\\"/);
    for (const percent of ["> 71", "> 72", "> 73"]) assert.ok(text.includes(percent), percent);
  });
});
