/** Every version of foreign software in one place: charts of add-ons and images that are not the user's. */

/** A Helm chart, pinned. */
export interface Chart {
  name: string;
  repository: string;
  version: string;
  namespace: string;
  /** Values that differ from the chart's own. */
  values?: Readonly<Record<string, boolean | string | number>>;
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
