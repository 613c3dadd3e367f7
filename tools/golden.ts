/** `npm run golden`: writes the inventories in tests/golden, one line for each resource of a stack. */
import { main } from "./command.ts";
import { generatedHelp, generatedOptions, writeGenerated } from "./generated.ts";
import { runOffline } from "./offline/host.ts";
import { inventory } from "./offline/inventory.ts";
import { stackNames } from "./offline/stack-file.ts";

await main({
  help: `npm run golden [-- --check] [--json]

Writes tests/golden/<stack>.txt for every stack: one line for each resource with its type, names and protection. A line
that goes or changes is an object that is deleted or replaced; review shows it.

${generatedHelp}`,
  options: generatedOptions,
  positionals: [],
  async run({ options }) {
    const files = new Map<string, string>();
    for (const stack of stackNames()) files.set(`tests/golden/${stack}.txt`, inventory(await runOffline(stack)));
    return writeGenerated(files, options, "npm run golden");
  },
});
