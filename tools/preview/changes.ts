/** What an `up` of the working tree would do to a stack that another revision's program has made. */
import { compare, isWithin, type Path, parsePropertyPath, propertyPath } from "../../lab/provider/diff.ts";
import { replacingChanges, replacingFields, takesSameName } from "../../lab/provider/replacement.ts";
import { diffSettings } from "../../lab/provider/settings.ts";
import type { JsonObject } from "../../lab/provider/values.ts";
import type { OfflineResource } from "../offline/host.ts";
import { type Changes, type FieldChange, fates, type ObjectChange } from "./change.ts";
import { fieldChanges } from "./field-changes.ts";
import { figureChanges } from "./figures.ts";
import type { Recorded } from "./recorded.ts";
import type { RecordedRevision } from "./revision.ts";

const providerType = "pulumi:providers:kubernetes";
const templated = /:(Deployment|StatefulSet|DaemonSet)$/;

function metadataOf({ inputs }: OfflineResource): { name?: string; namespace?: string } {
  return (inputs["metadata"] ?? (inputs["chart"] === undefined ? {} : inputs)) as { name?: string; namespace?: string };
}

function kindOf({ type, inputs }: OfflineResource): string {
  if (type === providerType) return "Provider";
  const { kind } = inputs;
  return typeof kind === "string" ? kind : (type.split(":").at(-1) ?? type);
}

function describe(resource: OfflineResource): Pick<ObjectChange, "region" | "kind" | "name"> {
  const { name = resource.name, namespace } = metadataOf(resource);
  const region = resource.type === providerType ? resource.name : (resource.provider ?? "");
  return { region, kind: kindOf(resource), name: namespace === undefined ? name : `${namespace}/${name}` };
}

/** An object of a cluster whatever the program calls it; undefined for what is in no cluster. */
function objectKey(resource: OfflineResource): string | undefined {
  if (!resource.type.startsWith("kubernetes:") || resource.provider === undefined) return undefined;
  const { region, kind, name } = describe(resource);
  return [region, resource.type, kind, name].join("\u0000");
}

function isFlag(provider: OfflineResource | undefined, input: string): boolean {
  return String(provider?.inputs[input]) === "true";
}

/** Paths that replace a resource, as the official providers decide. */
function replacingPaths(before: OfflineResource, after: OfflineResource, provider?: OfflineResource): string[] {
  const [was, is] = [before.inputs, after.inputs] as [JsonObject, JsonObject];
  const ignored = after.ignoreChanges.map(parsePropertyPath);
  const changes = compare(was, is).filter(({ path }) => !ignored.some((prefix) => isWithin(path, prefix)));
  const pathsOf = (list: readonly { path: Path }[]) => list.map(({ path }) => propertyPath(path));
  const { type } = after;
  if (type === providerType) {
    return [...diffSettings(was, is).detailed].filter(([, { replaces }]) => replaces).map(([path]) => path);
  }
  // Every input of a random value makes another value.
  if (type.startsWith("random:")) return pathsOf(changes);
  // Name and namespace (pulumi-kubernetes, provider/pkg/provider/helm_release.go, forceNewFields).
  if (type.startsWith("kubernetes:helm.sh/")) {
    return pathsOf(changes.filter(({ path }) => path[0] === "name" || path[0] === "namespace"));
  }
  if (!type.startsWith("kubernetes:")) return [];
  const modes = {
    configMaps: isFlag(provider, "enableConfigMapMutable"),
    secrets: isFlag(provider, "enableSecretMutable"),
  };
  return pathsOf(replacingChanges(was, is, changes, replacingFields(is, modes)));
}

function protection(before: OfflineResource, after: OfflineResource): FieldChange[] {
  if (before.protect === after.protect) return [];
  return [{ path: "(protect)", what: "changed", before: String(before.protect), after: String(after.protect) }];
}

function goingNotes({ protect, retainOnDelete }: OfflineResource): string[] {
  if (protect) return ["protected: the engine refuses the whole update"];
  return retainOnDelete ? ["stays in the cluster, out of the program's hands"] : [];
}

