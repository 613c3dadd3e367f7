/** `npm run docs`: writes the generated pages of docs/. */
import { main } from "./command.ts";
import { generatedHelp, generatedOptions, writeGenerated } from "./generated.ts";
import { configurationReference, stackFileSchema } from "./reference.ts";

await main({
  help: `npm run docs [-- --check] [--json]

Writes docs/configuration.md, the reference of every field of a stack file, and docs/stack-file.schema.json, by which
editors complete and check stack files.

${generatedHelp}`,
  options: generatedOptions,
  positionals: [],
  async run({ options }) {
    const files = new Map([
      ["docs/configuration.md", configurationReference()],
      ["docs/stack-file.schema.json", stackFileSchema()],
    ]);
    return writeGenerated(files, options, "npm run docs");
  },
});
