/** Images of the stores that wait for their place in components/kube/versions.ts. */

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
