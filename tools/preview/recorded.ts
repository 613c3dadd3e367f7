/** A program of this project, run offline and kept as plain data: what two revisions are compared by. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PlatformPlan } from "../../components/plan.ts";
import { importAnew } from "../import-anew.ts";
import type { OfflineResource, OfflineRun } from "../offline/host.ts";
import { runWhole } from "../offline/owners.ts";
import { readStackFile } from "../offline/stack-file.ts";
import { type Figure, planFigures } from "./figures.ts";

/** What is left of a run. */
export interface Recorded {
  resources: OfflineResource[];
  /** Absent where the plan of that program has another shape. */
  figures?: Figure[];
  /** Packages of its `package.json` with their versions. */
  dependencies: Record<string, string>;
}

function dependenciesOf(folder: string): Record<string, string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  return dependencies;
}

/** Keeps a run of the program in `folder`; the mock monitor must still hold its configuration. */
export function recorded(run: OfflineRun, plan: PlatformPlan, folder: string): Recorded {
  let figures: Figure[] | undefined;
  try {
    figures = planFigures(plan);
  } catch {
    // An older plan may lack what today's tables read; its objects can be compared all the same.
  }
  return { resources: run.resources, figures, dependencies: dependenciesOf(folder) };
}

/** Runs the program in another folder, with its own stack file and its own plan, under today's offline host. */
export async function recordProgram(folder: string, stack: string): Promise<Recorded> {
  const { run } = await runWhole(stack, {
    config: readStackFile(stack, folder),
    program: () => importAnew(join(folder, "index.ts")),
  });
  const { loadPlan } = await import(pathToFileURL(join(folder, "components/plan.ts")).href);
  return recorded(run, loadPlan() as PlatformPlan, folder);
}
