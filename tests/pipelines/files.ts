/** The pipelines as data: jobs, steps and every shell script of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectFolder } from "../../tools/offline/stack-file.ts";

/** Any mapping of a YAML file. */
export type Mapping = Record<string, unknown>;

/** One step of a GitHub job. */
export interface Step {
  if?: string;
  uses?: string;
  run?: string;
  with?: Mapping;
  env?: Mapping;
}

/** One job of a GitHub workflow. */
export interface Job {
  if?: string;
  permissions?: Record<string, string>;
  environment?: string;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  "timeout-minutes"?: number;
  env?: Mapping;
  steps: Step[];
}

/** One GitHub workflow. */
export interface Workflow {
  on: Mapping;
  permissions?: Mapping;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  defaults?: { run?: { shell?: string } };
  jobs: Record<string, Job>;
}

/** One shell script and where it stands. */
export interface Script {
  where: string;
  text: string;
}

const workflowFolder = ".github/workflows";
export const loginAction = ".github/actions/cloud-login/action.yml";

/** Text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(projectFolder, path), "utf8");
}

/** Paths of the workflows. */
export const workflowPaths: readonly string[] = readdirSync(join(projectFolder, workflowFolder)).map(
  (name) => `${workflowFolder}/${name}`,
);

/** Every workflow by its path. */
export const workflows: ReadonlyMap<string, Workflow> = new Map(
  workflowPaths.map((path) => [path, parse(textOf(path)) as Workflow]),
);

/** Every job of every workflow, named `file/job`. */
export const jobs: ReadonlyMap<string, Job> = new Map(
  [...workflows].flatMap(([path, { jobs: own }]) =>
    Object.entries(own).map(([name, job]): [string, Job] => [
      `${path.slice(workflowFolder.length + 1, -4)}/${name}`,
      job,
    ]),
  ),
);

const action = parse(textOf(loginAction)) as { runs: { steps: Step[] } };

/** Every step that GitHub runs, with its place. */
export const steps: readonly { where: string; step: Step }[] = [
  ...[...jobs].flatMap(([where, job]) => job.steps.map((step) => ({ where, step }))),
  ...action.runs.steps.map((step) => ({ where: "cloud-login", step })),
];

/** The GitLab pipeline. */
export const gitlab = parse(textOf(".gitlab-ci.yml")) as Record<string, Mapping>;

/** Keywords of a GitLab file that are no jobs. */
export const gitlabGlobals = ["default", "include", "spec", "stages", "variables", "workflow"];

/** Jobs of the GitLab pipeline, the hidden ones that others extend among them. */
export const gitlabJobs: ReadonlyMap<string, Mapping> = new Map(
  Object.entries(gitlab).filter(([name]) => !gitlabGlobals.includes(name)),
);

function gitlabScripts(name: string, job: Mapping): Script[] {
  return ["before_script", "script", "after_script"].flatMap((key) => {
    const lines = job[key];
    return Array.isArray(lines) && lines.length > 0 ? [{ where: `gitlab/${name}/${key}`, text: lines.join("\n") }] : [];
  });
}

/** Every shell script of both pipelines. */
export const scripts: readonly Script[] = [
  ...steps.flatMap(({ where, step }) => (step.run === undefined ? [] : [{ where, text: step.run }])),
  ...gitlabScripts("default", gitlab["default"] ?? {}),
  ...[...gitlabJobs].flatMap(([name, job]) => gitlabScripts(name, job)),
];
