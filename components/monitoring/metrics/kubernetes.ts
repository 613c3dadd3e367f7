/** What Kubernetes and its nodes export: kube-state-metrics, kubelet with cAdvisor, node-exporter. */
import type { Exporter } from "./exporter.ts";
import { counter, gauge, histogram } from "./metric.ts";

const autoscaler = ["namespace", "horizontalpodautoscaler"];
const deployment = ["namespace", "deployment"];
const statefulSet = ["namespace", "statefulset"];
const daemonSet = ["namespace", "daemonset"];
const pod = ["namespace", "pod"];
const container = ["namespace", "pod", "container"];
const cronJob = ["namespace", "cronjob"];
const job = ["namespace", "job_name"];
const claim = ["namespace", "persistentvolumeclaim"];

const kubeStateMetrics: Exporter = {
  program: "kube-state-metrics 2.20",
  services: ["kube-state-metrics"],
  source: "https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics",
  metrics: [
    gauge("kube_horizontalpodautoscaler_spec_min_replicas", "Fewest replicas", autoscaler),
    gauge("kube_horizontalpodautoscaler_spec_max_replicas", "Most replicas", autoscaler),
    gauge("kube_horizontalpodautoscaler_status_current_replicas", "Replicas that there are", autoscaler),
    gauge("kube_horizontalpodautoscaler_status_desired_replicas", "Replicas that the autoscaler asks for", autoscaler),
    gauge("kube_horizontalpodautoscaler_spec_target_metric", "Values that the autoscaler holds", [
      ...autoscaler,
      "metric_name",
      "metric_target_type",
    ]),
    gauge("kube_horizontalpodautoscaler_status_target_metric", "Values that the autoscaler sees", [
      ...autoscaler,
      "metric_name",
      "metric_target_type",
    ]),
    gauge("kube_horizontalpodautoscaler_status_condition", "1 for the status of each condition", {
      namespace: [],
      horizontalpodautoscaler: [],
      condition: ["AbleToScale", "ScalingActive", "ScalingLimited"],
      status: ["true", "false", "unknown"],
    }),
    gauge("kube_deployment_spec_replicas", "Replicas that there should be", deployment),
    gauge("kube_deployment_status_replicas", "Replicas that there are", deployment),
    gauge("kube_deployment_status_replicas_available", "Replicas that have been ready for long enough", deployment),
    gauge("kube_deployment_status_replicas_updated", "Replicas of the newest revision", deployment),
    gauge("kube_deployment_status_observed_generation", "Generation that its controller has seen", deployment),
    gauge("kube_deployment_metadata_generation", "Generation that was asked for", deployment),
    gauge("kube_deployment_status_condition", "1 for the status of each condition", {
      namespace: [],
      deployment: [],
      condition: ["Available", "Progressing", "ReplicaFailure"],
      status: ["true", "false", "unknown"],
    }),
    gauge("kube_statefulset_replicas", "Replicas that there should be", statefulSet),
    gauge("kube_statefulset_status_replicas", "Replicas that there are", statefulSet),
    gauge("kube_statefulset_status_replicas_ready", "Replicas that are ready", statefulSet),
    gauge("kube_statefulset_status_replicas_updated", "Replicas of the newest revision", statefulSet),
    gauge("kube_statefulset_status_current_revision", "1, with the revision before", [...statefulSet, "revision"]),
    gauge("kube_statefulset_status_update_revision", "1, with the newest revision", [...statefulSet, "revision"]),
    gauge("kube_daemonset_status_desired_number_scheduled", "Nodes that should run a pod", daemonSet),
    gauge("kube_daemonset_status_number_ready", "Nodes whose pod is ready", daemonSet),
    gauge("kube_daemonset_status_updated_number_scheduled", "Nodes with a pod of the newest revision", daemonSet),
    gauge("kube_pod_info", "1 for each pod", [
      ...pod,
      "node",
      "host_ip",
      "pod_ip",
      "created_by_kind",
      "created_by_name",
    ]),
    gauge("kube_pod_created", "When the pod was made, in seconds since 1970", pod),
    gauge("kube_pod_deletion_timestamp", "When the pod was told to end, in seconds since 1970", pod),
    gauge("kube_pod_status_phase", "1 for the phase that the pod is in", {
      namespace: [],
      pod: [],
      phase: ["Pending", "Running", "Succeeded", "Failed", "Unknown"],
    }),
    gauge("kube_pod_status_ready", "1 for the readiness that the pod has", { condition: ["true", "false", "unknown"] }),
    gauge("kube_pod_status_reason", "1 for the reason of the pod's state", { reason: ["Evicted", "NodeLost"] }),
    gauge("kube_pod_container_status_restarts_total", "Restarts of the container; a counter by nature", container),
    gauge("kube_pod_container_status_ready", "1 while the container is ready", container),
    gauge("kube_pod_container_status_running", "1 while the container runs", container),
    gauge("kube_pod_container_status_waiting_reason", "1 for the reason why the container waits", {
      namespace: [],
      pod: [],
      container: [],
      reason: ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError"],
    }),
    gauge("kube_pod_container_status_last_terminated_reason", "1 for the reason why it ended last", {
      namespace: [],
      pod: [],
      container: [],
      reason: ["OOMKilled", "Error", "Completed"],
    }),
    gauge("kube_pod_container_resource_requests", "Request in cores or bytes", [
      ...container,
      "resource",
      "unit",
      "node",
    ]),
    gauge("kube_pod_container_resource_limits", "Limit in cores or bytes", [...container, "resource", "unit", "node"]),
    gauge("kube_pod_spec_volumes_persistentvolumeclaims_info", "1 for each claim of a pod", [
      ...pod,
      "volume",
      "persistentvolumeclaim",
    ]),
    gauge("kube_cronjob_created", "When the job was made, in seconds since 1970", cronJob),
    gauge("kube_cronjob_spec_suspend", "1 while the job is not to be started", cronJob),
    gauge("kube_cronjob_status_active", "Runs that go on now", cronJob),
    gauge("kube_cronjob_status_last_schedule_time", "When it was started last, in seconds since 1970", cronJob),
    gauge("kube_cronjob_status_last_successful_time", "When it last succeeded, in seconds since 1970", cronJob),
    gauge("kube_job_status_failed", "Pods of the run that failed", job),
    gauge("kube_job_status_succeeded", "Pods of the run that succeeded", job),
    gauge("kube_job_status_start_time", "When the run began, in seconds since 1970", job),
    gauge("kube_job_status_completion_time", "When the run ended well, in seconds since 1970", job),
    gauge("kube_job_owner", "1 for the owner of the run", [...job, "owner_kind", "owner_name"]),
    gauge("kube_resourcequota", "Limit of a quota and its use", {
      namespace: [],
      resourcequota: [],
      resource: [],
      type: ["hard", "used"],
    }),
    gauge("kube_node_info", "1 for each node", ["node", "kubelet_version", "kernel_version", "os_image"]),
    gauge("kube_node_labels", "1 for each node; its labels as far as kube-state-metrics is told to show them", [
      "node",
    ]),
    gauge("kube_node_spec_unschedulable", "1 while the node takes no more pods", ["node"]),
    gauge("kube_node_spec_taint", "1 for each taint", ["node", "key", "value", "effect"]),
    gauge("kube_node_status_allocatable", "What pods may have, in cores, bytes or pods", ["node", "resource", "unit"]),
    gauge("kube_node_status_capacity", "What the node has, in cores, bytes or pods", ["node", "resource", "unit"]),
    gauge("kube_node_status_condition", "1 for the status of each condition", {
      node: [],
      condition: ["Ready", "DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable"],
      status: ["true", "false", "unknown"],
    }),
    gauge("kube_persistentvolumeclaim_info", "1 for each claim", [...claim, "storageclass", "volumename"]),
    gauge("kube_persistentvolumeclaim_status_phase", "1 for the phase that the claim is in", {
      namespace: [],
      persistentvolumeclaim: [],
      phase: ["Pending", "Bound", "Lost"],
    }),
    gauge("kube_persistentvolumeclaim_resource_requests_storage_bytes", "Size that was asked for, in bytes", claim),
    gauge("kube_poddisruptionbudget_status_pod_disruptions_allowed", "Pods that may be taken now", [
      "namespace",
      "poddisruptionbudget",
    ]),
  ],
};

