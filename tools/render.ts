/** `npm run render -- STACK --out DIR`: every object of a stack as YAML, for Git and for review. */
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { indexFile, indexTitle, renderManifests } from "./offline/manifests.ts";
import { deliveryMode, owners, runOwned, type TreeOwner } from "./offline/owners.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { compareFolder, replaceFolder } from "./offline/write-files.ts";
import { count, paint } from "./table.ts";

function isOwner(text: unknown): text is TreeOwner {
  return owners.some((one) => one === text);
}

await main({
  help: `npm run render -- STACK --out DIR [--owner OWNER] [--check]

Writes the Kubernetes objects of a stack to DIR/<region>/<component>/<kind>-<name>.yaml and a list of all with their
hashes to DIR/${indexFile}. The same program always writes the same bytes. Files that no longer belong there are removed.
Secrets are listed and never written.

  STACK     name of a stack file, for example dev or prod
  --owner   whose objects: argocd (ready to commit, with kustomizations and the order of a sync), pulumi or all;
            argocd where the stack's delivery.mode says so, else all
  --out     folder that is replaced by the output; for example rendered/prod
  --check   write nothing, exit with 1 when the folder differs
  --json    what was written, changed and removed as JSON
`,
  options: {
    out: { type: "string" },
    owner: { type: "string" },
    check: { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: ["STACK"],
  async run({ options, positionals: [stack = ""] }) {
    const folder = options.out;
    if (typeof folder !== "string" || folder === "") throw new UsageError("--out DIR is missing");
    const config = readStackFile(stack);
    const owner = options.owner ?? (deliveryMode(config) === "argocd" ? "argocd" : "all");
    if (!isOwner(owner)) throw new UsageError(`--owner ${owner}: want one of ${owners.join(", ")}`);
    const { run, owns } = await runOwned(stack, owner, config);
    const files = renderManifests(run, { only: owns, forArgoCd: owner === "argocd" });
    const difference =
      options.check === true
        ? compareFolder(folder, files)
        : replaceFolder(folder, files, { file: indexFile, text: indexTitle });
    const { missing, changed, stale } = difference;
    const differences = missing.length + changed.length + stale.length;
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ stack, owner, folder, files: files.size, ...difference }, null, 2)}\n`);
    } else if (options.check === true) {
      const list = [
        ...missing.map((one) => `missing  ${one}`),
        ...changed.map((one) => `changed  ${one}`),
        ...stale.map((one) => `stale    ${one}`),
      ];
      process.stdout.write(
        differences === 0
          ? `${paint("green", "ok")}  ${folder} is up to date: ${count(files.size, "file")}\n`
          : `${list.join("\n")}\n${paint("red", "differs")}  ${folder}: run npm run render -- ${stack} --owner ${owner} --out ${folder}\n`,
      );
    } else {
      process.stdout.write(
        `${paint("green", "ok")}  ${folder}: ${count(files.size, "file")}, ${missing.length} new, ${changed.length} changed, ${stale.length} removed\n`,
      );
    }
    return options.check === true && differences > 0 ? 1 : 0;
  },
});
