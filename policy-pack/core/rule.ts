/** What a rule is. A rule says what it wants, why, and proves it with cases that stand beside it. */
import type { KubeObject } from "../kube/objects.ts";
import type { Container, PodTemplate } from "../kube/pods.ts";
import type { Field, Tree } from "../kube/tree.ts";
import type { Cluster } from "./cluster.ts";
import type { Level, Verdict } from "./finding.ts";
import type { Schema } from "./settings.ts";

/** What a rule says its findings to. Places that an exemption covers are dropped behind it. */
export interface Report {
  /** The day of the run, as YYYY-MM-DD, for what ends on a day. */
  readonly today: string;
  /** The place breaks the rule. `message` says what, without the value where that may be secret. */
  violated(at: Place, message: string): void;
  /** The place decides, and a preview does not know its value. */
  undecidable(at: Place, message?: string): void;
  /**
   * Violated unless `allowed` accepts the value, undecidable where it is unknown. `allowed` gets undefined for absent
   * and null. What is absent from a `*Patch` may be in the cluster, so absence breaks nothing there.
   */
  check(at: Place, allowed: (value: Tree) => boolean, message: string): void;
}

/** A field, with the container or the object that it belongs to where the rule's subject does not say it. */
export type Place = Field | { field: Field; container?: Container; object?: KubeObject };

/** A plain Kubernetes object, as in YAML. */
export type Manifest = { readonly [key: string]: unknown };

/** Objects that a rule accepts. */
export interface GoodCase<S> {
  /** What is special about it, as a sentence without a full stop. */
  name: string;
  objects: readonly Manifest[];
  settings?: Partial<S>;
}

/** Objects that a rule refuses: exactly these places, by this rule. */
export interface BadCase<S> extends GoodCase<S> {
  expect: readonly ExpectedFinding[];
}

/** One finding that a case must give. */
export interface ExpectedFinding {
  path: string;
  verdict?: Verdict;
  /** Id of another rule of the family that the same objects break; the case's own rule when absent. */
  rule?: string;
}

interface RuleBase<S> {
  /** Unique in the family, kebab case; stable, since people name it in exemptions. */
  id: string;
  /** What it wants, as one sentence. */
  title: string;
  /** What goes wrong without it. */
  why: string;
  /** What to do when it complains. */
  fix: string;
  level: Level;
  good: readonly GoodCase<S>[];
  bad: readonly BadCase<S>[];
}

/** A rule about each pod, however it arrives. */
export interface PodRule<S> extends RuleBase<S> {
  subject: "pod";
  /** Name by which a pod's own annotation excuses it, for example `writable-root-filesystem`; none when absent. */
  allowance?: string;
  /** Kinds whose pods may be excused by it; all when absent. */
  allowedKinds?: readonly string[];
  /** Paths of what it excuses, where the rule looks at more than that; everything when absent. */
  allowedPaths?: RegExp;
  check(pod: PodTemplate, report: Report, settings: S): void;
}

/** A rule about each object of some kinds. */
export interface ObjectRule<S> extends RuleBase<S> {
  subject: "object";
  /** Kinds that the rule reads; all when absent. */
  kinds?: readonly string[];
  check(object: KubeObject, report: Report, settings: S): void;
}

/** A rule about the objects of one cluster together. It runs once, when all of them are known. */
export interface ClusterRule<S> extends RuleBase<S> {
  subject: "cluster";
  /**
   * Kinds whose arrival can break the rule. An engine that sees one object at a time then asks the rule again after each
   * of them, over what it has seen so far: that blocks before the rest is applied.
   */
  arrivals?: readonly string[];
  check(cluster: Cluster, report: Report, settings: S): void;
}

/** Any rule. */
export type Rule<S = object> = PodRule<S> | ObjectRule<S> | ClusterRule<S>;

/** Rules that share a subject, a setting and a declared policy of the pack. */
export interface Family<S = object> {
  /** Name of the declared policy, kebab case. */
  name: string;
  title: string;
  level: Level;
  /** The family's own settings, with their defaults. */
  schema: Schema<S>;
  rules: readonly Rule<S>[];
}
