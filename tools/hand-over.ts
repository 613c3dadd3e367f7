/** `npm run hand-over -- --stack NAME --to SIDE`: the old owner of workloads lets go of the fields that it wrote. */
import { clusterClients } from "./clusters.ts";
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { sides } from "./field-managers.ts";
import { deliveredObjects, type HandOverLine, handOver } from "./hand-over/hand-over.ts";
import { readStackFile, stackNames } from "./offline/stack-file.ts";
import { count, paint, table } from "./table.ts";

await main({
  help: `npm run hand-over -- --stack NAME --to SIDE [--dry-run] [--json]

The last step when worlds, game servers and services change hands: takes the old owner's claims off their fields, so that
what the new owner stops saying is really removed. Changes no field and restarts nothing. An object that the new owner has
not applied yet is an error, and then nothing is done to any. Uses your kubeconfig; see docs/runbooks/hand-over.md.

  --stack     one of ${stackNames().join(", ")}
  --to        the new owner: ${sides.join(" or ")}
  --dry-run   only list
  --json      the list as JSON
`,
  options: {
    stack: { type: "string" },
    to: { type: "string" },
    "dry-run": { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: [],
  async run({ options }) {
    const { stack, to } = options;
    if (typeof stack !== "string") throw new UsageError("--stack NAME is missing");
    const side = sides.find((one) => one === to);
    if (side === undefined) throw new UsageError(`--to ${to ?? "is missing"}: want ${sides.join(" or ")}`);
    const objects = await deliveredObjects(stack, readStackFile(stack));
    const client = clusterClients([...new Set(objects.map(({ context }) => context))]);
    const lines = await handOver(objects, { to: side, dryRun: options["dry-run"] === true, client });
    if (options.json === true)
      process.stdout.write(`${JSON.stringify({ stack, to: side, objects: lines }, null, 2)}\n`);
    else process.stdout.write(report(lines, side));
    return lines.some(({ state }) => state === "missing" || state === "not applied") ? 1 : 0;
  },
});

function report(lines: readonly HandOverLine[], to: string): string {
  const bad = lines.filter(({ state }) => state === "missing" || state === "not applied");
  if (bad.length > 0) {
    const rows = bad.map(({ context, kind, namespace, name, state }) => [context, kind, `${namespace}/${name}`, state]);
    return `${table(["cluster", "kind", "object", "state"], rows)}\n\n${paint("red", "nothing was done")}  ${to} has not applied ${count(bad.length, "object")} yet: apply first (docs/runbooks/hand-over.md)\n`;
  }
  const of = (state: HandOverLine["state"]) => lines.filter((line) => line.state === state).length;
  return `${paint("green", "ok")}  ${to} owns ${count(lines.length, "object")}: ${of("let go")} let go now, ${of("done")} before\n`;
}
