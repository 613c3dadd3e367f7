/** The families as policies of the engine. What a rule is lives in `core/`; this only carries it across. */
import type {
  PolicyConfigSchema,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  StackValidationArgs,
} from "@pulumi/policy";
import { Cluster } from "./core/cluster.ts";
import {
  type ConfiguredFamily,
  configure,
  evaluateCluster,
  evaluateObject,
  evaluateStack,
  schemaOf,
} from "./core/evaluate.ts";
import type { Finding, Level } from "./core/finding.ts";
import type { ClusterRule, Family } from "./core/rule.ts";
import { findingText } from "./core/text.ts";
import { type KubeObject, origin, toObject } from "./kube/objects.ts";
import { Field, toTree } from "./kube/tree.ts";

/** A policy that looks at single resources and, at the end, at the stack. */
export interface FamilyPolicy {
  name: string;
  description: string;
  enforcementLevel: "mandatory" | "advisory";
  configSchema: PolicyConfigSchema;
  validateResource(args: ResourceValidationArgs, report: ReportViolation): void;
  validateStack(args: StackValidationArgs, report: ReportViolation): void;
}

/** The object form of a report, which the host takes and its types do not mention. */
type TellViolation = (violation: { message: string; urn?: string; enforcementLevel?: Level }) => void;

// A finding is never stronger than the family is set to be: it names a level only to be weaker, or when a rule crashed.
function tell(finding: Finding, report: ReportViolation, urn?: string): void {
  const named = finding.level === "advisory" || finding.crashed === true ? { enforcementLevel: finding.level } : {};
  (report as unknown as TellViolation)({
    message: findingText(finding),
    ...named,
    ...(urn === undefined ? {} : { urn }),
  });
}

// Two providers with the same target are one cluster. Where the target is unknown, the provider itself tells clusters apart.
function clusterOf(provider: PolicyResource["provider"]): string {
  if (provider === undefined) return "";
  const target = new Field(toTree(provider.props));
  const parts = ["kubeconfig", "context", "cluster"].map((key) => target.at(key));
  if (parts.some((part) => part.unknown) || parts.every((part) => part.absent)) return provider.urn;
  return parts.map((part) => part.text ?? "").join(" ");
}

function objectOf(
  resource: Pick<PolicyResource, "type" | "props" | "urn" | "opts" | "provider">,
): KubeObject | undefined {
  if (!resource.type.startsWith("kubernetes:")) return undefined;
  return toObject({
    type: resource.type,
    props: resource.props,
    source: resource.urn,
    cluster: clusterOf(resource.provider),
    options: { protect: resource.opts.protect, ignoreChanges: resource.opts.ignoreChanges },
  });
}

/** The policy of a family. `today` as YYYY-MM-DD. One process serves one operation, so what arrived is kept in it. */
export function familyPolicy(family: Family, today: string): FamilyPolicy {
  let configured: ConfiguredFamily | undefined;
  const arrivals = new Arrivals(family);
  const settle = (written: object, report: ReportViolation): ConfiguredFamily => {
    if (configured !== undefined) return configured;
    const read = configure(family, written, today);
    configured = read.configured;
    if (read.mistakes.length > 0) {
      report(`wrong configuration of the policy pack, so the defaults hold:\n  ${read.mistakes.join("\n  ")}`);
    }
    return configured;
  };
  return {
    name: family.name,
    description: family.title,
    enforcementLevel: family.level,
    configSchema: { properties: schemaOf(family) as unknown as PolicyConfigSchema["properties"] },
    validateResource(args, report) {
      const own = settle(args.getConfig(), report);
      const object = objectOf(args);
      if (object === undefined) return;
      for (const finding of evaluateObject(own, object)) tell(finding, report);
      for (const finding of arrivals.add(own, object)) tell(finding, report);
    },
    validateStack(args, report) {
      const own = settle(args.getConfig(), report);
      const objects = args.resources.map(objectOf).filter((object) => object !== undefined);
      for (const finding of evaluateStack(own, objects)) tell(finding, report, origin(finding.object).source);
    },
  };
}

/** What has arrived in this operation, for the rules that must speak before the rest is applied. */
class Arrivals {
  readonly #rules: readonly ClusterRule<object>[];
  readonly #kinds: ReadonlySet<string>;
  readonly #objects = new Map<string, KubeObject>();
  readonly #told = new Set<string>();

  constructor(family: Family) {
    this.#rules = family.rules.filter(
      (rule) => rule.subject === "cluster" && rule.arrivals !== undefined,
    ) as ClusterRule<object>[];
    this.#kinds = new Set(this.#rules.flatMap((rule) => rule.arrivals ?? []));
  }

  /** Violations that this object completes. What cannot be decided may be decided by what comes later: not told here. */
  add(configured: ConfiguredFamily, object: KubeObject): Finding[] {
    if (!this.#kinds.has(object.kind)) return [];
    // A second look at a resource takes the place of the first.
    this.#objects.set(object.source, object);
    const together = [...this.#objects.values()].filter((one) => one.cluster === object.cluster);
    const cluster = new Cluster(together);
    return this.#rules
      .filter((rule) => rule.arrivals?.includes(object.kind) === true)
      .flatMap((rule) => evaluateCluster(configured, rule, cluster))
      .filter((finding) => {
        const key = `${finding.rule} ${finding.object.source} ${finding.path}`;
        if (finding.verdict !== "violated" || this.#told.has(key)) return false;
        this.#told.add(key);
        return true;
      });
  }
}
