/** alertmanager.yml of one region: who is told of what, how often, and what is kept quiet because of what. */
import type { MonitoringConfig } from "../config/monitoring.ts";
import type { ReceiverConfig } from "../config/monitoring-receivers.ts";

type ReceiverName = keyof MonitoringConfig["receivers"];

/** Where the operator mounts the Secrets that an Alertmanager names (prometheus-operator, Alertmanager `spec.secrets`). */
const secretsFolder = "/etc/alertmanager/secrets";

/**
 * What makes one message. With the region, since PagerDuty knows a group by these values: without it, two regions would
 * share one incident, and the first that is well again would close it for both.
 */
const groupBy = ["region", "alertname", "namespace", "service"] as const;

/** Alerts of one message that are written out; a fleet has hundreds of pods, and nobody reads the eleventh. */
const writtenOut = 10;

/**
 * Who is told, and when. Times are judgement, from the interval of evaluation of 15 s:
 * - a page waits one evaluation, so that pods which fail together wake somebody once; it comes again after an hour, since
 *   a page that nobody took must not be forgotten for the night;
 * - chat waits a minute, so that a critical alert which follows at once has silenced its warning; it comes again after 12
 *   hours, once in a working day;
 * - new alerts of a known group wait for five minutes, Alertmanager's own default;
 * - what happens where nobody plays or pays, such as staging, wakes nobody, whatever its severity;
 * - the heartbeat goes out at once and then every two to three minutes: the service that expects it is told "every few
 *   minutes", and one lost call must not count.
 */
function routeOf(quietNamespaces: readonly string[]) {
  return {
    // Also for what no route below names, such as a severity that is misspelt: read late is better than never.
    receiver: "chat",
    group_by: [...groupBy],
    group_wait: "1m",
    group_interval: "5m",
    repeat_interval: "12h",
    routes: [
      {
        matchers: ['alertname="Watchdog"'],
        receiver: "heartbeat",
        group_wait: "0s",
        group_interval: "1m",
        repeat_interval: "2m",
      },
      ...(quietNamespaces.length === 0
        ? []
        : [{ matchers: [`namespace=~"${quietNamespaces.join("|")}"`], receiver: "chat" }]),
      {
        matchers: ['severity="critical"'],
        receiver: "page",
        group_wait: "15s",
        repeat_interval: "1h",
        // The chat has the whole story; the page only wakes somebody.
        continue: true,
      },
      { matchers: ['severity=~"critical|warning"'], receiver: "chat" },
    ],
  };
}

/**
 * What is kept quiet. Labels that both lack count as equal, so each rule asks for the labels that it compares where they
 * may be absent. Nothing is silenced by a target that is not scraped: a store may be down as well as unseen, and the
 * alert which says so is the one that people need.
 */
const inhibitRules = [
  {
    // For alerts that people give two thresholds; those that ship have one severity each.
    source_matchers: ['severity="critical"'],
    target_matchers: ['severity="warning"'],
    equal: [...groupBy],
  },
  {
    // Only alerts that name their node: those on the node itself. Alerts on pods say which pod, never where it runs, so
    // what its pods say is heard as well.
    source_matchers: ['alertname="NodeNotReady"', 'node!=""'],
    target_matchers: ['severity="warning"', 'node!=""'],
    equal: ["region", "node"],
  },
  {
    // A budget that burns fast burns slowly too.
    source_matchers: ['severity="critical"', 'objective!=""'],
    target_matchers: ['severity="warning"', 'objective!=""'],
    equal: ["region", "namespace", "objective"],
  },
];

/** Title of a message. The region is written in: an alert that lost its label must still say where. */
function title(region: string): string {
  return [
    `[${region}] {{ .Status | toUpper }}`,
    "{{ with .CommonLabels.severity }} {{ . }}{{ end }}",
    ": {{ .GroupLabels.alertname }}",
    "{{ with .GroupLabels.namespace }} in {{ . }}{{ end }}",
    "{{ with .GroupLabels.service }}, {{ . }}{{ end }}",
  ].join("");
}

