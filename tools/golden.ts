/** `npm run golden`: writes the inventories in tests/golden, one line for each resource of a stack. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "./command.ts";
import { runOffline } from "./offline/host.ts";
import { inventory } from "./offline/inventory.ts";
import { projectFolder, stackNames } from "./offline/stack-file.ts";
import { paint } from "./table.ts";

await main({
  help: `npm run golden [-- --check]

Writes tests/golden/<stack>.txt for every stack: one line for each resource with its type, names and protection. A line
that goes or changes is an object that is deleted or replaced; review shows it.

  --check   write nothing, exit with 1 when an inventory differs
`,
  options: { check: { type: "boolean" } },
  positionals: [],
  async run({ options }) {
    let different = 0;
    for (const stack of stackNames()) {
      const path = `tests/golden/${stack}.txt`;
      const file = join(projectFolder, path);
      const text = inventory(await runOffline(stack));
      const same = existsSync(file) && readFileSync(file, "utf8") === text;
      if (!same && options.check === true) different += 1;
      if (!same && options.check !== true) writeFileSync(file, text);
      const word = same ? "up to date" : options.check === true ? "differs: run npm run golden" : "written";
      process.stdout.write(`${paint(same ? "green" : "yellow", word)}  ${path}\n`);
    }
    return different > 0 ? 1 : 0;
  },
});
