/** Kubernetes objects of a run as YAML files. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { syncAnnotations } from "../../components/delivery/ownership.ts";
import type { OfflineRun } from "./host.ts";
import { isKubernetesObject, type PlacedObject, placedObjects } from "./inventory.ts";
import { programVersion } from "./stack-file.ts";

/** Rendered files by path, with "/" whatever the machine. */
export type Rendered = Map<string, string>;

/** File with the list of everything, secrets and charts included. */
export const indexFile = "INDEX.md";

/** How that file begins. */
export const indexTitle = "# Objects of stack";

/** Order of the top-level keys of a manifest, as people write them. */
const firstKeys = ["apiVersion", "kind", "metadata"];

/** Objects by key, sorted, so that the same program always renders the same bytes. */
function sorted(value: unknown, top = false): unknown {
  if (Array.isArray(value)) return value.map((one) => sorted(one));
  if (typeof value !== "object" || value === null) return value;
  const rank = (key: string) => (top && firstKeys.includes(key) ? firstKeys.indexOf(key) : firstKeys.length);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Annotations for the provider alone, which mean nothing to an API server. */
function withoutProviderAnnotations(inputs: Record<string, unknown>): Record<string, unknown> {
  const metadata = inputs["metadata"] as Record<string, unknown> | undefined;
  const annotations = metadata?.["annotations"] as Record<string, unknown> | undefined;
  if (metadata === undefined || annotations === undefined) return inputs;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith("pulumi.com/")));
  const { annotations: _, ...rest } = metadata;
  return { ...inputs, metadata: Object.keys(kept).length > 0 ? { ...rest, annotations: kept } : rest };
}

/** How the objects of a run are rendered. */
export interface RenderOptions {
  /** Which objects; all when absent. */
  only?: (placed: PlacedObject) => boolean;
  /** For Argo CD: a kustomization in each folder, the order of a sync as annotations, and no Secret at all. */
  forArgoCd?: boolean;
}

function withAnnotations(inputs: Record<string, unknown>, more: Record<string, string>): Record<string, unknown> {
  const metadata = (inputs["metadata"] ?? {}) as Record<string, unknown>;
  const annotations = (metadata["annotations"] ?? {}) as Record<string, unknown>;
  return { ...inputs, metadata: { ...metadata, annotations: { ...annotations, ...more } } };
}

function toYaml(content: unknown): string {
  // YAML 1.1 is what kubectl and Argo CD read: there an unquoted Off is false.
  return stringify(content, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}

function kustomizations(files: Rendered): Rendered {
  const folders = Map.groupBy(files.keys(), (path) => path.slice(0, path.lastIndexOf("/")));
  return new Map(
    [...folders].map(([folder, paths]) => [
      `${folder}/kustomization.yaml`,
      toYaml({
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: paths.map((path) => path.slice(folder.length + 1)).sort(),
      }),
    ]),
  );
}

function chartRows(run: OfflineRun): string[] {
  const charts = run.resources
    .filter((resource) => resource.type.startsWith("kubernetes:") && !isKubernetesObject(resource))
    .map(({ provider, inputs }) => {
      const repository = (inputs["repositoryOpts"] as { repo?: string } | undefined)?.repo;
      return `| ${provider} | ${inputs["chart"]} | ${inputs["version"]} | ${inputs["namespace"]} | ${repository} |`;
    })
    .sort();
  if (charts.length === 0) return [];
  const header = ["| region | chart | version | namespace | repository |", "|---|---|---|---|---|"];
  return ["", "## Helm charts", "", ...header, ...charts];
}

/**
 * Every object as `<region>/<component>/<kind>-<name>.yaml` and an index with their hashes. Secrets are listed and never
 * written; for Argo CD one is an error. Throws when two objects would share a file.
 */
export function renderManifests(run: OfflineRun, { only, forArgoCd = false }: RenderOptions = {}): Rendered {
  const files: Rendered = new Map();
  const rows: string[] = [];
  for (const placed of placedObjects(run).filter((one) => only?.(one) ?? true)) {
    const { region, component, resource, apiVersion, kind, namespace, name } = placed;
    const path = `${region}/${component}/${kind}-${name}.yaml`;
    const isSecret = apiVersion === "v1" && kind === "Secret";
    if (isSecret && forArgoCd) throw new Error(`Secret ${namespace}/${name} would be written to Git`);
    if (files.has(path)) throw new Error(`two objects would be written to ${path}`);
    const plain = withoutProviderAnnotations(resource.inputs);
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const content = forArgoCd ? withAnnotations(plain, syncAnnotations(group, kind)) : plain;
    const text = toYaml(sorted(content, true));
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const where = isSecret ? "not written | -" : `${path} | ${hash}`;
    rows.push(`| ${region} | ${component} | ${kind} | ${namespace || "-"} | ${name} | ${where} |`);
    if (!isSecret) files.set(path, text);
  }
  if (forArgoCd) for (const [path, text] of kustomizations(files)) files.set(path, text);
  const index = [
    `${indexTitle} ${run.stack}`,
    "",
    `Generated by \`npm run render\` of version ${programVersion()}; do not edit. ${
      forArgoCd
        ? "What Argo CD owns; the engine owns the rest (docs/ownership.md)."
        : "Secrets are made by the engine and never written to a file."
    }`,
    "",
    "| region | component | kind | namespace | name | file | sha256 |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    ...(forArgoCd ? [] : chartRows(run)),
    "",
  ];
  files.set(indexFile, index.join("\n"));
  return files;
}
