/** A preview and an `up` of an unsafe program: the policy pack refuses both, and nothing of it exists afterwards. */
import { join } from "node:path";
import { projectFolder } from "../../tools/offline/stack-file.ts";
import { EngineError } from "../engine.ts";
import type { OperationResult } from "../operation-result.ts";
import { type DeployContext, expect, kubectl, openProgram, sourceOf } from "./support/deployment.ts";

/** Rules that must speak. A preview goes on to the end and finds both mistakes; an `up` stops at the first. */
const wantedRules = {
  preview: ["pod-security/privileged", "quota/quota-sum"],
  up: ["pod-security/privileged"],
} as const;

async function run(context: DeployContext): Promise<void> {
  const module = join(projectFolder, "lab", "scenarios", "support", "unsafe-program.ts");
  const engine = await openProgram({ ...context, program: { ...sourceOf(context), module } });
  for (const kind of ["preview", "up"] as const) {
    const result = await refusal(engine[kind]());
    const mandatory = result.violations.filter(({ enforcement }) => enforcement === "mandatory");
    for (const rule of wantedRules[kind]) {
      expect(
        mandatory.some(({ message }) => message.includes(`[${rule}]`)),
        () => `the ${kind} says nothing of ${rule}, but: ${mandatory.map(({ message }) => message).join("; ")}`,
      );
    }
    context.onProgress(`${kind} refused after ${result.seconds.toFixed(1)} s with ${mandatory.length} violations:`);
    for (const { message } of mandatory) context.onProgress(`  ${message}`);
  }
  for (const { context: cluster } of context.lab.clusters) {
    const found = await kubectl(context, cluster, "get", "deployment", "--all-namespaces", "--output", "name");
    expect(!found.includes("bot-detector"), () => `the refused Deployment exists in ${cluster}`);
  }
  context.onProgress("the refused Deployment exists in no cluster");
  await engine.destroy();
}

async function refusal(work: Promise<OperationResult>): Promise<OperationResult> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EngineError && error.result.violations.length > 0) return error.result;
    throw error;
  }
  throw new Error("the policy pack let an unsafe program pass");
}

export default { name: "refused", summary: "an unsafe program is refused before anything of it exists", run };
