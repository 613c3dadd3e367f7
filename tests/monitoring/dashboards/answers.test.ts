import { describe } from "mocha";
import { objectiveRules } from "../../../components/monitoring/alerts/objectives.ts";
import { allDashboards } from "../../../components/monitoring/dashboards/all.ts";
import { type DashboardKey, dashboardUid } from "../../../components/monitoring/dashboards/keys.ts";
import { type RuleCase, ruleCases } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";
import { filledIn, read, shown } from "./reading.ts";

const watched = sampleWatched();
const dashboards = allDashboards(watched).map(read);

/** The query of a panel, with every variable at "All". */
function queryOf(key: DashboardKey, title: string, index = 0): string {
  const dashboard = dashboards.find((one) => one.uid === dashboardUid(key));
  const target = dashboard && shown(dashboard).find((one) => one.title === title)?.targets?.[index];
  if (dashboard === undefined || target === undefined) throw new Error(`${key} has no panel ${title}`);
  return filledIn(target.expr, dashboard);
}

const game = 'namespace="mmorpg-game"';
const mibi = 2 ** 20;

const cases: RuleCase[] = [
  {
    title: "names the region of the region's own Prometheus, and keeps the names that a global view has",
    series: {
      [`service:game_server_active_players:sum{${game},service="game-server"}`]: "100x5",
      [`service:game_server_active_players:sum{${game},service="game-world-server"}`]: "20x5",
      [`service:game_server_active_players:sum{${game},service="game-server",region="eu-west"}`]: "7x5",
    },
    answers: [
      {
        query: queryOf("fleet", "Players"),
        at: "5m",
        samples: { '{region="us-west"}': 120, '{region="eu-west"}': 7 },
      },
    ],
  },
  {
    title: "shows 0 alerts where none fires, so that an empty panel is never taken for good news",
    series: {
      [`up{${game},service="game-server",pod="a"}`]: "1x5",
      'up{region="eu-west",service="game-server"}': "1x5",
      'ALERTS{region="eu-west",alertname="A",alertstate="firing",severity="critical"}': "1x5",
      'ALERTS{region="eu-west",alertname="B",alertstate="pending",severity="critical"}': "1x5",
    },
    answers: [
      {
        query: queryOf("fleet", "Alerts that wake somebody"),
        at: "5m",
        samples: { '{region="us-west"}': 0, '{region="eu-west"}': 1 },
      },
    ],
  },
  {
    title: "shows memory and volumes of the store's own pods only, with what Kubernetes knows of their claims",
    series: {
      [`up{${game},service="redis",pod="redis-cluster-0",container="exporter"}`]: "1x5",
      [`up{${game},service="auth-service",pod="auth-1"}`]: "1x5",
      [`container_memory_working_set_bytes{${game},pod="redis-cluster-0",container="redis"}`]: `${256 * mibi}x5`,
      [`container_memory_working_set_bytes{${game},pod="redis-cluster-0",container=""}`]: `${300 * mibi}x5`,
      [`container_memory_working_set_bytes{${game},pod="auth-1",container="auth"}`]: `${256 * mibi}x5`,
      [`kube_pod_container_resource_limits{${game},pod="redis-cluster-0",container="redis",resource="memory"}`]: `${1024 * mibi}x5`,
      [`kube_pod_container_resource_limits{${game},pod="redis-cluster-0",container="redis",resource="cpu"}`]: "2x5",
      [`kube_pod_container_resource_limits{${game},pod="auth-1",container="auth",resource="memory"}`]: `${512 * mibi}x5`,
      [`kube_pod_spec_volumes_persistentvolumeclaims_info{${game},pod="redis-cluster-0",persistentvolumeclaim="redis-data-redis-cluster-0"}`]:
        "1x5",
      [`kubelet_volume_stats_used_bytes{${game},persistentvolumeclaim="redis-data-redis-cluster-0"}`]: "30x5",
      [`kubelet_volume_stats_capacity_bytes{${game},persistentvolumeclaim="redis-data-redis-cluster-0"}`]: "40x5",
      [`kubelet_volume_stats_used_bytes{${game},persistentvolumeclaim="another"}`]: "30x5",
      [`kubelet_volume_stats_capacity_bytes{${game},persistentvolumeclaim="another"}`]: "40x5",
    },
    answers: [
      {
        query: queryOf("valkey", "Memory of the limit"),
        at: "5m",
        samples: { [`{${game},pod="redis-cluster-0",container="redis"}`]: 0.25 },
      },
      {
        query: queryOf("valkey", "Volumes"),
        at: "5m",
        samples: { [`{${game},persistentvolumeclaim="redis-data-redis-cluster-0"}`]: 0.75 },
      },
    ],
  },
  {
    title: "counts pods by their state of drain, also those states that no pod is in",
    series: {
      [`game_server_drain_state{${game},service="game-world-server",pod="a"}`]: "0x5",
      [`game_server_drain_state{${game},service="game-world-server",pod="b"}`]: "1x5",
      [`game_server_drain_state{${game},service="game-server",pod="c"}`]: "2x5",
    },
    answers: [0, 1, 2].map((state) => ({
      query: queryOf("worlds", "Drain states", state),
      at: "5m",
      samples: { "{}": state === 2 ? 0 : 1 },
    })),
  },
  {
    title: "holds requests of running pods against what nodes give, without those that wait",
    series: {
      [`kube_pod_container_resource_requests{${game},pod="a",container="a",resource="cpu"}`]: "2x5",
      [`kube_pod_container_resource_requests{${game},pod="b",container="b",resource="cpu"}`]: "4x5",
      [`kube_pod_status_phase{${game},pod="a",phase="Running"}`]: "1x5",
      [`kube_pod_status_phase{${game},pod="b",phase="Running"}`]: "0x5",
      [`kube_pod_status_phase{${game},pod="b",phase="Pending"}`]: "1x5",
      'kube_node_status_allocatable{node="one",resource="cpu"}': "8x5",
      'kube_node_status_allocatable{node="two",resource="cpu"}': "8x5",
    },
    answers: [{ query: queryOf("capacity", "Requested of the nodes"), at: "5m", samples: { "{}": 0.125 } }],
  },
  {
    title: "calls nodes by their names, which their exporters do not know",
    series: {
      'node_memory_MemAvailable_bytes{namespace="monitoring",pod="node-exporter-a",instance="10.0.0.1:9100"}': "25x5",
      'node_memory_MemTotal_bytes{namespace="monitoring",pod="node-exporter-a",instance="10.0.0.1:9100"}': "100x5",
      'kube_pod_info{namespace="monitoring",pod="node-exporter-a",node="ip-10-0-0-1"}': "1x5",
      [`kube_pod_info{${game},pod="a",node="ip-10-0-0-1"}`]: "1x5",
    },
    answers: [
      {
        query: `sum by (node) (${queryOf("capacity", "Memory of nodes in use")})`,
        at: "5m",
        samples: { '{node="ip-10-0-0-1"}': 0.75 },
      },
    ],
  },
  {
    title: "compares series with the plan for the ports, nodes and pods that there are",
    series: {
      'up{service="game-server",pod="a"}': "1x5",
      'up{service="game-server",pod="b"}': "0x5",
      'kube_node_info{node="one"}': "1x5",
      [`kube_pod_info{${game},pod="a"}`]: "1x5",
      [`kube_pod_info{${game},pod="b"}`]: "1x5",
    },
    answers: [
      {
        query: queryOf("monitoring", "Series against the plan", 1),
        at: "5m",
        samples: { "{}": 2 * 500 + 1200 + 2 * 160 },
      },
    ],
  },
  {
    title: "shows what is left of a budget and how fast it burns, of each promise and region",
    // One login in a thousand may fail; here one in two thousand does, which is half of the budget.
    series: {
      [`auth_logins_total{${game},service="auth-service",result="success"}`]: "0+119940x120",
      [`auth_logins_total{${game},service="auth-service",result="error"}`]: "0+60x120",
    },
    evaluation: 60,
    answers: [
      {
        query: `round(${queryOf("objectives", "Error budgets left")}, 0.01)`,
        at: "2h",
        samples: { [`{${game},objective="logins"}`]: 0.5 },
      },
      {
        query: `round(${queryOf("objectives", "Burn rate in 1h")}, 0.01)`,
        at: "2h",
        samples: { [`{${game},objective="logins"}`]: 0.5 },
      },
    ],
  },
];

describe("answers that dashboards get", () => {
  ruleCases(objectiveRules(watched), cases);
});
