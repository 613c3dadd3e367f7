/** docs/metrics-contract.md: what the users' images tell monitoring, from the tables that rules and autoscalers read. */
import { adServices } from "../components/ads/workloads.ts";
import { seriesOf } from "../components/capacity/series.ts";
import { agentsNamespace, Cluster } from "../components/config/cluster.ts";
import { Monitoring } from "../components/config/monitoring.ts";
import { gameServerRow, serviceRows, worldRow } from "../components/game/workloads.ts";
import { type ContractMetric, contractMetrics, recordedMetrics } from "../components/kube/metrics.ts";
import { tracingEnvironment } from "../components/kube/tracing.ts";
import { longestLine } from "../components/monitoring/agent/agent-config.ts";
import { redacted } from "../components/monitoring/logs/redaction.ts";
import { scrapeIntervalSeconds } from "../components/monitoring/prometheus-plan.ts";

/** What exports a metric, as the contract names it. */
export type Exporting = ContractMetric["from"][number];

/** Rows of the platform whose images export the same. */
export interface ImageKind {
  title: string;
  /** Names of the rows, which are the values of the label `service`. */
  rows: readonly string[];
  from: readonly Exporting[];
}

/** Services of the game that have metrics of their own beside those of every service. */
const ownMetrics = ["auth", "matchmaking"] as const;

function service(key: (typeof ownMetrics)[number]): ImageKind {
  const rows = serviceRows.filter((row) => row.key === key).map((row) => row.name);
  return { title: "Service", rows, from: ["service", key] };
}

/** Every kind of image, in the order of the page. */
export function imageKinds(): ImageKind[] {
  const services = serviceRows
    .filter((row) => !ownMetrics.some((key) => key === row.key))
    .map((row): string => row.name);
  const [bidding, ads] = [true, false].map((bids) =>
    adServices.filter((row) => (row.key === "bidding") === bids).map((row) => row.name),
  );
  return [
    { title: "Worlds", rows: [worldRow.name], from: ["world"] },
    { title: "Game servers", rows: [gameServerRow.name], from: ["game-server"] },
    { title: "Services", rows: services, from: ["service"] },
    ...ownMetrics.map(service),
    { title: "Services of the ads", rows: ads ?? [], from: ["ads"] },
    { title: "Bids", rows: bidding ?? [], from: ["ads", "bidding"] },
  ];
}

/** What an image of a kind must export. */
export function metricsOf({ from }: Pick<ImageKind, "from">): ContractMetric[] {
  return Object.values<ContractMetric>(contractMetrics).filter((metric) =>
    metric.from.some((one) => from.includes(one)),
  );
}

/** What each recorded series is, and which autoscaler asks for it. */
const recorded: Readonly<Record<keyof typeof recordedMetrics, { about: string; scales: string }>> = {
  players: {
    about: "Players connected to all pods of a row",
    scales: "game servers: `game.gameServers.playersPerServer`",
  },
  responseTimeMs: {
    about: "Mean response time over two minutes in milliseconds; 0 where nobody asked",
    scales: "game servers, only with `game.gameServers.responseTimeMs`",
  },
  requests: {
    about: "Requests per second over two minutes; of bidding the bids",
    scales: "campaign, bidding, analytics: `requestsPerSecond` of the service",
  },
};

/** Parts of names of fields whose values are taken out of a log line. */
export const redactedNames = [
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "secret",
  "token",
  "authorization",
  "api_key",
  "access_key",
  "private_key",
  "credential",
  "cookie",
] as const;

function code(texts: readonly (string | number)[]): string {
  return texts.map((text) => `\`${text}\``).join(", ");
}

function table(header: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [header, header.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`);
}

function labelsOf({ labels }: ContractMetric): string {
  const all = Object.entries(labels).map(([label, values]) =>
    values.length === 0 ? `\`${label}\`` : `\`${label}\`: ${code(values)}`,
  );
  return all.join("; ");
}

function section(kind: ImageKind): string[] {
  return [
    `## ${kind.title}: ${kind.rows.join(", ")}`,
    "",
    ...table(
      ["metric", "type", "labels", "buckets up to", "what it is", "needed for"],
      metricsOf(kind).map((metric) => [
        `\`${metric.name}\``,
        metric.type,
        labelsOf(metric),
        (metric.buckets ?? []).join(", "),
        metric.about,
        metric.neededFor,
      ]),
    ),
    "",
  ];
}

/** Values that differ from pod to pod, by what stands for them on the page. */
const sample = { service: "NAME", region: "REGION", version: "VERSION" } as const;

function tracing(headPercent: number): string[] {
  const variables = tracingEnvironment({
    agentsNamespace: agentsNamespace(Cluster.parse({})),
    service: sample.service,
    region: sample.region,
    image: `image:${sample.version}`,
    headPercent,
    world: true,
  });
  return [
    "## Traces",
    "",
    "Every container of a world, game server or service gets these variables, which every OpenTelemetry SDK reads by itself:",
    "",
    ...table(
      ["variable", "value"],
      Object.entries(variables).map(([name, value]) => [`\`${name}\``, `\`${value}\``]),
    ),
    "",
    `${code([sample.service])} is the name of the row, ${code([sample.version])} the tag of the image, ${code([sample.region])} the name of the region. \`game.world_id\` is there`,
    "for worlds only. `OTEL_TRACES_SAMPLER_ARG` is `monitoring.tracing.headPercent` in parts of one; the namespace is",
    "`cluster.monitoringNamespace` with `-agents` behind it.",
    "",
    "- Send spans by OTLP to that address, the agent of the pod's own node. Workloads do not reach Jaeger itself.",
    "- Pass the context on, as SDKs do unless they are told otherwise: take W3C `traceparent` and `tracestate` from what comes",
    "  in, send them with every call that goes out, and as headers with messages to Kafka. Follow the decision that they bring.",
    "- Let the SDK batch, and never wait for it: a span that cannot be sent is dropped, a request is not.",
    "- A request that failed has a span with status `ERROR`. Such traces are all kept, like those that take longer than",
    "  `monitoring.tracing.slowMs`; of the others `monitoring.tracing.keepPercent`.",
    "- No secret and no player in an attribute: spans are not cleaned as lines of a log are.",
    "",
  ];
}

