/** `npm run docs`: writes the generated pages of docs/. */
import { main } from "./command.ts";
import { generatedHelp, generatedOptions, writeGenerated } from "./generated.ts";
import { metricsContract } from "./metrics-contract.ts";
import { ownershipReference } from "./ownership.ts";
import { policiesReference } from "./policies/reference.ts";
import { configurationReference, stackFileSchema } from "./reference.ts";

await main({
  help: `npm run docs [-- --check] [--json]

Writes docs/configuration.md, the reference of every field of a stack file, docs/stack-file.schema.json, by which
editors complete and check stack files, docs/policies.md, the reference of every rule of the policy pack,
docs/ownership.md, who owns which object and field, and docs/metrics-contract.md, what an image tells monitoring.

${generatedHelp}`,
  options: generatedOptions,
  positionals: [],
  async run({ options }) {
    const files = new Map([
      ["docs/configuration.md", configurationReference()],
      ["docs/stack-file.schema.json", stackFileSchema()],
      ["docs/policies.md", policiesReference()],
      ["docs/ownership.md", ownershipReference()],
      ["docs/metrics-contract.md", metricsContract()],
    ]);
    return writeGenerated(files, options, "npm run docs");
  },
});
