/**
 * What a workload's container gets to send its traces: the variables that every OpenTelemetry SDK reads
 * (opentelemetry.io, "Environment Variable Specification"). Plain values and `$(NAME)`, which kubelet fills in.
 */

/** Arguments of `tracingEnvironment`. */
export interface TracingEnvironmentArgs {
  /** Namespace of the collector's agents. */
  agentsNamespace: string;
  /** `service.name` of its spans: the name of its row. */
  service: string;
  region: string;
  image: string;
  /** Requests in percent that a trace is begun for; see `monitoring.tracing.headPercent`. */
  headPercent: number;
  /** Whether the container has the variable WORLD_ID. It must stand before these in `env`: kubelet looks back only. */
  world?: boolean;
}

/** The collector's agent as its callers see it: Service and label `app` of its pods, and the ports of OTLP. */
export const traceAgent = { name: "otel-agent", ports: { grpc: 4317, http: 4318 } } as const;

/** What stands for a version where an image names none. */
export const unknownVersion = "unknown";

/**
 * The version that an image names: its tag, without one the beginning of its digest. `registry:5000/team/game:1.2.3@sha256:…`
 * is 1.2.3.
 */
export function imageVersion(image: string): string {
  const [reference = "", digest] = image.split("@");
  // A colon before the last slash belongs to the port of a registry.
  const tag = reference.slice(reference.lastIndexOf("/") + 1).split(":")[1];
  if (tag !== undefined && tag !== "") return tag;
  return digest === undefined ? unknownVersion : digest.slice(0, "sha256:".length + 12);
}

/** A value of OTEL_RESOURCE_ATTRIBUTES: what separates the pairs is percent-encoded (W3C Baggage). */
function encoded(value: string): string {
  return value.replaceAll(/[%,;=\s"\\]/g, encodeURIComponent);
}

/** The variables of a container. */
export function tracingEnvironment(args: TracingEnvironmentArgs): Record<string, string> {
  const attributes = {
    "game.region": encoded(args.region),
    ...(args.world ? { "game.world_id": "$(WORLD_ID)" } : {}),
    "service.version": encoded(imageVersion(args.image)),
  };
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${traceAgent.name}.${args.agentsNamespace}.svc:${traceAgent.ports.grpc}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: String(args.headPercent / 100),
    // Metrics are scraped and logs are read from the node; the agent would refuse both.
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_SERVICE_NAME: args.service,
    OTEL_RESOURCE_ATTRIBUTES: Object.entries(attributes)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  };
}