const onNode = [...container, "node"];

const kubelet: Exporter = {
  program: "kubelet 1.36 with cAdvisor",
  services: ["kubelet"],
  source: "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md",
  metrics: [
    counter("container_cpu_usage_seconds_total", "Seconds of CPU that the container used", onNode),
    counter("container_cpu_cfs_periods_total", "Spans of 100 ms in which the container had work to do", onNode),
    counter("container_cpu_cfs_throttled_periods_total", "Such spans in which its limit held it up", onNode),
    gauge(
      "container_memory_working_set_bytes",
      "Memory that cannot be taken back: what the limit is held against",
      onNode,
    ),
    gauge("container_memory_rss", "Memory without the page cache, in bytes", onNode),
    counter("container_oom_events_total", "Times that the kernel killed for memory", onNode),
    counter("container_network_receive_bytes_total", "Bytes that the pod received", [...pod, "interface"]),
    counter("container_network_transmit_bytes_total", "Bytes that the pod sent", [...pod, "interface"]),
    counter("container_fs_reads_bytes_total", "Bytes read from disks", [...container, "device"]),
    counter("container_fs_writes_bytes_total", "Bytes written to disks", [...container, "device"]),
    gauge("machine_cpu_cores", "Cores of the node", ["node"]),
    gauge("machine_memory_bytes", "Memory of the node", ["node"]),
    gauge("kubelet_running_pods", "Pods that run on the node", ["node"]),
    gauge("kubelet_volume_stats_available_bytes", "Bytes that are free on the volume", claim),
    gauge("kubelet_volume_stats_capacity_bytes", "Bytes of the volume", claim),
    gauge("kubelet_volume_stats_used_bytes", "Bytes that are taken on the volume", claim),
    gauge("kubelet_volume_stats_inodes", "Files that the volume can have", claim),
    gauge("kubelet_volume_stats_inodes_used", "Files that the volume has", claim),
    histogram("kubelet_pod_start_duration_seconds", "Seconds from seeing a pod to running it"),
  ],
};

