/** How a log line is read: where it comes from, how severe it is, and which trace and world it belongs to (OTTL). */
import { literal, statementText as text } from "../collector.ts";

/** Environment variable with the name of the agent's node. */
export const nodeVariable = "NODE_NAME";

/**
 * Attributes of the resource that become labels of a stream in Loki, each with few values. A pod, a world or a player among
 * them would make a stream, and so an index entry and a chunk in memory, for each. Everything else of a line is structured
 * metadata, which is searched and not indexed.
 */
export const streamAttributes = {
  namespace: "k8s.namespace.name",
  service: "service.name",
  container: "k8s.container.name",
  region: "game.region",
} as const;

/** The labels in Loki, which writes dots as underscores. */
export const streamLabels = {
  namespace: "k8s_namespace_name",
  service: "service_name",
  container: "k8s_container_name",
  region: "game_region",
} as const satisfies Record<keyof typeof streamAttributes, string>;

/** Attribute of a line with the world that it belongs to; structured metadata. */
export const worldAttribute = "game.world_id";

/** Letters and digits that Kubernetes makes random names of (apimachinery, util/rand). */
const random = "[bcdfghjklmnpqrstvwxz2456789]";

/**
 * What follows the name of a workload in the names of its pods: Deployment (hash and five), CronJob (minutes and five), Job
 * and DaemonSet (five), StatefulSet (ordinal).
 */
const podSuffix = `(?:-${random}{6,10}-${random}{5}|-\\d{8,10}-${random}{5}|-${random}{5}|-\\d+)`;

/** The container parser took namespace, pod and container from the path of the file: nothing asks the API server. */
export function resourceStatements(region: string): string[] {
  const service = `resource.attributes["${streamAttributes.service}"]`;
  return [
    `set(${service}, resource.attributes["k8s.pod.name"])`,
    // Static pods end with the name of their node.
    `replace_pattern(${service}, "-\${env:${nodeVariable}}${literal("$")}", "")`,
    `replace_pattern(${service}, ${text(`^(.+?)${podSuffix}$`)}, ${text("$1")})`,
    `set(resource.attributes["${streamAttributes.region}"], ${text(region)})`,
  ];
}

/** Names of a severity, the number that pino writes for it, and the letter that klog begins its lines with. */
const severities = {
  TRACE: { names: "trace|10" },
  DEBUG: { names: "debug|20" },
  INFO: { names: "info|information|notice|30", letter: "I" },
  WARN: { names: "warn|warning|40", letter: "W" },
  ERROR: { names: "err|error|50", letter: "E" },
  FATAL: { names: "fatal|critical|crit|panic|alert|emergency|60", letter: "F" },
} as const satisfies Record<string, { names: string; letter?: string }>;

const words = Object.values(severities)
  .flatMap(({ names }) => names.split("|").filter((name) => /[a-z]/.test(name)))
  .map((name) => name.toUpperCase())
  .join("|");

/** First of these fields of a JSON line that is there, in `log.cache["found"]`. */
function first(fields: readonly string[]): string[] {
  return fields.map(
    (field) => `set(log.cache["found"], log.cache["json"]["${field}"]) where log.cache["found"] == nil`,
  );
}

const isHex = (digits: number) => text(`^[0-9a-f]{${digits}}$`);

/**
 * Severity, trace and span from the fields of a JSON line, severity from the beginning of any other. The line itself stays
 * text: parsed, numbers of more than 53 bits would be rounded, and Loki reads JSON when it is asked.
 */
export function lineStatements(args: { gameNamespace: string; worlds: readonly string[] }): string[] {
  const found = `log.cache["found"]`;
  const json = `log.cache["json"]`;
  const world = `log.attributes["${worldAttribute}"]`;
  const pod = `resource.attributes["k8s.pod.name"]`;
  const ofWorlds = text(`^(?:${args.worlds.join("|")})-(?P<ordinal>\\d+)$`);
  return [
    `set(${json}, ParseJSON(log.body)) where IsMatch(log.body, ${text("^\\s*\\{")})`,
    ...first(["level", "severity", "lvl", "log.level", "levelname"]),
    // `level=warn`, or the first word in capitals near the beginning.
    `merge_maps(log.cache, ExtractPatterns(log.body, ${text('^.{0,80}?\\blevel="?(?P<found>\\w+)')}), "upsert") where ${json} == nil and ${found} == nil`,
    `merge_maps(log.cache, ExtractPatterns(log.body, ${text(`^.{0,80}?\\b(?P<found>${words})\\b`)}), "upsert") where ${json} == nil and ${found} == nil`,
    ...Object.entries(severities).flatMap(([severity, { names, ...rest }]) => [
      `set(log.severity_number, SEVERITY_NUMBER_${severity}) where ${found} != nil and IsMatch(${found}, ${text(`(?i)^(?:${names})$`)})`,
      ...("letter" in rest
        ? [
            `set(log.severity_number, SEVERITY_NUMBER_${severity}) where ${found} == nil and IsMatch(log.body, ${text(`^${rest.letter}\\d{4} \\d\\d:`)})`,
          ]
        : []),
      `set(log.severity_text, "${severity}") where log.severity_number == SEVERITY_NUMBER_${severity}`,
    ]),
    `set(log.trace_id.string, ${json}["trace_id"]) where ${json}["trace_id"] != nil and IsMatch(${json}["trace_id"], ${isHex(32)})`,
    `set(log.span_id.string, ${json}["span_id"]) where ${json}["span_id"] != nil and IsMatch(${json}["span_id"], ${isHex(16)})`,
    // A pod of a world is its world; other pods say which world they speak of.
    `set(${world}, ${json}["world_id"]) where ${json}["world_id"] != nil`,
    ...(args.worlds.length === 0
      ? []
      : [
          `merge_maps(log.cache, ExtractPatterns(${pod}, ${ofWorlds}), "upsert") where resource.attributes["${streamAttributes.namespace}"] == ${text(args.gameNamespace)}`,
          `set(${world}, log.cache["ordinal"]) where log.cache["ordinal"] != nil`,
        ]),
    // The path repeats what the resource says; the tag said whether the line was in one piece.
    `delete_key(log.attributes, "log.file.path")`,
    `delete_key(log.attributes, "logtag")`,
  ];
}
