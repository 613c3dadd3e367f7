/** Stacks whose workloads Argo CD delivers: what the engine makes, and what is rendered for Git. */
import { parse } from "yaml";
import { renderManifests } from "../../../tools/offline/manifests.ts";
import { runOwned } from "../../../tools/offline/owners.ts";
import { everything } from "../../support/objects.ts";
import { inTurn, runWith } from "../../support/runs.ts";
import { type Changes, type StackName, stackConfig } from "../../support/stacks.ts";

/** Where the rendered tree of the tests is said to be. */
export const repository = {
  url: "https://github.com/your-org/realmgrid-rendered.git",
  revision: "production",
  path: "rendered/prod",
};

/** A stack that Argo CD delivers to, with more changes. */
export function delivering(changes: Changes = {}): Changes {
  return { "delivery.mode": "argocd", "delivery.argocd.repository": repository, ...changes };
}

/** The stacks with and without a hub. */
export const deliveredStacks: readonly { title: string; stack: StackName; changes: Changes }[] = [
  { title: "dev", stack: "dev", changes: delivering() },
  { title: "dev with a hub", stack: "dev", changes: delivering({ "delivery.argocd.hub": "us-west" }) },
  { title: "prod", stack: "prod", changes: delivering() },
  { title: "prod with a hub", stack: "prod", changes: delivering({ "delivery.argocd.hub": "us-east" }) },
];

/** An object as a manifest says it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
}

/** An object and the place that it has in a stack. */
export interface Located {
  region: string;
  /** First component below the region: the folder of the tree. */
  component: string;
  object: Manifest;
}

/** Group of an object's kind; empty for the core. */
export function groupOf({ apiVersion }: Pick<Manifest, "apiVersion">): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** Identity of an object among those of all regions. */
export function identity({ region, object }: Located): string {
  const { apiVersion, kind, metadata } = object;
  return [region, apiVersion, kind, metadata.namespace ?? "", metadata.name].join(" ");
}

/** An object without annotations of which one is true, and without what says nothing. */
export function withoutAnnotations(object: Manifest, drop: (key: string) => boolean): Manifest {
  const { annotations = {}, ...metadata } = object.metadata;
  const kept = Object.entries(annotations).filter(([key]) => !drop(key));
  const plain = {
    ...object,
    metadata: { ...metadata, ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }) },
  };
  return JSON.parse(JSON.stringify(plain));
}

/** What the engine makes of a stack. */
export async function engineObjects(stack: StackName, changes: Changes): Promise<Located[]> {
  return everything(await runWith(stack, changes)).map(({ region, component, resource }) => ({
    region,
    component,
    object: resource.inputs as unknown as Manifest,
  }));
}

const trees = new Map<string, Promise<Map<string, string>>>();

/** Files that are rendered for Argo CD. */
export function renderedFiles(stack: StackName, changes: Changes): Promise<Map<string, string>> {
  const key = JSON.stringify([stack, changes]);
  const known = trees.get(key);
  if (known !== undefined) return known;
  const files = inTurn(async () => {
    const { run, owns } = await runOwned(stack, "argocd", stackConfig(stack, changes));
    return renderManifests(run, { only: owns, forArgoCd: true });
  });
  trees.set(key, files);
  return files;
}

/** Objects of the files, read as Argo CD reads them: YAML 1.1. */
export async function renderedObjects(stack: StackName, changes: Changes): Promise<Located[]> {
  const files = [...(await renderedFiles(stack, changes))];
  return files
    .filter(([path]) => path.endsWith(".yaml") && !path.endsWith("/kustomization.yaml"))
    .map(([path, text]) => {
      const [region = "", component = ""] = path.split("/");
      return { region, component, object: parse(text, { version: "1.1" }) as Manifest };
    });
}
