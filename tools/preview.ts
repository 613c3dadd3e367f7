/** `npm run preview -- STACK`: what a stack would create, and whether it fits, without a cluster. */
import { loadPlan, type PlatformPlan } from "../components/plan.ts";
import { type Call, main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { runWhole } from "./offline/owners.ts";
import { report } from "./offline/report.ts";
import { projectFolder } from "./offline/stack-file.ts";
import { writeFile } from "./offline/write-files.ts";
import { findingsJson, findingsText, judgementSummary } from "./policies/formats.ts";
import { judge } from "./policies/judgement.ts";
import { stackObjects } from "./policies/stack-objects.ts";
import { changesText } from "./preview/changes-text.ts";
import { previewComment } from "./preview/comment.ts";
import { readEngineSteps } from "./preview/engine-steps.ts";
import { previewPage } from "./preview/page.ts";
import type { Preview } from "./preview/preview.ts";
import { recorded } from "./preview/recorded.ts";
import { count, paint } from "./table.ts";

const options = {
  json: { type: "boolean" },
  markdown: { type: "boolean" },
  html: { type: "string" },
  against: { type: "string" },
  engine: { type: "string" },
} as const;
type Options = Call<keyof typeof options>["options"];

function summary(plan: PlatformPlan, resources: number, seconds: number): string {
  const checked = [
    "schema and rules of the configuration",
    `quota and node pools of ${count(plan.regions.length, "region")}`,
    "drain and rollout times",
  ];
  return `${paint("green", "ok")}  ${count(resources, "resource")} planned in ${seconds.toFixed(1)} s without a cluster; checked: ${checked.join(", ")}; ${count(plan.warnings.length, "warning")}`;
}

/** Refuses calls that contradict themselves before anything runs. */
function texts({
  json,
  markdown,
  html,
  against,
  engine,
}: Options): Record<"html" | "against" | "engine", string | undefined> {
  if (json && markdown) throw new UsageError("--json and --markdown are two forms of one output: give one of them");
  if (engine !== undefined && !markdown) throw new UsageError("--engine FILE is shown by --markdown alone: give both");
  for (const [name, value] of Object.entries({ html, against, engine })) {
    if (value === "") throw new UsageError(`--${name} has no value`);
  }
  return { html, against, engine } as Record<"html" | "against" | "engine", string | undefined>;
}

function json({ plan, run, judgement, changes }: Preview): string {
  const { config, ...rest } = plan;
  const { stack, resources, outputs } = run;
  const policies = findingsJson(judgement);
  return `${JSON.stringify({ stack, resources: resources.length, outputs, ...rest, policies, changes }, null, 2)}\n`;
}

function text({ plan, run, judgement, changes }: Preview): string {
  return [
    report(plan, run),
    ...(changes === undefined ? [] : [`\n${changesText(changes)}\n`]),
    ...(judgement.findings.length === 0 ? [] : [`\n${paint("bold", "policies")}\n\n${findingsText(judgement)}\n`]),
  ].join("");
}

await main({
  help: `npm run preview -- STACK [--json | --markdown [--engine FILE]] [--html FILE] [--against REVISION]

Shows what a stack would create: components, quota, node pools, recovery and rollout times, and what the policies say.
Runs the program offline: no cluster, no login, no Pulumi CLI. Every mistake in Pulumi.STACK.yaml is listed, and nothing
is applied ever.

  STACK       name of a stack file, for example dev or prod
  --json      the same as JSON
  --markdown  the same as a comment for a pull request, what is dangerous first, for GitHub and GitLab
  --engine    output of "pulumi preview --json": the comment begins with what the engine would replace and delete
  --html      writes a page to FILE that needs nothing else; without another form only the sums are printed beside
  --against   a git revision, for example origin/main: shows what the working tree changes in the stack, object by
              object, and what that replaces; in every form

A comment and a page name objects and fields; values only where they are numbers, switches, quantities or images.
`,
  options,
  positionals: ["STACK"],
  async run({ options: given, positionals: [stack = ""] }) {
    const { html, against, engine } = texts(given);
    const started = performance.now();
    const steps = engine === undefined ? undefined : readEngineSteps(engine, stack);
    // Only a comparison needs the rules of what replaces what.
    const compare =
      against === undefined ? undefined : (await import("./preview/against.ts")).beginComparison(against, stack);
    const { run, judged, delivered } = await runWhole(stack);
    // The mock monitor still holds the stack's configuration.
    const plan = loadPlan();
    const judgement = judge(stackObjects(judged));
    const changes = await compare?.(recorded(run, plan, projectFolder));
    const preview: Preview = { plan, run, judgement, changes, engine: steps };
    if (html !== undefined) writeFile(html, previewPage(preview));
    const exitCode = judgement.mandatory > 0 ? 1 : 0;
    if (given.json === true || given.markdown === true) {
      process.stdout.write(given.json === true ? json(preview) : previewComment(preview));
      return exitCode;
    }
    process.stdout.write(html === undefined ? `${text(preview)}\n` : `${paint("green", "ok")}  ${html}: written\n`);
    process.stdout.write(judgementSummary(judgement));
    if (delivered > 0) {
      const by = `delivered by Argo CD: npm run render -- ${stack} writes the tree that it applies`;
      process.stdout.write(`\n${paint("green", "ok")}  ${count(delivered, "object")} ${by}`);
    }
    process.stdout.write(`\n${summary(plan, run.resources.length, (performance.now() - started) / 1000)}\n`);
    return exitCode;
  },
});
