/** `npm run golden`: writes tests/golden: one line for each resource of a stack, and who reaches whom. */
import { beside, reachability, reachabilityText } from "../tests/support/reachability.ts";
import { stackConfig } from "../tests/support/stacks.ts";
import { main } from "./command.ts";
import { generatedHelp, generatedOptions, writeGenerated } from "./generated.ts";
import { runOffline } from "./offline/host.ts";
import { inventory } from "./offline/inventory.ts";
import { stackNames } from "./offline/stack-file.ts";

await main({
  help: `npm run golden [-- --check] [--json]

Writes tests/golden/<stack>.txt for every stack: one line for each resource with its type, names and protection. A line
that goes or changes is an object that is deleted or replaced; review shows it. And tests/golden/reachability.txt: what
the network policies of one region of prod allow, with staging beside production; a mark that comes is a way that opens.

${generatedHelp}`,
  options: generatedOptions,
  positionals: [],
  async run({ options }) {
    const files = new Map<string, string>();
    for (const stack of stackNames()) files.set(`tests/golden/${stack}.txt`, inventory(await runOffline(stack)));
    const run = await runOffline("prod", { config: stackConfig("prod", beside) });
    files.set("tests/golden/reachability.txt", reachabilityText(reachability(run, "us-west")));
    return writeGenerated(files, options, "npm run golden");
  },
});
