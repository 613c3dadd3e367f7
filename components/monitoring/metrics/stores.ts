/** What the exporters beside the stores export. */
import type { Exporter } from "./exporter.ts";
import { counter, gauge } from "./metric.ts";

/**
 * Collectors that the exporter beside MySQL has to be told of, since it does not run them by itself: members of the
 * group as each server sees them, and what waits to be applied. The others here are on by default.
 */
export const mysqlCollectors = [
  "perf_schema.replication_group_members",
  "perf_schema.replication_group_member_stats",
] as const;

const mysql: Exporter = {
  program: "mysqld_exporter 0.19",
  services: ["mysql-server"],
  source: "https://github.com/prometheus/mysqld_exporter/tree/main/collector",
  metrics: [
    gauge("mysql_up", "1 while the server answers the exporter"),
    gauge("mysql_perf_schema_replication_group_member_info", "1 for each member that this server knows", {
      member_id: [],
      member_host: [],
      member_state: ["ONLINE", "RECOVERING", "OFFLINE", "ERROR", "UNREACHABLE"],
      member_role: ["PRIMARY", "SECONDARY"],
    }),
    gauge("mysql_perf_schema_transactions_in_queue", "Transactions that wait to be checked for conflicts"),
    gauge("mysql_perf_schema_transactions_remote_in_applier_queue", "Transactions of others that wait to be applied"),
    counter("mysql_perf_schema_transactions_remote_applied_total", "Transactions of others that were applied"),
    counter("mysql_perf_schema_transactions_local_rollback_total", "Own transactions that the group took back"),
    counter("mysql_perf_schema_conflicts_detected_total", "Transactions that were in conflict with others"),
    gauge("mysql_global_variables_super_read_only", "1 on a follower, 0 on the server that writes"),
    gauge("mysql_global_variables_max_connections", "Connections that the server accepts"),
    gauge("mysql_global_variables_innodb_buffer_pool_size", "Bytes of the buffer pool"),
    gauge("mysql_global_status_threads_connected", "Connections that are open"),
    gauge("mysql_global_status_threads_running", "Connections that do something"),
    gauge("mysql_global_status_max_used_connections", "Most connections since the start"),
    counter("mysql_global_status_connection_errors_total", "Connections that failed, by reason", ["error"]),
    counter("mysql_global_status_aborted_connects", "Logins that failed"),
    counter("mysql_global_status_queries", "Statements"),
    counter("mysql_global_status_slow_queries", "Statements that took longer than long_query_time"),
    counter("mysql_global_status_commands_total", "Statements by kind", {
      command: ["select", "insert", "update", "commit"],
    }),
    counter("mysql_global_status_bytes_received", "Bytes from callers"),
    counter("mysql_global_status_bytes_sent", "Bytes to callers"),
    counter("mysql_global_status_innodb_row_lock_waits", "Times that a statement waited for a row"),
    counter("mysql_global_status_innodb_row_lock_time", "Milliseconds that statements waited for rows"),
    counter("mysql_global_status_innodb_buffer_pool_reads", "Reads that went to the disk"),
    counter("mysql_global_status_innodb_buffer_pool_read_requests", "Reads of the buffer pool"),
    counter("mysql_global_status_innodb_data_written", "Bytes written to data files"),
    gauge("mysql_global_status_uptime", "Seconds since the server started"),
  ],
};

const primary = ["master_host", "master_port"];

