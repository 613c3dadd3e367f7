/** A workload that an operator makes of a custom resource, as an object like those of the stack. */
import type { KubeObject } from "./objects.ts";
import { Field, type Tree, unknown } from "./tree.ts";

/** What is known of a workload that an operator will make. */
export interface Made {
  kind: "StatefulSet" | "Deployment";
  /** Text after the name of the resource. */
  suffix: string;
  /** How a Deployment replaces its pods; the API's default when absent. */
  strategy?: Tree;
  /** Name where it does not begin with that of the resource. */
  name?: Tree;
  replicas: Tree;
  labels: readonly Field[];
  ownLabels: Readonly<Record<string, Tree>>;
  annotations?: Field;
  /** Specification of the pods. */
  spec: Tree;
  /** Specifications of the claims of each pod; `unknown` where it is not known yet whether there are any. */
  claims?: readonly Tree[] | typeof unknown;
}

/** A mapping of the tree. */
export type Mapping = { [key: string]: Tree };

/** A mapping in which every key is a key like any other. */
export function mapping(entries: Readonly<Record<string, Tree>>): Mapping {
  return Object.assign(Object.create(null) as Mapping, entries);
}

/** The value of a field, or what holds without it. */
export function or(field: Field, byDefault: Tree): Tree {
  return field.absent ? byDefault : field.value;
}

function merged(fields: readonly Field[], own: Readonly<Record<string, Tree>>): Tree {
  const unknownOne = fields.find((field) => field.unknown);
  if (unknownOne !== undefined) return unknownOne.value;
  const entries = fields.flatMap((field) => field.entries().map(([key, value]): [string, Tree] => [key, value.value]));
  return mapping({ ...Object.fromEntries(entries), ...own });
}

function claimTemplates(claims: Made["claims"]): Tree {
  if (claims === undefined || claims === unknown) return claims;
  return claims.map((spec, index) => mapping({ metadata: mapping({ name: `data-${index}` }), spec }));
}

/** The workload as an object, which knows what it is made of. */
export function build(by: KubeObject, made: Made): KubeObject {
  const metadata = by.root.at("metadata");
  const name = metadata.at("name");
  const fullName = made.name ?? (name.text === undefined ? name.value : `${name.text}${made.suffix}`);
  const template = mapping({
    metadata: mapping({ labels: merged(made.labels, made.ownLabels), annotations: made.annotations?.value }),
    spec: made.spec,
  });
  const claims = claimTemplates(made.claims);
  return {
    kind: made.kind,
    group: "apps",
    version: "v1",
    partial: false,
    root: new Field(
      mapping({
        metadata: mapping({ name: fullName, namespace: metadata.at("namespace").value }),
        spec: mapping({
          replicas: made.replicas,
          selector: mapping({ matchLabels: mapping(made.ownLabels) }),
          template,
          ...(made.strategy === undefined ? {} : { strategy: made.strategy }),
          ...(claims === undefined ? {} : { volumeClaimTemplates: claims }),
        }),
      }),
    ),
    source: `${by.source}${made.suffix === "" ? "#pods" : `#${made.suffix.replace(/^-/, "")}`}`,
    cluster: by.cluster,
    madeBy: by,
  };
}
