/** A value that feeds nothing but a ConfigMap or a Secret never replaces an object. */
import { type OperationResult, summary } from "../operation-result.ts";
import { type DeployContext, expect, expectOnly, openProgram, sourceOf } from "./support/deployment.ts";

async function run(context: DeployContext): Promise<void> {
  const changes = sourceOf(context).contentChanges ?? [];
  expect(changes.length > 0, () => "the program names no change of config that reaches ConfigMaps and Secrets alone");
  const engine = await openProgram(context);
  context.onProgress(`provider: ${engine.provider}; ${summary(await engine.up())}`);
  let config: Record<string, unknown> = {};
  for (const change of changes) {
    config = { ...config, ...change.config };
    const changed = await openProgram(context, config);
    const foreseen = await changed.preview();
    expectOnly(objectsOf(foreseen), ["updated"]);
    const done = await changed.up();
    expectOnly(objectsOf(done), ["updated"]);
    expect(done.updated.length > 0, () => `${change.what}: nothing was updated, so the change reaches no object`);
    const kinds = [...new Set(done.updated.map((urn) => urn.split("::")[2]?.split(":").at(-1)))].join(", ");
    context.onProgress(`${change.what}: ${summary(done)} (${kinds}), nothing replaced`);
    expectOnly(await changed.up({ expectNoChanges: true }), []);
  }
  const last = await openProgram(context, config);
  context.onProgress(summary(await last.destroy()));
}

/** The result without generated values: a new key is a new one, and only the state has it. */
function objectsOf(result: OperationResult): OperationResult {
  return { ...result, replaced: result.replaced.filter((urn) => !urn.includes("$random:")) };
}

export default { name: "no-replace", summary: "a changed ConfigMap or Secret replaces nothing", run };
