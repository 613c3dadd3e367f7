/**
 * Delivery by Argo CD: the real engine makes what it owns, with projects and Applications by Argo CD's own definitions, and
 * a stand-in for Argo CD's controller (support/sync.ts) applies the rendered tree. Both may work for ever, and neither
 * touches what the other owns.
 */
import { type OperationResult, summary } from "../operation-result.ts";
import { type ClusterObject, called, keyOf } from "./support/argocd-objects.ts";
import {
  applicationsOf,
  type DeliveredApplication,
  deliveryValues,
  engineManager,
  prepareArgoCd,
  removeArgoCd,
  renderedTree,
  syncAll,
} from "./support/delivery.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  kubectl,
  openProgram,
  ownedObjects,
  present,
  table,
} from "./support/deployment.ts";
import { list, managersOf, type Place, read, remove, untilQuiet, versionsOf } from "./support/live-objects.ts";
import { refusal } from "./support/project-rights.ts";
import { type SyncResult, syncManager } from "./support/sync.ts";

/** Name under which the cluster's own autoscaler writes. */
const autoscaler = "kube-controller-manager";

/** One run of a scenario, with its table. */
interface Run {
  context: DeployContext;
  applications: DeliveredApplication[];
  rows: string[][];
}

async function run(context: DeployContext): Promise<void> {
  context.onProgress(`the lab has no Argo CD: a stand-in applies as ${syncManager}, as Argo CD's sources say`);
  await prepareArgoCd(context);
  const engine = await openProgram(context, deliveryValues(context, { mode: "argocd" }));
  const up = async (step: string, work: Promise<OperationResult>): Promise<OperationResult> => {
    const result = await work;
    context.onProgress(`${step}: ${summary(result)}`);
    return result;
  };
  expectOnly(await up("up of what the engine owns", engine.up()), ["created"]);
  const applications = await applicationsOf(context, await renderedTree(context));
  const all: Run = { context, applications, rows: [] };
  showRights(all);
  await syncsTwice(all);
  await undoesEdits(all);
  await prunes(all);
  await keepsReplicas(all);
  expectOnly(await up("up after all of that", engine.up({ refresh: true })), []);
  const owned = await ownedObjects(engine);
  await showManagers(
    all,
    owned.map(({ inputs, context: cluster }) => ({ cluster, object: inputs as unknown as ClusterObject })),
  );
  await withdraws(all);
  await up("destroy", engine.destroy());
  const left = await present(context, owned);
  expect(left.length === 0, () => `destroy left ${left.map(({ id }) => id).join(", ")}`);
  await removeArgoCd(context);
  for (const { cluster, tree } of applications) {
    const rest = await read({ context, cluster }, tree);
    expect(rest.length === 0, () => `left: ${rest.map(called).join(", ")}`);
  }
  table(context, ["sync", "Application", "seconds", "created", "changed", "same", "pruned", "kept"], all.rows);
}

/** One synchronisation of every Application, with its row in the table. */
async function synced(
  { context, applications, rows }: Run,
  step: string,
  change?: (tree: ClusterObject[]) => ClusterObject[],
): Promise<SyncResult[]> {
  const results = await syncAll(context, applications, change);
  for (const { application, seconds, created, changed, same, pruned, kept } of results) {
    const counts = [created, changed, same, pruned, kept].map(({ length }) => String(length));
    rows.push([step, application, seconds.toFixed(1), ...counts]);
    context.onProgress(`sync, ${step}: ${rows.at(-1)?.slice(1).join(" ")}`);
  }
  return results;
}

/** Names of what the synchronisations list under a heading, over all Applications. */
function names(results: readonly SyncResult[], key: "created" | "changed" | "same" | "pruned" | "kept"): string[] {
  return results.flatMap((result) => result[key]);
}

function expectNames(what: string, found: readonly string[], wanted: readonly string[]): void {
  const [is, must] = [[...found].sort(), [...wanted].sort()];
  expect(is.join() === must.join(), () => `${what}: ${is.join(", ") || "nothing"}; wanted ${must.join(", ")}`);
}

