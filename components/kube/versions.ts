/** Every version of foreign software in one place: charts of add-ons and images that are not the user's. */

/** A Helm chart, pinned. */
export interface Chart {
  name: string;
  repository: string;
  version: string;
  namespace: string;
}

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
  metricsServer: {
    name: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    version: "3.13.1",
    namespace: "kube-system",
  },
} as const satisfies Record<string, Chart>;

/** kubectl, curl and a POSIX shell, for jobs that talk to the API server. */
export const kubectlImage = "docker.io/alpine/k8s:1.36.3";

/** Valkey server and client with busybox. Valkey 8.1 is supported to 2030 (endoflife.date). */
export const valkeyImage = "docker.io/valkey/valkey:8.1.9-alpine";

/** Metrics of Valkey and Redis (oliver006/redis_exporter). */
export const redisExporterImage = "docker.io/oliver006/redis_exporter:v1.80.0";
