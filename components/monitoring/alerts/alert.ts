/** Rules of Prometheus as data: alerts and recordings, and the groups that they are evaluated in. */

/** Severities: `critical` wakes somebody, `warning` is read in the morning, `none` is for the dead man's switch. */
export type Severity = "critical" | "warning" | "none";

/** An alert. Labels of its series must be named in `summary`, so that a tired person knows where. */
export interface Alert {
  /** CamelCase name. */
  alert: string;
  /** PromQL; fires for each series that it answers. */
  expression: string;
  /** Seconds that it must hold before it fires. */
  forSeconds: number;
  severity: Severity;
  /** One sentence: what is wrong, where. Template of Prometheus. */
  summary: string;
  /** What it means for players or bids, with the number. Template of Prometheus. */
  description: string;
  /** File name below docs/runbooks, without `.md`. */
  runbook: string;
  /** Labels beside `severity`. */
  labels?: Readonly<Record<string, string>>;
}

/** A series that a rule makes. */
export interface Recording {
  record: string;
  expression: string;
  labels?: Readonly<Record<string, string>>;
}

/** Rules that are evaluated one after the other, so that each sees what those before it made. */
export interface RuleGroup {
  /** Unique among all groups. */
  name: string;
  rules: readonly (Alert | Recording)[];
}

/** A duration as PromQL writes it: 90 -> "90s", 300 -> "5m". */
export function promDuration(seconds: number): string {
  const unit = (
    [
      ["d", 86_400],
      ["h", 3600],
      ["m", 60],
    ] as const
  ).find(([, size]) => seconds > 0 && seconds % size === 0);
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`;
}

/** True for an alert, false for a recording. */
export function isAlert(rule: Alert | Recording): rule is Alert {
  return "alert" in rule;
}

/** Groups as a rule file of Prometheus, which is the `spec` of a PrometheusRule too. `runbooks` begins their addresses. */
export function ruleFile(groups: readonly RuleGroup[], runbooks: string) {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) =>
        isAlert(rule)
          ? {
              alert: rule.alert,
              expr: rule.expression,
              for: promDuration(rule.forSeconds),
              labels: { severity: rule.severity, ...rule.labels },
              annotations: {
                summary: rule.summary,
                description: rule.description,
                runbook_url: `${runbooks}/${rule.runbook}.md`,
              },
            }
          : { record: rule.record, expr: rule.expression, ...(rule.labels ? { labels: { ...rule.labels } } : {}) },
      ),
    })),
  };
}
