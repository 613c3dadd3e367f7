/** What an update would do to objects that run: the differences of two runs, and which of them replace an object. */
import type { OfflineResource, OfflineRun } from "../../tools/offline/host.ts";

/** One input that differs. */
export interface Difference {
  resource: OfflineResource;
  /** Path of the input, as in `spec.template.spec.containers.0.image`. */
  path: string;
  before: unknown;
  after: unknown;
}

/** Fields whose change deletes an object and creates it again, by kind, as the Kubernetes provider decides. */
const replacing: Readonly<Record<string, readonly string[]>> = {
  "apps/v1:StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "apps/v1:Deployment": ["spec.selector"],
  "apps/v1:DaemonSet": ["spec.selector"],
  "batch/v1:Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "core/v1:PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "core/v1:Secret": ["type"],
  "core/v1:Service": ["spec.clusterIP"],
  "core/v1:ResourceQuota": ["spec.scopes"],
  "core/v1:Pod": ["spec"],
  "storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],
  "rbac.authorization.k8s.io/v1:RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1:ClusterRoleBinding": ["roleRef"],
};

const always = ["metadata.name", "metadata.namespace"];
const data = ["data", "binaryData", "stringData"];

function below(path: string, fields: readonly string[]): boolean {
  return fields.some((field) => path === field || path.startsWith(`${field}.`));
}

function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}

function byKey(run: OfflineRun): Map<string, OfflineResource> {
  return new Map(run.resources.map((one) => [`${one.type} ${one.name}`, one]));
}

/** Every input that differs between two runs, for the resources that are in both; `ignoreChanges` is honoured. */
export function differences(before: OfflineRun, after: OfflineRun): Difference[] {
  const old = byKey(before);
  return [...byKey(after)].flatMap(([key, resource]) => {
    const known = old.get(key);
    if (known === undefined) return [];
    const [left, right] = [new Map(leaves(known.inputs)), new Map(leaves(resource.inputs))];
    return [...new Set([...left.keys(), ...right.keys()])]
      .filter((path) => left.get(path) !== right.get(path) && !below(path, resource.ignoreChanges))
      .map((path) => ({ resource, path, before: left.get(path), after: right.get(path) }));
  });
}

/** Resources that only one of two runs has. */
export function comings(before: OfflineRun, after: OfflineRun): { created: string[]; deleted: string[] } {
  const [old, fresh] = [byKey(before), byKey(after)];
  return {
    created: [...fresh.keys()].filter((key) => !old.has(key)),
    deleted: [...old.keys()].filter((key) => !fresh.has(key)),
  };
}

/** True when ConfigMaps, or Secrets, of a resource's provider change in place. */
function isMutable(run: OfflineRun, resource: OfflineResource, kind: "ConfigMap" | "Secret"): boolean {
  const provider = run.resources.find(
    (one) => one.type === "pulumi:providers:kubernetes" && one.name === resource.provider,
  );
  return String(provider?.inputs[`enable${kind}Mutable`]) === "true";
}

function replaces(run: OfflineRun, { resource, path }: Difference): boolean {
  const { type } = resource;
  if (type === "pulumi:providers:kubernetes") return path === "clusterIdentifier";
  if (type.startsWith("random:")) return true;
  if (!type.startsWith("kubernetes:")) return false;
  const kind = type.slice("kubernetes:".length);
  if (below(path, [...always, ...(replacing[kind] ?? [])])) return true;
  for (const one of ["ConfigMap", "Secret"] as const) {
    if (kind === `core/v1:${one}` && below(path, data)) return !isMutable(run, resource, one);
  }
  return false;
}

/** Inputs whose difference replaces a resource, as "name: path". */
export function replacements(before: OfflineRun, after: OfflineRun): string[] {
  return differences(before, after)
    .filter((one) => replaces(after, one))
    .map(({ resource, path }) => `${resource.name}: ${path}`);
}

/** Inputs of pod templates that differ: each makes new pods. */
export function rollingDifferences(before: OfflineRun, after: OfflineRun): Difference[] {
  return differences(before, after).filter(
    ({ resource, path }) =>
      /:(Deployment|StatefulSet|DaemonSet)$/.test(resource.type) && below(path, ["spec.template"]),
  );
}
