/** `npm run preview -- STACK`: what a stack would create, and whether it fits, without a cluster. */
import { loadPlan, type PlatformPlan } from "../components/plan.ts";
import { main } from "./command.ts";
import { runOffline } from "./offline/host.ts";
import { report } from "./offline/report.ts";
import { findingsJson, findingsText, judgementSummary } from "./policies/formats.ts";
import { judge } from "./policies/judgement.ts";
import { stackObjects } from "./policies/stack-objects.ts";
import { count, paint } from "./table.ts";

function summary(plan: PlatformPlan, resources: number, seconds: number): string {
  const checked = [
    "schema and rules of the configuration",
    `quota and node pools of ${count(plan.regions.length, "region")}`,
    "drain and rollout times",
  ];
  return `${paint("green", "ok")}  ${count(resources, "resource")} planned in ${seconds.toFixed(1)} s without a cluster; checked: ${checked.join(", ")}; ${count(plan.warnings.length, "warning")}`;
}

await main({
  help: `npm run preview -- STACK [--json]

Shows what a stack would create: components, quota, node pools, recovery and rollout times, and what the policies say.
Runs the program offline:
no cluster, no login, no Pulumi CLI. Every mistake in Pulumi.STACK.yaml is listed, and nothing is applied ever.

  STACK     name of a stack file, for example dev or prod
  --json    the same as JSON
`,
  options: { json: { type: "boolean" } },
  positionals: ["STACK"],
  async run({ options, positionals: [stack = ""] }) {
    const started = performance.now();
    const run = await runOffline(stack);
    // The mock monitor still holds the stack's configuration.
    const plan = loadPlan();
    const judgement = judge(stackObjects(run));
    const exitCode = judgement.mandatory > 0 ? 1 : 0;
    if (options.json === true) {
      const { config, ...rest } = plan;
      process.stdout.write(
        `${JSON.stringify({ stack, resources: run.resources.length, outputs: run.outputs, ...rest, policies: findingsJson(judgement) }, null, 2)}\n`,
      );
      return exitCode;
    }
    process.stdout.write(report(plan, run));
    if (judgement.findings.length > 0)
      process.stdout.write(`\n${paint("bold", "policies")}\n\n${findingsText(judgement)}\n`);
    process.stdout.write(`\n${judgementSummary(judgement)}`);
    process.stdout.write(`\n${summary(plan, run.resources.length, (performance.now() - started) / 1000)}\n`);
    return exitCode;
  },
});