const valkey: Exporter = {
  program: "redis_exporter 1.80 beside Valkey 8.1",
  services: ["redis"],
  source: "https://github.com/oliver006/redis_exporter/blob/master/exporter/exporter.go",
  metrics: [
    gauge("redis_up", "1 while the server answers the exporter"),
    gauge("redis_instance_info", "1 for each server", {
      role: ["master", "slave"],
      redis_version: [],
      maxmemory_policy: [],
    }),
    gauge("redis_cluster_state", "1 while every slot is served, as this server sees it"),
    gauge("redis_cluster_slots_ok", "Slots that are served"),
    gauge("redis_cluster_slots_fail", "Slots whose server is gone"),
    gauge("redis_cluster_known_nodes", "Servers that this server knows"),
    gauge("redis_cluster_size", "Primaries that serve slots"),
    gauge("redis_connected_slaves", "Replicas that copy from this server"),
    gauge("redis_connected_slave_lag_seconds", "Seconds since a replica was heard", [
      "slave_ip",
      "slave_port",
      "slave_state",
    ]),
    gauge("redis_master_link_up", "1 while a replica hears its primary", primary),
    gauge("redis_master_sync_in_progress", "1 while a replica takes a whole copy", primary),
    gauge("redis_memory_used_bytes", "Bytes that data and buffers take"),
    gauge("redis_memory_max_bytes", "Bytes beyond which writes are refused or keys evicted"),
    gauge("redis_memory_used_rss_bytes", "Bytes that the process has"),
    gauge("redis_mem_fragmentation_ratio", "What the process has over what it uses"),
    counter("redis_evicted_keys_total", "Keys that were given up for memory"),
    counter("redis_expired_keys_total", "Keys whose time was over"),
    counter("redis_keyspace_hits_total", "Reads of keys that were there"),
    counter("redis_keyspace_misses_total", "Reads of keys that were not there"),
    gauge("redis_connected_clients", "Connections that are open"),
    gauge("redis_blocked_clients", "Connections that wait for a key"),
    gauge("redis_config_maxclients", "Connections that the server accepts"),
    counter("redis_connections_received_total", "Connections that were accepted"),
    counter("redis_rejected_connections_total", "Connections that were refused, since there were too many"),
    counter("redis_commands_processed_total", "Commands"),
    counter("redis_commands_duration_seconds_total", "Seconds that commands took", ["cmd"]),
    counter("redis_commands_total", "Commands by name", ["cmd"]),
    counter("redis_net_input_bytes_total", "Bytes from callers"),
    counter("redis_net_output_bytes_total", "Bytes to callers"),
    gauge("redis_db_keys", "Keys", ["db"]),
    gauge("redis_slowlog_length", "Commands in the log of slow ones"),
    gauge("redis_aof_enabled", "1 while changes are written to the append-only file"),
    gauge("redis_aof_last_write_status", "1 when the last write to it went well; at 0 the server refuses changes"),
    gauge("redis_aof_last_bgrewrite_status", "1 when it was last written anew without a fault"),
    gauge("redis_aof_current_size_bytes", "Bytes of the append-only file"),
    gauge("redis_aof_delayed_fsync", "Writes that waited for the disk since the start"),
    gauge("redis_loading_dump_file", "1 while the server loads its data"),
    gauge("redis_start_time_seconds", "When the server started, in seconds since 1970"),
  ],
};

const database = ["datname"];

const postgres: Exporter = {
  program: "CloudNativePG 1.30, with its default queries (config/manager/default-monitoring.yaml)",
  services: ["postgres-server"],
  source: "https://cloudnative-pg.io/documentation/current/monitoring/",
  metrics: [
    gauge("cnpg_collector_up", "1 while PostgreSQL runs in the pod", ["cluster"]),
    gauge("cnpg_collector_last_collection_error", "1 when the last collection failed"),
    gauge("cnpg_collector_pg_wal", "Size and number of the files of the log", { value: ["size", "count"] }),
    gauge("cnpg_collector_pg_wal_archive_status", "Files of the log by their state", { value: ["ready", "done"] }),
    gauge("cnpg_collector_sync_replicas", "Followers that confirm commits", {
      value: ["expected", "observed", "min", "max"],
    }),
    gauge("cnpg_collector_fencing_on", "1 while the server is fenced"),
    gauge("cnpg_collector_nodes_used", "Nodes that the servers run on"),
    gauge("cnpg_pg_replication_in_recovery", "1 on a follower, 0 on the server that writes"),
    gauge("cnpg_pg_replication_lag", "Seconds since the last change that a follower applied, while more wait"),
    gauge("cnpg_pg_replication_is_wal_receiver_up", "1 while a follower hears its writer"),
    gauge("cnpg_pg_replication_streaming_replicas", "Followers that read from this server"),
    gauge("cnpg_pg_replication_slots_pg_wal_lsn_diff", "Bytes of the log that a slot holds back", ["slot_name"]),
    counter("cnpg_pg_stat_archiver_archived_count", "Files of the log that were archived"),
    counter("cnpg_pg_stat_archiver_failed_count", "Tries to archive that failed"),
    gauge("cnpg_pg_stat_archiver_last_archived_time", "When a file was last archived, in seconds since 1970; -1 never"),
    gauge("cnpg_pg_stat_archiver_last_failed_time", "When archiving last failed, in seconds since 1970; -1 never"),
    gauge("cnpg_pg_stat_archiver_seconds_since_last_archival", "Seconds since a file was archived; -1 never"),
    gauge("cnpg_backends_total", "Connections", ["datname", "usename", "application_name", "state"]),
    gauge("cnpg_backends_waiting_total", "Connections that wait for others"),
    gauge("cnpg_backends_max_tx_duration_seconds", "Longest transaction", ["datname", "usename", "state"]),
    gauge("cnpg_pg_database_size_bytes", "Bytes of the database", database),
    gauge("cnpg_pg_database_xid_age", "Transactions since the oldest frozen one", database),
    gauge("cnpg_pg_postmaster_start_time", "When the server started, in seconds since 1970"),
    gauge("cnpg_pg_settings_setting", "Settings that are numbers", { name: ["max_connections"] }),
    counter("cnpg_pg_stat_database_xact_commit", "Commits", database),
    counter("cnpg_pg_stat_database_xact_rollback", "Rollbacks", database),
    counter("cnpg_pg_stat_database_blks_hit", "Blocks that were in memory", database),
    counter("cnpg_pg_stat_database_blks_read", "Blocks that were read from the disk", database),
    counter("cnpg_pg_stat_database_deadlocks", "Deadlocks", database),
    counter("cnpg_pg_stat_database_temp_bytes", "Bytes of temporary files", database),
    counter("cnpg_pg_stat_checkpointer_checkpoints_req", "Checkpoints that could not wait for their time"),
    counter("cnpg_pg_stat_checkpointer_checkpoints_timed", "Checkpoints in time"),
  ],
};

