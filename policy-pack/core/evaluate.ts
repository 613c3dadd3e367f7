/** Runs rules. Whatever a rule does, it is one finding: a crash of a rule never hides what the others found. */
import { type KubeObject, nameOf } from "../kube/objects.ts";
import { type PodTemplate, podTemplates } from "../kube/pods.ts";
import { Field } from "../kube/tree.ts";
import { type Cluster, clustersOf } from "./cluster.ts";
import { isOver, stateOf, withoutExempted } from "./exemptions.ts";
import type { Finding, Level } from "./finding.ts";
import { Reporter } from "./reporter.ts";
import type { ClusterRule, Family, PodRule, Rule } from "./rule.ts";
import { type CommonSettings, commonSchema, readSettings, type Schema } from "./settings.ts";

/** A family with the settings that hold for it. */
export interface ConfiguredFamily {
  family: Family;
  settings: CommonSettings;
  /** Today, as YYYY-MM-DD: exemptions and exceptions end. */
  today: string;
}

/** The family's own settings and those that all families share. */
export function schemaOf(family: Family): Schema<CommonSettings> {
  return { ...family.schema, ...commonSchema(family.rules.map((rule) => rule.id)) };
}

/** Reads what is written for a family. */
export function configure(
  family: Family,
  written: unknown,
  today: string,
): { configured: ConfiguredFamily; mistakes: string[] } {
  const { settings, mistakes } = readSettings(schemaOf(family), written, family.name);
  return { configured: { family, settings, today }, mistakes };
}

function levelOf(rule: Rule, settings: CommonSettings): Level | "disabled" {
  return settings.rules[rule.id] ?? rule.level;
}

// What the error says may hold a value of the object, so it is not repeated; its place in our code is what helps.
function crash(family: string, rule: Rule, object: KubeObject, error: unknown): Finding {
  const frame = error instanceof Error ? /\((?:.*\/)?(policy-pack\/[^)]+)\)/.exec(error.stack ?? "")?.[1] : undefined;
  return {
    family,
    rule: `${family}/${rule.id}`,
    verdict: "violated",
    level: "mandatory",
    object,
    path: "",
    message: `the rule crashed${frame === undefined ? "" : ` at ${frame}`}: a bug of the policy pack`,
    fix: "report it with the object's shape; until then, disable the rule or exempt the object",
    crashed: true,
  };
}

type Run = (rule: Rule, reporter: Reporter) => void;

function runRule(configured: ConfiguredFamily, rule: Rule, object: KubeObject | undefined, run: Run): Finding[] {
  const { family, settings } = configured;
  const level = levelOf(rule, settings);
  if (level === "disabled") return [];
  const reporter = new Reporter({
    family: family.name,
    rule,
    level,
    strict: settings.strict,
    today: configured.today,
    ...(object === undefined ? {} : { object }),
  });
  try {
    run(rule, reporter);
  } catch (error) {
    if (object === undefined) throw error;
    return [...reporter.findings(), crash(family.name, rule, object, error)];
  }
  return reporter.findings();
}

function runOnPod(configured: ConfiguredFamily, rule: Rule, pod: PodTemplate): Finding[] {
  if (rule.subject !== "pod") return [];
  const findings = runRule(configured, rule, pod.object, (_, reporter) => {
    rule.check(pod, reporter, configured.settings);
  });
  if (findings.length === 0 || rule.allowance === undefined) return findings;
  const state = stateOf(rule.allowance, pod.metadata, configured.today);
  if (state === undefined) return findings;
  return findings.flatMap((one) => {
    if (!mayBeExcused(one, rule, pod)) return [one];
    return state === "holds" ? [] : [{ ...one, message: `${one.message} (the pod's exception has ended)` }];
  });
}

function mayBeExcused({ path, crashed }: Finding, rule: PodRule<object>, { object }: PodTemplate): boolean {
  const { allowedKinds, allowedPaths } = rule;
  return crashed !== true && allowedKinds?.includes(object.kind) !== false && allowedPaths?.test(path) !== false;
}

/** What the rules about single objects and pods say about one object. */
export function evaluateObject(configured: ConfiguredFamily, object: KubeObject): Finding[] {
  const { family, settings, today } = configured;
  let pods: PodTemplate[] | undefined;
  const findings = family.rules.flatMap((rule) => {
    if (rule.subject === "pod") {
      pods ??= podTemplates(object);
      return pods.flatMap((pod) => runOnPod(configured, rule, pod));
    }
    if (rule.subject !== "object" || rule.kinds?.includes(object.kind) === false) return [];
    return runRule(configured, rule, object, (_, reporter) => {
      rule.check(object, reporter, settings);
    });
  });
  return withoutExempted(findings, settings.exemptions, today);
}

/** What one rule says about the objects of one cluster. */
export function evaluateCluster(configured: ConfiguredFamily, rule: ClusterRule<object>, cluster: Cluster): Finding[] {
  const { settings, today } = configured;
  const [first] = cluster.objects;
  if (first === undefined) return [];
  let findings: Finding[];
  try {
    findings = runRule(configured, rule, undefined, (_, reporter) => {
      rule.check(cluster, reporter, settings);
    });
  } catch (error) {
    findings = [crash(configured.family.name, rule, first, error)];
  }
  return withoutExempted(findings, settings.exemptions, today);
}

/** What the rules about whole clusters say about a stack, and the exemptions that have ended. */
export function evaluateStack(configured: ConfiguredFamily, objects: readonly KubeObject[]): Finding[] {
  const { family } = configured;
  const clusters = clustersOf(objects);
  const findings = family.rules.flatMap((rule) =>
    rule.subject === "cluster" ? clusters.flatMap((cluster) => evaluateCluster(configured, rule, cluster)) : [],
  );
  return [...findings, ...endedExemptions(configured, objects)];
}

function endedExemptions({ family, settings, today }: ConfiguredFamily, objects: readonly KubeObject[]): Finding[] {
  const [first] = objects;
  if (first === undefined) return [];
  return settings.exemptions
    .filter((one) => isOver(one.expires, today))
    .map((one) => ({
      family: family.name,
      rule: `${family.name}/ended-exemption`,
      verdict: "violated",
      level: "mandatory",
      object: objects.find((object) => nameOf(object) === one.name) ?? first,
      path: "",
      message: `the exemption from ${one.rule} for ${one.namespace}/${one.name} ended on ${one.expires}`,
      fix: "mend what it excused and remove it, or renew it with a reason",
    }));
}

/** Everything that all rules say about a stack. */
export function evaluate(families: readonly ConfiguredFamily[], objects: readonly KubeObject[]): Finding[] {
  return families.flatMap((configured) => [
    ...objects.flatMap((object) => evaluateObject(configured, object)),
    ...evaluateStack(configured, objects),
  ]);
}

/** A field that stands for an object as a whole. */
export function whole(object: KubeObject): Field {
  return new Field(object.root.value, "");
}