function changed(before: OfflineResource, after: OfflineResource, moved: string[], provider?: OfflineResource) {
  const kind = kindOf(after);
  const ignored = after.ignoreChanges.map(parsePropertyPath);
  const fields = fieldChanges(kind, before.inputs, after.inputs).filter(
    ({ path }) => !ignored.some((prefix) => isWithin(parsePropertyPath(path), prefix)),
  );
  const own = replacingPaths(before, after, provider);
  const because = [...moved, ...own];
  const guards = protection(before, after);
  const isReplaced = because.length > 0;
  const first = own.length > 0 && takesSameName(before.inputs as JsonObject, after.inputs as JsonObject);
  const rolls = templated.test(after.type) && fields.some(({ path }) => /^spec\.template\b/.test(path));
  const change: ObjectChange = {
    fate: isReplaced ? "replaced" : "changed",
    ...describe(after),
    fields: [...fields, ...guards],
    because: [...new Set(because)],
    notes: [
      ...(isReplaced ? goingNotes(before) : []),
      ...(before.urn !== after.urn ? ["one object under two names: deleting the old one deletes it"] : []),
      ...(first && !before.protect ? ["deleted before the new one is there"] : []),
      ...(rolls && !isReplaced ? ["new pods"] : []),
      ...(before.protect && !after.protect ? ["loses its protection"] : []),
    ],
  };
  return change;
}

function byUrn(resources: readonly OfflineResource[]): Map<string, OfflineResource> {
  // Components are no objects: what is in them says what becomes of it.
  return new Map(resources.filter(({ custom }) => custom).map((one) => [one.urn, one]));
}

/** Every object that differs between two records of one stack, the gravest first. */
export function objectChanges(before: Pick<Recorded, "resources">, after: Pick<Recorded, "resources">): ObjectChange[] {
  const [old, fresh] = [byUrn(before.resources), byUrn(after.resources)];
  const providers = new Map(after.resources.filter(({ type }) => type === providerType).map((one) => [one.name, one]));
  const otherClusters = new Set(
    [...providers.values()]
      .filter((one) => {
        const was = old.get(one.urn);
        return was !== undefined && replacingPaths(was, one).length > 0;
      })
      .map(({ name }) => name),
  );
  const gone = new Map(
    [...old.values()].filter(({ urn }) => !fresh.has(urn)).map((one) => [objectKey(one) ?? one.urn, one]),
  );
  const changes: ObjectChange[] = [];
  for (const resource of fresh.values()) {
    const provider = providers.get(resource.provider ?? "");
    const same = old.get(resource.urn);
    const key = objectKey(resource) ?? resource.urn;
    const renamed = same === undefined ? gone.get(key) : undefined;
    gone.delete(key);
    const was = same ?? renamed;
    if (was === undefined) {
      changes.push({ fate: "added", ...describe(resource), fields: [], because: [], notes: [] });
      continue;
    }
    const moved = [
      ...(renamed === undefined ? [] : ["its logical name or parent, unless an alias names the old one"]),
      ...(was.provider !== resource.provider ? ["its provider is another one"] : []),
      ...(otherClusters.has(resource.provider ?? "") ? ["its provider is replaced"] : []),
    ];
    const change = changed(was, resource, moved, provider);
    if (change.fields.length > 0 || change.because.length > 0) changes.push(change);
  }
  for (const resource of gone.values()) {
    changes.push({ fate: "removed", ...describe(resource), fields: [], because: [], notes: goingNotes(resource) });
  }
  const rank = ({ fate, kind, name, region }: ObjectChange) => [fates.indexOf(fate), kind, name, region].join("\u0000");
  return changes.sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

/** What the working tree changes against a revision. */
export function changesAgainst({ revision, commit, record }: RecordedRevision, now: Recorded): Changes {
  const before: Recorded = record ?? { resources: [], figures: [], dependencies: now.dependencies };
  const otherPackages = JSON.stringify(before.dependencies) !== JSON.stringify(now.dependencies);
  const isComparable = before.figures !== undefined && now.figures !== undefined;
  return {
    revision,
    commit,
    objects: objectChanges(before, now),
    figures: isComparable ? figureChanges(before.figures ?? [], now.figures ?? []) : [],
    limits: [
      ...(record === undefined ? ["the revision has no stack of this name: everything is new"] : []),
      ...(otherPackages ? ["package.json differs: both programs ran with the packages of the working tree"] : []),
      ...(isComparable ? [] : ["the plan of the revision has another shape: its numbers are not compared"]),
    ],
  };
}
