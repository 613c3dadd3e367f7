/** Offline runs of the program, shared by the tests: one at a time, since the SDK's state is global. */
import { type OfflineRun, runOffline } from "../../tools/offline/host.ts";
import { type Changes, type StackName, stackConfig } from "./stacks.ts";

const runs = new Map<string, Promise<OfflineRun>>();
let last: Promise<unknown> = Promise.resolve();

/** Runs `work` after everything that was queued before it, whatever became of that. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work, work);
  last = next.catch(() => undefined);
  return next;
}

/** A run of a stack with a changed copy of its configuration; equal changes share one run. */
export function runWith(stack: StackName, changes: Changes): Promise<OfflineRun> {
  const key = JSON.stringify([stack, changes], (_, value: unknown) => (value === undefined ? "(removed)" : value));
  const known = runs.get(key);
  if (known !== undefined) return known;
  const run = inTurn(() => runOffline(stack, { config: stackConfig(stack, changes) }));
  runs.set(key, run);
  return run;
}

/** The run of a stack as its file is. */
export function runOf(stack: StackName): Promise<OfflineRun> {
  return runWith(stack, {});
}