function logs(playerFields: readonly string[]): string[] {
  return [
    "## Logs",
    "",
    "One JSON object for each line on standard output. Files in `/app/logs` are read by nobody and go with the pod.",
    "",
    ...table(
      ["field", "what it is"],
      [
        [
          "`time`",
          "RFC 3339 with milliseconds, for people; logs are ordered by the time at which the line was written",
        ],
        [
          "`level`",
          "`trace`, `debug`, `info`, `warn`, `error`, `fatal`; the numbers of pino and `severity` are understood too",
        ],
        ["`msg`", "One sentence"],
        ["`trace_id`, `span_id`", "32 and 16 hexadecimal digits of the current span: the way from a line to its trace"],
        ["`world_id`", "World that the line speaks of; a world's own lines need it not, their pod says it"],
      ],
    ),
    "",
    `- No secret in a line. What slips through becomes \`${redacted}\` before the line leaves its node: values of fields`,
    `  whose names contain ${code(redactedNames)};`,
    "  bearer tokens, JSON Web Tokens, private keys, users and passwords in addresses, keys of AWS, GitHub, Slack and Google.",
    "  It is a net and no licence: a secret without a name looks like any other word.",
    `- Values of ${code(playerFields)} (\`monitoring.logs.playerFields\`) become`,
    "  a salted hash, the same for the same person in a region: use these names, and a person's lines can be followed without",
    "  knowing who it is. What stands in a sentence without its field's name is not found.",
    `- A line of more than ${longestLine / 1024} KiB becomes several.`,
    "",
  ];
}

/** Seconds that a page may take: one less than the shortest time between two scrapes. */
const pageSeconds = Math.min(...adServices.map(({ scrapeSeconds = scrapeIntervalSeconds }) => scrapeSeconds)) - 1;

const duties = [
  `- \`GET /metrics\` on the metrics port, 9090, answers in the Prometheus text format, without login, within ${pageSeconds} s, also while`,
  "  the process is overloaded or drains.",
  "- No label has a player, a session, a request, an address, or a path with an id in it: each value makes a series of its",
  `  own, and Prometheus is sized for ${seriesOf.port} series a page. \`PrometheusSeriesAbovePlan\` says when that is too few.`,
  "- Counters are there from the start at 0, with each value of a label whose values are listed: both `outcome`, every",
  "  `result`. A rate sees nothing of a series that first appears with its value, so the first failure would be missed. A",
  "  service without MySQL leaves its counter of broken connections at 0.",
  "- After a drain `/metrics` answers for 30 s from the moment at which the last player was moved or cut: two scrapes, or the",
  "  last count is never seen. The grace period has 30 s beyond the deadline and the last save.",
  "- The listed bounds, in seconds, are among the bounds of a histogram's buckets; others may be there. Bidding has one more,",
  "  equal to `budgetMs`: the alert compares a percentile with that number, and a percentile is no more exact than its bucket.",
  "  The objective counts bids up to the largest listed bound within it.",
  "- An image exports none of the labels `namespace`, `pod`, `container`, `service`, `region`. The first four are set where",
  "  pods are scraped, and an image's own are renamed to `exported_...`, where nobody looks; `region` is added where series",
  "  leave their region. Headings name the value of `service`.",
];

const without = [
  "**Without a metric** nothing is refused and no pod fails: its alerts stay silent and its panels empty, as the last column",
  "says. An autoscaler without its series takes that for a fault: it keeps the pods that there are and adds some when CPU asks",
  "for them, but sees neither players nor bids. `PlayersMetricMissing` tells of servers that are ready and do not say how many",
  "players they have, `TargetDown` and `TargetMissing` of pods that are not scraped at all.",
];

/** The page. */
export function metricsContract(): string {
  const { tracing: traces, logs: logging } = Monitoring.parse({});
  return [
    "# What an image tells monitoring",
    "",
    "Generated by `npm run docs` from components/kube/metrics.ts and components/kube/tracing.ts; do not edit. Autoscalers,",
    "alerts and dashboards take their names from the same tables. The rest of what an image must answer stands in",
    "[contract.md](contract.md).",
    "",
    "## Duties",
    "",
    ...duties,
    "",
    ...without,
    "",
    ...imageKinds().flatMap(section),
    "## Series that autoscalers ask for",
    "",
    "Recorded by Prometheus from the metrics above, one for each `namespace` and `service`, so that alerts and dashboards show",
    "exactly what scales. A Prometheus of your own (`cluster.prometheusUrl`) must have the same rules.",
    "",
    ...table(
      ["series", "what it is", "scales"],
      Object.entries(recorded).map(([key, { about, scales }]) => [
        `\`${recordedMetrics[key as keyof typeof recordedMetrics]}\``,
        about,
        scales,
      ]),
    ),
    "",
    ...tracing(traces.headPercent),
    ...logs(logging.playerFields),
  ].join("\n");
}
