/** Previews of the project's stacks, made in the test's own process. */
import { judge } from "../../tools/policies/judgement.ts";
import { stackObjects } from "../../tools/policies/stack-objects.ts";
import type { Preview } from "../../tools/preview/preview.ts";
import { runWith } from "./runs.ts";
import { type Changes, planOf, type StackName } from "./stacks.ts";

/** A preview of a stack with a changed copy of its configuration. */
export async function previewOf(stack: StackName, changes: Changes = {}): Promise<Preview> {
  const run = await runWith(stack, changes);
  return { run, plan: planOf(stack, changes), judgement: judge(stackObjects(run)) };
}
