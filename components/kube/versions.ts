/** Every version of foreign software in one place: charts of add-ons and images that are not the user's. */

/** A Helm chart, pinned. */
export interface Chart {
  name: string;
  repository: string;
  version: string;
  namespace: string;
  /** Values that differ from the chart's own. */
  values?: ChartValues;
}

/** Values of a chart. */
export interface ChartValues {
  readonly [key: string]: boolean | string | number | ChartValues;
}

const off = { enabled: false } as const;

/** Charts of the add-ons that `cluster.addons` can install. Sources: each project's chart index, August 2026. */
export const charts = {
  keda: { name: "keda", repository: "https://kedacore.github.io/charts", version: "2.20.2", namespace: "keda" },
  verticalPodAutoscaler: {
    name: "vertical-pod-autoscaler",
    repository: "https://kubernetes.github.io/autoscaler",
    version: "0.11.0",
    namespace: "vertical-pod-autoscaler",
  },
  mysqlOperator: {
    name: "mysql-operator",
    repository: "https://mysql.github.io/mysql-operator/",
    version: "2.3.0",
    namespace: "mysql-operator",
  },
  cloudNativePg: {
    name: "cloudnative-pg",
    repository: "https://cloudnative-pg.github.io/charts",
    // CloudNativePG 1.30.0.
    version: "0.29.0",
    namespace: "cnpg-system",
  },
  strimzi: {
    name: "strimzi-kafka-operator",
    repository: "https://strimzi.io/charts/",
    version: "1.2.0",
    namespace: "strimzi",
    values: { watchAnyNamespace: true },
  },
  metricsServer: {
    name: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    version: "3.13.1",
    namespace: "kube-system",
  },
  prometheusOperator: {
    // The operator and its definitions only: what it runs are objects of this program.
    name: "kube-prometheus-stack",
    repository: "https://prometheus-community.github.io/helm-charts",
    // Prometheus operator 0.93.1.
    version: "88.5.3",
    namespace: "prometheus-operator",
    values: {
      prometheus: off,
      alertmanager: off,
      grafana: off,
      kubeStateMetrics: off,
      nodeExporter: off,
      defaultRules: { create: false },
      kubernetesServiceMonitors: off,
      // Slices alone: Endpoints are on their way out, and both together keep nodes that are gone
      // (prometheus-operator/prometheus-operator#7678).
      prometheusOperator: { kubeletEndpointsEnabled: false, kubeletEndpointSliceEnabled: true },
    },
  },
} as const satisfies Record<string, Chart>;

/** kubectl, curl and a POSIX shell, for jobs that talk to the API server. */
export const kubectlImage = "docker.io/alpine/k8s:1.36.3";

/** Valkey server and client with busybox. Valkey 8.1 is supported to 2030 (endoflife.date). */
export const valkeyImage = "docker.io/valkey/valkey:8.1.9-alpine";

/** Metrics of Valkey and Redis (oliver006/redis_exporter). */
export const redisExporterImage = "docker.io/oliver006/redis_exporter:v1.80.0";

/** Registry of the MySQL operator: it names server, router and sidecar images below it by their versions. */
export const mysqlRegistry = "container-registry.oracle.com/mysql";

/** MySQL server and client of a version, the image that the operator runs too: nodes have it already. */
export function mysqlImage(version: string): string {
  return `${mysqlRegistry}/community-server:${version}`;
}

/** Metrics of MySQL (prometheus/mysqld_exporter). */
export const mysqldExporterImage = "docker.io/prom/mysqld-exporter:v0.19.0";

/**
 * Client and server of MySQL for backups and drills: the community's own image, which has gzip, awk and sha256sum, as the
 * operator's slim image may not (docker-library/mysql, Dockerfile.oracle).
 */
export function mysqlToolsImage(version: string): string {
  return `docker.io/library/mysql:${version}`;
}

/**
 * Client and server of PostgreSQL for backups and drills. The Debian variant: it has libnss-wrapper, without which initdb
 * does not run as a user that the image does not know (docker-library/postgres, docker-entrypoint.sh).
 */
export const postgresToolsImage = "docker.io/library/postgres:18.6-trixie";

/** rclone, which copies backups to object storage. */
export const rcloneImage = "docker.io/rclone/rclone:1.70.3";

/** Prometheus: the series with support to July 2027 (endoflife.date). */
export const prometheusVersion = "v3.13.5";
export const prometheusImage = `docker.io/prom/prometheus:${prometheusVersion}`;

/** Alertmanager. */
export const alertmanagerVersion = "v0.34.2";
export const alertmanagerImage = `docker.io/prom/alertmanager:${alertmanagerVersion}`;

/** What Kubernetes knows of its objects, as metrics. */
export const kubeStateMetricsImage = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0";

/** Metrics of a node. */
export const nodeExporterImage = "docker.io/prom/node-exporter:v1.12.1";

/** Asks addresses from inside. */
export const blackboxExporterImage = "docker.io/prom/blackbox-exporter:v0.28.0";

/** OpenTelemetry collector with the contributed components: agent and gateway (opentelemetry-collector-releases). */
export const collectorImage = "docker.io/otel/opentelemetry-collector-contrib:0.165.0";

/** Jaeger 2: collector, query and UI in one program (jaegertracing/jaeger). Version 1 ended in December 2025. */
export const jaegerImage = "docker.io/jaegertracing/jaeger:2.20.0";

/** Loki (grafana/loki). */
export const lokiImage = "docker.io/grafana/loki:3.7.6";

/** Grafana (grafana/grafana). */
export const grafanaImage = "docker.io/grafana/grafana:13.2.0";