/** Body of a message: what is wrong, what it means, what to do, for each alert. */
const body = [
  `{{ range $index, $alert := .Alerts }}{{ if lt $index ${writtenOut} }}`,
  "{{ .Status }} {{ .Labels.severity }}: {{ .Annotations.summary }}\n",
  "{{ .Annotations.description }}\n",
  "Runbook: {{ .Annotations.runbook_url }}\n\n",
  "{{ end }}{{ end }}",
  `{{ if gt (len .Alerts) ${writtenOut} }}{{ len .Alerts }} alerts in all{{ end }}`,
].join("");

/** The integration of a receiver. Its secret is read from a file at the time of each message, so it may change at any time. */
function integration(name: ReceiverName, config: ReceiverConfig, region: string) {
  const file = `${secretsFolder}/${config.secretName}/${config.key}`;
  switch (config.kind) {
    case "webhook":
      return { webhook_configs: [{ url_file: file, send_resolved: name === "chat" }] };
    case "slack":
      return {
        slack_configs: [
          {
            api_url_file: file,
            channel: config.channel,
            send_resolved: name === "chat",
            title: title(region),
            text: body,
            fallback: title(region),
          },
        ],
      };
    case "pagerduty":
      return {
        pagerduty_configs: [
          {
            routing_key_file: file,
            // An incident is closed by it; a human is not woken to hear that all is well.
            send_resolved: name !== "heartbeat",
            description: title(region),
            severity: '{{ if eq .CommonLabels.severity "warning" }}warning{{ else }}critical{{ end }}',
            details: {
              region,
              severity: "{{ .CommonLabels.severity }}",
              summary: "{{ (index .Alerts 0).Annotations.summary }}",
              description: "{{ (index .Alerts 0).Annotations.description }}",
              runbook: "{{ (index .Alerts 0).Annotations.runbook_url }}",
              alerts: body,
            },
          },
        ],
      };
  }
}

/** Names of receivers, which are those of `monitoring.receivers`. */
const receiverNames: readonly ReceiverName[] = ["page", "chat", "heartbeat"];

/**
 * alertmanager.yml of a region, for Alertmanager 0.26 and newer, the first that reads the address of a webhook from a
 * file. It holds no secret: each is read from a file below /etc/alertmanager/secrets. Who is not configured becomes a
 * receiver that tells nobody; see `receiverWarnings`.
 */
export function alertmanagerConfig(
  monitoring: MonitoringConfig,
  { region, quietNamespaces }: { region: string; quietNamespaces: readonly string[] },
) {
  return {
    route: routeOf(quietNamespaces),
    inhibit_rules: inhibitRules,
    receivers: receiverNames.map((name) => {
      const config = monitoring.receivers[name];
      return { name, ...(config === undefined ? {} : integration(name, config, region)) };
    }),
  };
}

/** Names of the Secrets that alertmanager.yml reads, for `spec.secrets` of the Alertmanager. */
export function alertmanagerSecrets(monitoring: MonitoringConfig): string[] {
  const names = receiverNames.flatMap((name) => monitoring.receivers[name]?.secretName ?? []);
  return [...new Set(names)].sort();
}

/** One sentence for each receiver that tells nobody, or tells people what only a machine should hear. */
export function receiverWarnings(monitoring: MonitoringConfig): string[] {
  const { page, chat, heartbeat } = monitoring.receivers;
  return [
    ...(page ? [] : ["monitoring.receivers.page is not set: a critical alert wakes nobody"]),
    ...(chat ? [] : ["monitoring.receivers.chat is not set: nobody reads warnings, nor that an alert has ended"]),
    ...(heartbeat
      ? []
      : ["monitoring.receivers.heartbeat is not set: when Prometheus or Alertmanager stops, nobody is told"]),
    ...(heartbeat && heartbeat.kind !== "webhook"
      ? [
          `monitoring.receivers.heartbeat is of kind ${heartbeat.kind}, where a call says that something is wrong: people are told every few minutes that all is well`,
        ]
      : []),
  ];
}