/** Objects that nobody may bring by a commit. */
const forbidden = [
  ["v1", "Secret"],
  ["v1", "Namespace"],
  ["v1", "PersistentVolumeClaim"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["argoproj.io/v1alpha1", "Application"],
] as const;

/** The project, as it is in the cluster, allows all that the tree has, and nothing that opens what the tree runs in. */
function showRights({ context, applications }: Run): void {
  const rows = applications.map(({ application, project, tree }) => {
    const refused = tree.flatMap((object) => refusal(project, { application, object }) ?? []);
    expect(refused.length === 0, () => refused.join("; "));
    const { namespace } = application.spec.destination;
    const strange = forbidden.map(([apiVersion, kind]): ClusterObject => {
      const place = ["Namespace", "ClusterRole"].includes(kind) ? {} : { namespace };
      return { apiVersion, kind, metadata: { name: "strange", ...place } };
    });
    const [first] = tree;
    if (first !== undefined) {
      strange.push({ ...first, metadata: { ...first.metadata, namespace: "kube-system" } });
    }
    const allowed = strange.filter((object) => refusal(project, { application, object }) === undefined);
    expect(allowed.length === 0, () => `${project.metadata.name} allows ${allowed.map(called).join(", ")}`);
    const kinds = new Set(tree.map(({ kind }) => kind));
    return [project.metadata.name ?? "", namespace, kinds.size, tree.length, refused.length, strange.length];
  });
  table(context, ["project", "namespace", "kinds", "objects", "refused", "forbidden ones refused"], rows);
}

async function syncsTwice(all: Run): Promise<void> {
  const { context, applications } = all;
  const wanted = applications.flatMap(({ tree }) => tree.map(called));
  expectNames("first sync: created", names(await synced(all, "first"), "created"), wanted);
  const before = await Promise.all(applications.map(({ cluster, tree }) => untilQuiet({ context, cluster }, tree)));
  expectNames("second sync: the same", names(await synced(all, "second"), "same"), wanted);
  const versions = versionsOf(before.flat());
  for (const { cluster, tree } of applications) {
    const moved = (await read({ context, cluster }, tree)).filter(
      (object) => versions.get(keyOf(object)) !== object.metadata.resourceVersion,
    );
    expect(moved.length === 0, () => `another resourceVersion after the second sync: ${moved.map(called).join(", ")}`);
  }
  context.onProgress(`0 of ${versions.size} objects have another resourceVersion after the second sync`);
}

/** A Deployment of an Application with a count that an autoscaler may change. */
function deploymentOf({ tree }: DeliveredApplication): ClusterObject {
  const found = tree.find(({ kind }) => kind === "Deployment");
  if (found === undefined) throw new Error("an Application has no Deployment");
  return found;
}

/** Writes to an object as a person or a controller would. */
async function patch(
  { context, cluster }: Place,
  { kind, metadata }: ClusterObject,
  { by, value, subresource }: { by: string; value: object; subresource?: string },
): Promise<void> {
  const target = [`${kind?.toLowerCase()}/${metadata.name}`, "--namespace", metadata.namespace ?? ""];
  const how = [`--field-manager=${by}`, `--patch=${JSON.stringify(value)}`];
  // A scale knows no strategic merge.
  const where = subresource === undefined ? ["--type=strategic"] : [`--subresource=${subresource}`, "--type=merge"];
  await kubectl(context, cluster, "patch", ...target, ...how, ...where);
}

interface WithPods {
  replicas?: number;
  template: { spec: { containers: { name: string; env?: { name: string; value?: string }[] }[] } };
}

async function undoesEdits(all: Run): Promise<void> {
  const { context, applications } = all;
  for (const application of applications) {
    const at = { context, cluster: application.cluster };
    const deployment = deploymentOf(application);
    const [container] = (deployment["spec"] as WithPods).template.spec.containers;
    const variable = container?.env?.find(({ value }) => value !== undefined);
    if (container === undefined || variable === undefined) throw new Error(`${called(deployment)}: no plain variable`);
    const env = [{ name: variable.name, value: "changed by hand" }];
    const spec = { template: { spec: { containers: [{ name: container.name, env }] } } };
    await patch(at, deployment, { by: "kubectl-edit", value: { spec } });
    const labels = { "app.kubernetes.io/part-of": "changed-by-hand" };
    await patch(at, deployment, { by: "kubectl-label", value: { metadata: { labels } } });
  }
  const results = await synced(all, "after edits by hand");
  expectNames("put back", names(results, "changed"), applications.map(deploymentOf).map(called));
  for (const { cluster, tree } of applications) {
    const edited = JSON.stringify(await read({ context, cluster }, tree)).match(/changed.by.hand/);
    expect(edited === null, () => "an edit by hand is still there");
  }
}

async function prunes(all: Run): Promise<void> {
  const { context, applications } = all;
  const claims = async () => {
    const lists = applications.map(({ cluster, application }) =>
      list({ context, cluster }, application.spec.destination.namespace, "persistentvolumeclaims"),
    );
    return (await Promise.all(lists)).flat().map(({ metadata }) => `${metadata.name} ${metadata.uid}`);
  };
  const before = await claims();
  const sets = (tree: readonly ClusterObject[]) => tree.filter(({ kind }) => kind === "StatefulSet");
  const budget = (tree: readonly ClusterObject[]) =>
    tree.filter(({ kind }) => kind === "PodDisruptionBudget").slice(0, 1);
  const removed = (tree: readonly ClusterObject[]) => [...sets(tree), ...budget(tree)];
  const without = (tree: ClusterObject[]) => tree.filter((object) => !removed(tree).includes(object));
  const results = await synced(all, "objects taken out of the tree", without);
  const trees = applications.map(({ tree }) => tree);
  expectNames("pruned", names(results, "pruned"), trees.flatMap(budget).map(called));
  expectNames("kept", names(results, "kept"), trees.flatMap(sets).map(called));
  expectNames("claims after a prune", await claims(), before);
  context.onProgress(`${before.length} PersistentVolumeClaims, each still the same one`);
  expectNames(
    "back in the tree",
    names(await synced(all, "back in the tree"), "created"),
    trees.flatMap(budget).map(called),
  );
}

async function keepsReplicas(all: Run): Promise<void> {
  const { context, applications } = all;
  const rows: string[][] = [];
  for (const wanted of [2, 1]) {
    for (const application of applications) {
      const at = { context, cluster: application.cluster };
      const deployment = deploymentOf(application);
      await patch(at, deployment, { by: autoscaler, value: { spec: { replicas: wanted } }, subresource: "scale" });
      // Else it would be in sync, and not be written at all.
      await patch(at, deployment, { by: "kubectl-label", value: { metadata: { labels: { app: "changed-by-hand" } } } });
    }
    const results = await synced(all, `${wanted} replicas by the autoscaler`);
    expectNames("written", names(results, "changed"), applications.map(deploymentOf).map(called));
    for (const application of applications) {
      const [live] = await read({ context, cluster: application.cluster }, [deploymentOf(application)]);
      if (live === undefined) throw new Error("a Deployment is gone");
      const { replicas } = live["spec"] as WithPods;
      expect(replicas === wanted, () => `${called(live)}: ${wanted} replicas by the autoscaler became ${replicas}`);
      rows.push([called(live), String(wanted), String(replicas), replicaOwners(live).join(", ")]);
    }
  }
  table(context, ["Deployment", "set", "after a sync", "who holds the count"], rows);
}

/** Who has written the count of a Deployment's pods. */
function replicaOwners({ metadata }: ClusterObject): string[] {
  const holds = (fields: object | undefined) => "f:replicas" in ((fields as { "f:spec"?: object })?.["f:spec"] ?? {});
  return (metadata.managedFields ?? []).filter(({ fieldsV1 }) => holds(fieldsV1)).map(({ manager }) => manager ?? "");
}

/** No object is written by the engine and by Argo CD. */
async function showManagers(
  { context, applications }: Run,
  ofEngine: readonly { cluster: string; object: ClusterObject }[],
) {
  const rows: (string | number)[][] = [];
  for (const { context: cluster } of context.lab.clusters) {
    const sides = {
      engine: ofEngine.filter((one) => one.cluster === cluster).map(({ object }) => object),
      "Argo CD": applications.filter((one) => one.cluster === cluster).flatMap(({ tree }) => tree),
    };
    for (const [owner, objects] of Object.entries(sides)) {
      const live = await read({ context, cluster }, objects);
      const wrote = (prefix: string) =>
        live.filter((object) => managersOf(object).some((manager) => manager.startsWith(prefix)));
      const [engine, argocd] = [wrote(engineManager), wrote(syncManager)];
      const strange = owner === "engine" ? argocd : engine;
      expect(strange.length === 0, () => `also written by the other side: ${strange.map(called).join(", ")}`);
      rows.push([cluster, owner, live.length, engine.length, argocd.length]);
    }
  }
  table(context, ["cluster", "objects of", "objects", "written by the engine", "written by Argo CD"], rows);
}

/** What Argo CD delivered goes by a prune of everything; worlds by hand, as the runbook says. */
async function withdraws(all: Run): Promise<void> {
  const { context, applications } = all;
  const results = await synced(all, "empty tree", () => []);
  const kept = applications.flatMap(({ tree }) => tree.filter(({ kind }) => kind === "StatefulSet"));
  expectNames("kept", names(results, "kept"), kept.map(called));
  for (const { cluster, tree } of applications) {
    await remove(
      { context, cluster },
      tree.filter((object) => kept.includes(object)),
    );
  }
}

export default {
  name: "gitops",
  summary:
    "Argo CD delivers worlds and services: syncs, edits, prunes, autoscaling; the engine beside it changes nothing",
  run,
};
