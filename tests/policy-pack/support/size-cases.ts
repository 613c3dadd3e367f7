/** Pods, and what the pack expects them to come to. */
import assert from "node:assert/strict";
import { ownOverhead, podSize, withOverhead } from "../../../policy-pack/kube/pod-resources.ts";
import { parseQuantity } from "../../../policy-pack/kube/quantities.ts";
import { type ResourceList, readList } from "../../../policy-pack/kube/resource-lists.ts";
import { Field, toTree } from "../../../policy-pack/kube/tree.ts";
import { podOfSpec } from "./quota-stacks.ts";

type Sizes = Record<string, unknown>;

/** A pod and what it comes to. */
export interface SizeCase {
  name: string;
  spec: Record<string, unknown>;
  /** Defaults of a limit range. */
  defaults?: { requests?: Sizes; limits?: Sizes };
  requests: Sizes;
  limits?: Sizes;
}

/** A container that requests and limits so much. */
export function box(requests: unknown, limits?: unknown, more: object = {}): object {
  return { name: "box", resources: { requests, ...(limits === undefined ? {} : { limits }) }, ...more };
}

/** A sidecar that requests and limits so much. */
export function sidecar(requests: unknown, limits?: unknown): object {
  return box(requests, limits, { restartPolicy: "Always" });
}

function list(sizes: Sizes = {}): ResourceList {
  return readList(new Field(toTree(sizes)));
}

/** "2" and "2?" for an amount that is exact or at least so much. */
function shown(resources: ResourceList): Record<string, string> {
  const entries = [...resources.amounts].map(([name, { least, exact }]) => [name, `${least}${exact ? "" : "?"}`]);
  return Object.fromEntries(resources.open ? [...entries, ["*", "?"]] : entries);
}

function wanted(sizes: Sizes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sizes).map(([name, text]) => {
      if (name === "*") return [name, "?"];
      const [number = "", open = ""] = /^([^?]*)(\?)?$/.exec(String(text))?.slice(1) ?? [];
      return [name, `${parseQuantity(number)}${open}`];
    }),
  );
}

/** Holds the size of a pod against what is expected. */
export function checkSize({ spec, defaults, requests, limits = {} }: SizeCase): void {
  const pod = podOfSpec(spec);
  const given = defaults && { requests: list(defaults.requests), limits: list(defaults.limits) };
  const whole = withOverhead(podSize(pod, given === undefined ? {} : { defaults: given }), ownOverhead(pod));
  assert.deepEqual(shown(whole.requests), wanted(requests));
  assert.deepEqual(shown(whole.limits), wanted(limits));
}