const pool = ["database", "user"];

const pgBouncer: Exporter = {
  program: "PgBouncer 1.25 as CloudNativePG 1.30 exports it",
  services: ["postgres"],
  source: "https://github.com/cloudnative-pg/cloudnative-pg/tree/main/pkg/management/pgbouncer/metricsserver",
  metrics: [
    gauge("cnpg_pgbouncer_last_collection_error", "1 when the last collection failed"),
    gauge("cnpg_pgbouncer_pools_cl_active", "Callers that have a connection to the server", pool),
    gauge("cnpg_pgbouncer_pools_cl_waiting", "Callers that wait for one", pool),
    gauge("cnpg_pgbouncer_pools_maxwait", "Seconds that the first of them has waited", pool),
    gauge("cnpg_pgbouncer_pools_sv_active", "Connections to the server that are in use", pool),
    gauge("cnpg_pgbouncer_pools_sv_idle", "Connections to the server that are free", pool),
    gauge("cnpg_pgbouncer_lists_used_clients", "Callers"),
    gauge("cnpg_pgbouncer_stats_total_query_count", "Statements since the start", ["database"]),
    gauge("cnpg_pgbouncer_stats_avg_query_time", "Mean microseconds of a statement", ["database"]),
    gauge("cnpg_pgbouncer_stats_avg_wait_time", "Microseconds of waiting for a connection, per second", ["database"]),
  ],
};

/** Names are group, type and name of the bean in small letters (metrics-reporter, YammerMetricWrapper). */
const kafka: Exporter = {
  program: "Strimzi 1.2, its metrics reporter",
  services: ["kafka", "kafka-controller"],
  source: "https://github.com/strimzi/metrics-reporter",
  metrics: [
    gauge("kafka_server_replicamanager_underreplicatedpartitions", "Partitions led here that lack a copy"),
    gauge("kafka_server_replicamanager_underminisrpartitioncount", "Partitions led here that refuse writes"),
    gauge("kafka_cluster_partition_underreplicated", "1 for a partition led here that lacks a copy", [
      "topic",
      "partition",
    ]),
    gauge("kafka_server_replicamanager_partitioncount", "Partitions with a copy here"),
    gauge("kafka_server_replicamanager_leadercount", "Partitions that are led here"),
    counter("kafka_server_replicamanager_isrshrinkspersec_total", "Copies that fell behind"),
    gauge("kafka_controller_kafkacontroller_activecontrollercount", "1 on the controller that decides"),
    gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions that nobody leads"),
    gauge("kafka_controller_kafkacontroller_activebrokercount", "Brokers that take part"),
    gauge("kafka_controller_kafkacontroller_fencedbrokercount", "Brokers that are known and do not take part"),
    counter("kafka_controller_controllerstats_uncleanleaderelectionspersec_total", "Leaders that lacked messages"),
    counter("kafka_server_brokertopicmetrics_messagesinpersec_total", "Messages that were written", ["topic"]),
    counter("kafka_server_brokertopicmetrics_bytesinpersec_total", "Bytes that were written", ["topic"]),
    counter("kafka_server_brokertopicmetrics_bytesoutpersec_total", "Bytes that were read", ["topic"]),
    counter("kafka_server_brokertopicmetrics_failedproducerequestspersec_total", "Writes that failed", ["topic"]),
    gauge("kafka_network_requestmetrics_totaltimems", "Milliseconds of requests by quantile", ["request", "quantile"]),
    counter("kafka_network_requestmetrics_totaltimems_count", "Requests", ["request"]),
    gauge("kafka_log_log_size", "Bytes of a partition's copy", ["topic", "partition"]),
    gauge("kafka_log_logmanager_offlinelogdirectorycount", "Volumes that failed"),
    gauge("jvm_memory_used_bytes", "Bytes of memory by area", { area: ["heap", "nonheap"] }),
    gauge("jvm_memory_max_bytes", "Most bytes of memory by area", { area: ["heap", "nonheap"] }),
    counter("jvm_gc_collection_seconds_sum", "Seconds that collections took", ["gc"]),
  ],
};

/** Exporters of the stores. */
export const storeExporters: readonly Exporter[] = [mysql, valkey, postgres, pgBouncer, kafka];