const fileSystem = ["device", "fstype", "mountpoint"];

const nodeExporter: Exporter = {
  program: "node-exporter 1.12",
  services: ["node-exporter"],
  source: "https://github.com/prometheus/node_exporter/tree/master/collector",
  metrics: [
    counter("node_cpu_seconds_total", "Seconds of each core by what it did", {
      cpu: [],
      mode: ["idle", "iowait", "steal"],
    }),
    gauge("node_load1", "Processes that run or wait to run, over a minute"),
    gauge("node_memory_MemTotal_bytes", "Memory of the node"),
    gauge("node_memory_MemAvailable_bytes", "Memory that programs could have without swapping"),
    gauge("node_filesystem_size_bytes", "Bytes of the file system", fileSystem),
    gauge("node_filesystem_avail_bytes", "Bytes that are free on the file system", fileSystem),
    counter("node_disk_io_time_seconds_total", "Seconds in which the disk was busy", ["device"]),
    counter("node_disk_read_bytes_total", "Bytes read", ["device"]),
    counter("node_disk_written_bytes_total", "Bytes written", ["device"]),
    counter("node_network_receive_bytes_total", "Bytes received", ["device"]),
    counter("node_network_transmit_bytes_total", "Bytes sent", ["device"]),
    counter("node_network_receive_drop_total", "Packets that were dropped on arrival", ["device"]),
    gauge("node_nf_conntrack_entries", "Connections that the kernel keeps track of"),
    gauge("node_nf_conntrack_entries_limit", "Connections that it can keep track of"),
    counter("node_pressure_cpu_waiting_seconds_total", "Seconds in which some process waited for CPU"),
    counter("node_pressure_memory_waiting_seconds_total", "Seconds in which some process waited for memory"),
    gauge("node_timex_offset_seconds", "Seconds between the clock and its source"),
    gauge("node_timex_sync_status", "1 while the clock follows a source"),
    gauge("node_timex_maxerror_seconds", "Seconds that the clock may be wrong at most; the kernel ends at 16"),
    gauge("node_boot_time_seconds", "When the node started, in seconds since 1970"),
  ],
};

/** Exporters of the cluster itself. */
export const kubernetesExporters: readonly Exporter[] = [kubeStateMetrics, kubelet, nodeExporter];
