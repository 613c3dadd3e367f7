/** `npm run policies`: the policy pack on plain manifests, or on a stack, without an engine. */
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { runWhole } from "./offline/owners.ts";
import { findingsJson, findingsSarif, findingsText, judgementSummary, type Locate } from "./policies/formats.ts";
import { judge, readPackConfig } from "./policies/judgement.ts";
import { readManifests } from "./policies/manifests.ts";
import { stackObjects } from "./policies/stack-objects.ts";
import { count } from "./table.ts";

const formats = ["table", "json", "sarif"];

await main({
  help: `npm run policies -- TARGET... [--config FILE] [--format table|json|sarif]
npm run policies -- --stack STACK [--config FILE] [--format table|json|sarif]

Says what the policy pack thinks of manifests or of a stack, as it would in a pulumi preview. Needs no cluster, no login
and no Pulumi CLI.

  TARGET    a YAML or JSON file, a folder of them, or - for standard input:
            helm template CHART | npm run -s policies -- -
  --stack   name of a stack file, for example dev or prod
  --config  settings of the pack as JSON, the file that pulumi takes as --policy-pack-config
  --format  table for people (default), json, or sarif for code review tools

docs/policies.md describes every rule and setting.
`,
  options: { stack: { type: "string" }, config: { type: "string" }, format: { type: "string" } },
  positionals: ["TARGET..."],
  async run({ options, positionals: targets }) {
    const { stack, config, format = "table" } = options;
    if (!formats.includes(String(format))) throw new UsageError(`--format ${format}: want ${formats.join(", ")}`);
    if ((stack === undefined) === (targets.length === 0)) throw new UsageError("want manifests, or --stack STACK");
    const manifests = stack === undefined ? readManifests(targets) : undefined;
    const objects = manifests?.objects ?? stackObjects((await runWhole(String(stack))).judged);
    const judgement = judge(objects, config === undefined ? {} : readPackConfig(String(config)));
    const locate: Locate = (finding) => manifests?.placeOf(finding.object, finding.path);
    if (format === "table") {
      const skipped = manifests?.skipped ?? 0;
      if (judgement.findings.length > 0) process.stdout.write(`${findingsText(judgement, locate)}\n\n`);
      process.stdout.write(
        `${judgementSummary(judgement)}${skipped > 0 ? `; ${count(skipped, "document")} without a kind skipped` : ""}\n`,
      );
    } else {
      const data = format === "json" ? findingsJson(judgement, locate) : findingsSarif(judgement, locate);
      process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    }
    return judgement.mandatory > 0 ? 1 : 0;
  },
});
