/** `npm run drift -- STACK`: whether the clusters are still as the stack says. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "./command.ts";
import { UserError } from "./errors.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { announced, pulumi } from "./pipelines/pulumi.ts";
import { type EngineSteps, readEngineSteps } from "./preview/engine-steps.ts";
import { count, paint } from "./table.ts";

/** More lines than this help nobody; the log has them all. */
const mostRows = 100;

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/[\r\n]+/g, " ");
}

/** The differences as Markdown. Names and paths of fields only: a value may be a secret. */
function driftMarkdown(stack: string, { steps }: EngineSteps): string {
  const rows = steps.map(
    ({ fate, subject, region, fields, because }) =>
      `| ${fate} | ${region} | ${cell(subject)} | ${[...because, ...fields].map((path) => `\`${cell(path)}\``).join(", ")} |`,
  );
  return [
    `An update of \`${stack}\` would change ${count(steps.length, "resource")} although no commit asks for it.`,
    "",
    "| an update would leave it | region | resource | fields |",
    "|---|---|---|---|",
    ...rows.slice(0, mostRows),
    ...(rows.length > mostRows ? ["", `${rows.length - mostRows} more are in the log.`] : []),
    "",
  ].join("\n");
}

await main({
  help: `npm run drift -- STACK [--out FILE]

Reads the clusters and says what an update would put back: pulumi preview --refresh. Changes nothing. Uses your login and
your kubeconfig. Exits with 1 on differences and on failures; only differences write the file.

  STACK   name of a stack file, for example dev or prod
  --out   Markdown file for the differences, names of fields without values
`,
  options: { out: { type: "string" } },
  positionals: ["STACK"],
  async run({ options, positionals: [stack = ""] }) {
    readStackFile(stack);
    const { output } = await pulumi(["preview", "--stack", stack, "--refresh", "--expect-no-changes", "--json"], {
      capture: true,
    });
    const operations = announced(output);
    if (operations === undefined) throw new UserError(`The clusters of ${stack} cannot be compared: see the log.`);
    if (operations.length === 0) {
      process.stdout.write(`${paint("green", "ok")}  ${stack}: the clusters are as the stack says\n`);
      return 0;
    }
    const folder = mkdtempSync(join(tmpdir(), "realmgrid-drift-"));
    try {
      const file = join(folder, "preview.json");
      writeFileSync(file, output, { mode: 0o600 });
      const text = driftMarkdown(stack, readEngineSteps(file, stack));
      if (typeof options.out === "string") writeFileSync(options.out, text);
      process.stdout.write(`${text}\n${paint("red", "differs")}  ${stack}\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
    return 1;
  },
});
