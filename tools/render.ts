/** `npm run render -- STACK --out DIR`: every object of a stack as YAML, for Git and for review. */
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { runOffline } from "./offline/host.ts";
import { indexFile, indexTitle, renderManifests } from "./offline/manifests.ts";
import { compareFolder, replaceFolder } from "./offline/write-files.ts";
import { count, paint } from "./table.ts";

await main({
  help: `npm run render -- STACK --out DIR [--check]

Writes every Kubernetes object of a stack to DIR/<region>/<component>/<kind>-<name>.yaml and a list of all to
DIR/${indexFile}. The same program always writes the same bytes. Files that no longer belong there are removed. Secrets
are listed and never written.

  STACK     name of a stack file, for example dev or prod
  --out     folder that is replaced by the output; for example rendered/prod
  --check   write nothing, exit with 1 when the folder differs
  --json    what was written, changed and removed as JSON
`,
  options: { out: { type: "string" }, check: { type: "boolean" }, json: { type: "boolean" } },
  positionals: ["STACK"],
  async run({ options, positionals: [stack = ""] }) {
    const folder = options.out;
    if (typeof folder !== "string" || folder === "") throw new UsageError("--out DIR is missing");
    const files = renderManifests(await runOffline(stack));
    const difference =
      options.check === true
        ? compareFolder(folder, files)
        : replaceFolder(folder, files, { file: indexFile, text: indexTitle });
    const { missing, changed, stale } = difference;
    const differences = missing.length + changed.length + stale.length;
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ stack, folder, files: files.size, ...difference }, null, 2)}\n`);
    } else if (options.check === true) {
      const list = [
        ...missing.map((one) => `missing  ${one}`),
        ...changed.map((one) => `changed  ${one}`),
        ...stale.map((one) => `stale    ${one}`),
      ];
      process.stdout.write(
        differences === 0
          ? `${paint("green", "ok")}  ${folder} is up to date: ${count(files.size, "file")}\n`
          : `${list.join("\n")}\n${paint("red", "differs")}  ${folder}: run npm run render -- ${stack} --out ${folder}\n`,
      );
    } else {
      process.stdout.write(
        `${paint("green", "ok")}  ${folder}: ${count(files.size, "file")}, ${missing.length} new, ${changed.length} changed, ${stale.length} removed\n`,
      );
    }
    return options.check === true && differences > 0 ? 1 : 0;
  },
});
