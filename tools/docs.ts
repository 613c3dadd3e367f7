/** `npm run docs`: writes the generated pages of docs/. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "./command.ts";
import { projectFolder } from "./offline/stack-file.ts";
import { configurationReference, stackFileSchema } from "./reference.ts";
import { paint } from "./table.ts";

/** Generated files by path. */
const pages: Record<string, () => string> = {
  "docs/configuration.md": configurationReference,
  "docs/stack-file.schema.json": stackFileSchema,
};

await main({
  help: `npm run docs [-- --check]

Writes the generated pages: ${Object.keys(pages).join(", ")}.

  --check   write nothing, exit with 1 when a page is stale
`,
  options: { check: { type: "boolean" } },
  positionals: [],
  async run({ options }) {
    let stale = 0;
    for (const [path, page] of Object.entries(pages)) {
      const file = join(projectFolder, path);
      const text = page();
      const same = existsSync(file) && readFileSync(file, "utf8") === text;
      if (!same && options.check === true) stale += 1;
      if (!same && options.check !== true) writeFileSync(file, text);
      const word = same ? "up to date" : options.check === true ? "stale: run npm run docs" : "written";
      process.stdout.write(`${paint(same ? "green" : "yellow", word)}  ${path}\n`);
    }
    return stale > 0 ? 1 : 0;
  },
});
