/** What scenarios of the delivery share: configuration by mode, the rendered tree, and Argo CD's side of a lab. */

import { parse } from "yaml";
import type { DeliveryConfig } from "../../../components/config/delivery.ts";
import { namespace as configNamespace } from "../../../components/config/schema.ts";
import { type Rendered, renderManifests } from "../../../tools/offline/manifests.ts";
import { runOwned, withMode } from "../../../tools/offline/owners.ts";
import { readStackFile, type StackConfig } from "../../../tools/offline/stack-file.ts";
import type { Application, AppProject, ClusterObject } from "./argocd-objects.ts";
import { type DeployContext, expect, kubectl, sourceOf } from "./deployment.ts";
import { type SyncResult, sync } from "./sync.ts";

/** What a step of a scenario says about the delivery. */
export interface Delivery {
  mode: DeliveryConfig["mode"];
  handOver?: boolean;
  automated?: boolean;
  /** Whether data is protected as in production. */
  protectData?: boolean;
}

const [deliveryKey, clusterKey] = [`${configNamespace}:delivery`, `${configNamespace}:cluster`];

/** Beginning of the name by which the engine's provider writes. */
export const engineManager = "pulumi-kubernetes";

/** Namespace of Argo CD. */
const argocdNamespace = "argocd";

/** The values of a step that take the place of those in the stack file. */
export function deliveryValues(context: DeployContext, delivery: Delivery): StackConfig {
  const { mode, handOver = false, automated = true, protectData = false } = delivery;
  const { config = {} } = sourceOf(context);
  const section = withMode(stackValues(context), mode)[deliveryKey] as { argocd: object };
  return {
    [clusterKey]: { ...(config[clusterKey] as object), protectData },
    [deliveryKey]: { ...section, handOver, argocd: { ...section.argocd, automated, namespace: argocdNamespace } },
  };
}

/** The whole configuration of the lab's stack, with values that take the place of others. */
export function stackValues(context: DeployContext, values: StackConfig = {}): StackConfig {
  const { stack, projectFolder, config } = sourceOf(context);
  return { ...readStackFile(stack, projectFolder), ...config, ...values };
}

/** What `npm run render -- STACK --owner argocd` would write for the lab's configuration. */
export async function renderedTree(context: DeployContext): Promise<Rendered> {
  const { run, owns } = await runOwned(sourceOf(context).stack, "argocd", stackValues(context));
  return renderManifests(run, { only: owns, forArgoCd: true });
}

/** The objects of a folder of the tree, by its kustomization, which is how Argo CD reads it. */
export function objectsOf(files: Rendered, folder: string): ClusterObject[] {
  const content = (name: string): unknown => {
    const text = files.get(`${folder}/${name}`);
    if (text === undefined) throw new Error(`the tree has no ${folder}/${name}`);
    // What Argo CD reads is YAML 1.1.
    return parse(text, { version: "1.1" });
  };
  const { resources } = content("kustomization.yaml") as { resources: string[] };
  return resources.map((name) => content(name) as ClusterObject);
}

/** An Application of one cluster with its project and its objects. */
export interface DeliveredApplication {
  cluster: string;
  application: Application;
  project: AppProject;
  tree: ClusterObject[];
}

/** The Applications in the clusters of the lab, each with what the tree has for it. */
export async function applicationsOf(context: DeployContext, files: Rendered): Promise<DeliveredApplication[]> {
  const found: DeliveredApplication[] = [];
  for (const { context: cluster } of context.lab.clusters) {
    const get = async (kind: string) => {
      const what = [`${kind}.argoproj.io`, "--namespace", argocdNamespace, "--output=json"];
      return (JSON.parse(await kubectl(context, cluster, "get", ...what)) as { items: ClusterObject[] }).items;
    };
    const projects = (await get("appprojects")) as AppProject[];
    for (const application of (await get("applications")) as Application[]) {
      const { source, project: name } = application.spec;
      const project = projects.find(({ metadata }) => metadata.name === name);
      if (project === undefined) throw new Error(`${application.metadata.name}: there is no project ${name}`);
      // The tree of the lab is the folder that the repository would have.
      const folder = source.path.split("/").slice(-2).join("/");
      found.push({ cluster, application, project, tree: objectsOf(files, folder) });
    }
  }
  expect(found.length > 0, () => "no cluster of the lab has an Application");
  return found;
}

/** Synchronises every Application, each with its tree or with what `change` makes of it. */
export async function syncAll(
  context: DeployContext,
  applications: readonly DeliveredApplication[],
  change: (tree: ClusterObject[]) => ClusterObject[] = (tree) => tree,
): Promise<SyncResult[]> {
  const results: SyncResult[] = [];
  for (const one of applications) {
    context.signal.throwIfAborted();
    results.push(await sync(context, { ...one, tree: change(one.tree) }));
  }
  return results;
}

/** Makes the namespace that an installation of Argo CD would have made. */
export async function prepareArgoCd(context: DeployContext): Promise<void> {
  for (const { context: cluster } of context.lab.clusters) {
    await kubectl(context, cluster, "create", "namespace", argocdNamespace);
  }
}

/** Takes that namespace away. */
export async function removeArgoCd(context: DeployContext): Promise<void> {
  for (const { context: cluster } of context.lab.clusters) {
    await kubectl(context, cluster, "delete", "namespace", argocdNamespace, "--ignore-not-found");
  }
}
