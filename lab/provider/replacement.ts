// Which changes replace an object, as in the official provider. Pure.
import { type Change, isWithin, type Path, same } from "./diff.ts";
import { at, isObject, isUnknown, type Json, type JsonObject, textAt } from "./values.ts";

/** The switches of the provider that turn a replacement into an update. */
export interface MutableModes {
  configMaps: boolean;
  secrets: boolean;
}

const identity = ["metadata.name", "metadata.namespace"];
const claim = ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"];
const job = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"];
const podSpec = (
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID " +
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates " +
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName " +
  "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes"
).split(" ");
const container = (
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin " +
  "stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
).split(" ");
const statefulSet = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
];

// Keyed by group and kind; "" is the core group.
const table: Readonly<Record<string, readonly string[]>> = {
  "apps/StatefulSet": statefulSet,
  "apps/Deployment": ["spec.selector"],
  "apps/DaemonSet": ["spec.selector"],
  "batch/Job": job,
  "/PersistentVolumeClaim": claim,
  "/Service": ["spec.clusterIP"],
  "/ResourceQuota": ["spec.scopes"],
  "/Pod": [
    ...podSpec.map((field) => `spec.${field}`),
    ...container.flatMap((field) => [`spec.containers.*.${field}`, `spec.initContainers.*.${field}`]),
  ],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
};

/** The fields of an object whose change replaces it; "*" stands for each item of a list. */
export function replacingFields(object: JsonObject, modes: MutableModes): Path[] {
  const kind = `${groupOf(textAt(object, "apiVersion"))}/${textAt(object, "kind")}`;
  return [...identity, ...(table[kind] ?? []), ...contentFields(kind, object, modes)].map((path) => path.split("."));
}

// The API server refuses new data for an immutable object, so only a replacement can bring it.
function contentFields(kind: string, object: JsonObject, modes: MutableModes): string[] {
  const fixed = object.immutable === true;
  if (kind === "/ConfigMap") return modes.configMaps && !fixed ? [] : ["data", "binaryData"];
  if (kind === "/Secret") return modes.secrets && !fixed ? ["type"] : ["type", "data", "stringData"];
  return [];
}

function groupOf(apiVersion: string): string {
  const [group, version] = apiVersion.split("/");
  return version === undefined || group === "core" ? "" : (group ?? "");
}

/**
 * The changes that replace the object. An unknown value replaces where a replacing field is unknown, and also where the
 * whole part around it is: then nobody can tell that the field keeps its value.
 */
export function replacingChanges(before: JsonObject, after: JsonObject, changes: Change[], fields: Path[]): Change[] {
  return changes.filter(({ path }) =>
    fields.some((field) => {
      if (!overlap(path, field)) return false;
      if (path.length >= field.length) return true;
      // The change is above the field: only what lies at the field itself counts.
      const was = valueAt(before, field);
      const is = valueAt(after, field);
      return isUnknown(is) ? was !== undefined : !same(was, is);
    }),
  );
}

// One is the other, or lies below it.
function overlap(path: Path, field: Path): boolean {
  return isWithin(path.slice(0, field.length), field.slice(0, path.length));
}

// As `at`, but a value below an unknown one is unknown. Lists are not entered: their fields match by "*" alone.
function valueAt(object: Json, path: Path): Json | undefined {
  let current: Json | undefined = object;
  for (const step of path) {
    if (isUnknown(current)) return current;
    if (step === "*") return current;
    current = isObject(current) ? at(current, String(step)) : undefined;
  }
  return current;
}

/** True when the new object takes the name of the old one, so that the old one has to go first. */
export function takesSameName(before: JsonObject, after: JsonObject): boolean {
  const name = textAt(after, "metadata", "name");
  return (
    name !== "" &&
    !isUnknown(name) &&
    name === textAt(before, "metadata", "name") &&
    textAt(after, "metadata", "namespace") === textAt(before, "metadata", "namespace")
  );
}
