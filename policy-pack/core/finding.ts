/** What rules say about objects. */
import type { KubeObject } from "../kube/objects.ts";

/** A rule is broken, or a value that a preview does not know decides whether it is. */
export type Verdict = "violated" | "undecidable";

/** `mandatory` stops a preview and an `up`, `advisory` is told only. */
export type Level = "mandatory" | "advisory";

/** One thing that one rule has to say about one place. */
export interface Finding {
  family: string;
  /** `family/rule`. */
  rule: string;
  verdict: Verdict;
  level: Level;
  object: KubeObject;
  /** Path within the object, for example `spec.template.spec.containers[0].image`; "" for the object as a whole. */
  path: string;
  /** What is wrong. Never holds a value of a Secret, a ConfigMap, an environment variable or an annotation. */
  message: string;
  /** What to do about it. */
  fix: string;
  /** The rule itself failed: a bug of the pack, told at its full level whatever the family is set to. */
  crashed?: true;
}

/** An excuse, with a reason and an end. */
export interface Exemption {
  /** `rule` of the family that is configured, or `*`. */
  rule: string;
  /** Namespace of the object, or `*`; cluster-wide objects have none and match `*` alone. */
  namespace: string;
  /** Name of the object, or `*`. */
  name: string;
  /** Kind of the object; any when absent. */
  kind?: string;
  reason: string;
  /** Last day on which it holds, as YYYY-MM-DD. */
  expires: string;
}
