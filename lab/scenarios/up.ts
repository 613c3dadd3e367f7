/** The life of a stack: up, a second up without change, drift and its repair, destroy. */
import type { Engine } from "../engine.ts";
import { type OperationResult, summary } from "../operation-result.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  kubectl,
  type OwnedObject,
  openProgram,
  ownedObjects,
  present,
  table,
} from "./support/deployment.ts";

async function run(context: DeployContext): Promise<void> {
  const engine = await openProgram(context);
  context.onProgress(`provider: ${engine.provider}`);
  const results: [string, OperationResult][] = [];
  const step = async (name: string, work: Promise<OperationResult>): Promise<OperationResult> => {
    const result = await work;
    context.onProgress(`${name}: ${summary(result)}`);
    results.push([name, result]);
    return result;
  };
  expectOnly(await step("first preview", engine.preview()), ["created"]);
  const first = await step("first up", engine.up());
  expectOnly(first, ["created"]);
  expectOnly(await step("second up", engine.up({ expectNoChanges: true })), []);
  const owned = await ownedObjects(engine);
  await repairsDrift(context, engine, owned, step);
  await step("destroy", engine.destroy());
  const left = await present(context, owned);
  expect(left.length === 0, () => `destroy left ${left.map(({ id }) => id).join(", ")}`);
  table(
    context,
    ["step", "seconds", "created", "updated", "replaced", "deleted", "same"],
    results.map(([name, { seconds, created, updated, replaced, deleted, same }]) => [
      name,
      seconds.toFixed(1),
      ...[created, updated, replaced, deleted, same].map((urns) => urns.length),
    ]),
  );
}

type Step = (name: string, work: Promise<OperationResult>) => Promise<OperationResult>;

// Four hands in the cluster: one edits what we own, one deletes it, one scales what nobody but an autoscaler owns, and
// one scales what we own, which is a conflict that must be told and not overwritten.
async function repairsDrift(context: DeployContext, engine: Engine, owned: OwnedObject[], step: Step): Promise<void> {
  const settings = pick(owned, "ConfigMap", ({ inputs }) => Object.keys(inputs.data ?? {}).length > 0);
  const gone = pick(owned, "NetworkPolicy", () => true) ?? pick(owned, "PodDisruptionBudget", () => true);
  const scaled = pick(owned, "Deployment", ({ inputs }) => inputs.spec?.replicas === undefined);
  const touched: OwnedObject[] = [];
  if (settings !== undefined) {
    const key = Object.keys(settings.inputs.data ?? {})[0] ?? "";
    const patch = JSON.stringify({ data: { [key]: "changed by hand" } });
    await kubectl(
      context,
      settings.context,
      ...nameOf(settings),
      "patch",
      "--type=merge",
      `--patch=${patch}`,
      ref(settings),
    );
    touched.push(settings);
  }
  if (gone !== undefined) {
    await kubectl(context, gone.context, ...nameOf(gone), "delete", ref(gone));
    touched.push(gone);
  }
  const replicas = scaled === undefined ? 0 : (await replicasOf(context, scaled)) + 1;
  if (scaled !== undefined) {
    await kubectl(context, scaled.context, ...nameOf(scaled), "scale", `--replicas=${replicas}`, ref(scaled));
    // A rollout that is under way would be awaited by an update, as the official provider does.
    await kubectl(context, scaled.context, ...nameOf(scaled), "rollout", "status", "--timeout=120s", ref(scaled));
  }
  const repair = await step("up --refresh after changes by hand", engine.up({ refresh: true }));
  expectOnly(repair, ["created", "updated"]);
  const changed = [...repair.created, ...repair.updated].sort();
  const wanted = touched.map(({ urn }) => urn).sort();
  expect(
    changed.join() === wanted.join(),
    () => `repaired ${changed.join(", ") || "nothing"}, wanted ${wanted.join(", ")}`,
  );
  if (scaled !== undefined) {
    const kept = await replicasOf(context, scaled);
    expect(kept === replicas, () => `the autoscaler's ${replicas} replicas of ${scaled.id} became ${kept}`);
  }
  expectOnly(await step("up after the repair", engine.up({ expectNoChanges: true })), []);
  await tellsConflict(context, engine, owned);
}

// What goes through the scale subresource belongs to whoever used it, also for the official provider.
async function tellsConflict(context: DeployContext, engine: Engine, owned: OwnedObject[]): Promise<void> {
  const fixed = pick(owned, "StatefulSet", ({ inputs }) => Number(inputs.spec?.replicas ?? 0) > 0);
  if (fixed === undefined) return;
  const replicas = Number(fixed.inputs.spec?.replicas);
  await kubectl(context, fixed.context, ...nameOf(fixed), "scale", `--replicas=${replicas + 1}`, ref(fixed));
  let refusal = "";
  try {
    await engine.up({ refresh: true });
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error);
  }
  expect(
    /conflict/.test(refusal),
    () => `a scale of ${fixed.id} by hand was no conflict: ${refusal || "up went through"}`,
  );
  context.onProgress(`conflict told as it should be: ${refusal.split("\n")[0]}`);
  await kubectl(context, fixed.context, ...nameOf(fixed), "scale", `--replicas=${replicas}`, ref(fixed));
  await kubectl(context, fixed.context, ...nameOf(fixed), "rollout", "status", "--timeout=120s", ref(fixed));
  await engine.up({ refresh: true });
  expectOnly(await engine.up({ expectNoChanges: true }), []);
}

function pick(owned: OwnedObject[], kind: string, test: (object: OwnedObject) => boolean): OwnedObject | undefined {
  return owned.find((object) => object.inputs.kind === kind && test(object));
}

function ref({ inputs }: OwnedObject): string {
  return `${inputs.kind?.toLowerCase()}/${inputs.metadata?.name}`;
}

function nameOf({ inputs }: OwnedObject): string[] {
  return inputs.metadata?.namespace === undefined ? [] : ["--namespace", inputs.metadata.namespace];
}

async function replicasOf(context: DeployContext, object: OwnedObject): Promise<number> {
  const path = "jsonpath={.spec.replicas}";
  return Number(await kubectl(context, object.context, ...nameOf(object), "get", ref(object), "--output", path));
}

export default { name: "up", summary: "up, second up without change, drift repaired, destroy leaves nothing", run };
