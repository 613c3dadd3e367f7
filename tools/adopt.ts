/** `npm run adopt -- --stack NAME`: what a cluster has already, before this program takes it over. */
import { type AdoptionLine, adoptions, takeFromHelm } from "./adopt/adopt.ts";
import { clusterClients } from "./clusters.ts";
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { placedObjects } from "./offline/inventory.ts";
import { regionContexts, runWhole } from "./offline/owners.ts";
import { readStackFile, stackNames } from "./offline/stack-file.ts";
import { count, paint, table } from "./table.ts";

const most = 6;

function what({ adoption }: AdoptionLine): string {
  if (adoption.state === "blocked") return adoption.because;
  if (adoption.state !== "adopt") return "";
  const { fields } = adoption;
  const shown = fields.slice(0, most).join(", ");
  return fields.length === 0
    ? "nothing changes"
    : fields.length > most
      ? `${shown} and ${fields.length - most} more`
      : shown;
}

function report(lines: readonly AdoptionLine[], taken: number | undefined): string {
  const there = lines.filter(({ adoption: { state } }) => state === "adopt" || state === "blocked");
  const rows = there.map((line) => [
    line.context,
    line.adoption.state === "blocked" ? paint("red", "blocked") : "adopt",
    line.kind,
    [line.namespace, line.name].filter(Boolean).join("/"),
    what(line),
  ]);
  const of = (state: string) => lines.filter(({ adoption }) => adoption.state === state).length;
  const blocked = of("blocked");
  return [
    ...(rows.length === 0 ? [] : [table(["cluster", "", "kind", "object", "what changes"], rows), ""]),
    blocked > 0
      ? `${paint("red", "blocked")}  ${count(blocked, "object")} cannot become what the program says: remove or rename them first (docs/runbooks/adopt.md)`
      : `${paint("green", "ok")}  ${count(of("adopt"), "object")} to adopt, ${of("new")} new, ${of("ours")} of this program already`,
    ...(taken === undefined ? [] : [`${paint("green", "ok")}  Helm let go of ${count(taken, "object")}`]),
    "",
  ].join("\n");
}

await main({
  help: `npm run adopt -- --stack NAME [--take-from-helm] [--json]

For people who come from manifests or from Helm: looks in the clusters for what has the names of this stack's objects, asks
the API servers what would change, and writes nothing. Then "pulumi up" with delivery.handOver: true takes it over instead
of failing on names that exist; see docs/runbooks/adopt.md. Fields are named, values are not. Uses your kubeconfig.

  --stack           one of ${stackNames().join(", ")}
  --take-from-helm  takes Helm's claims off the fields of what will be adopted; changes no field
  --json            the list as JSON

Exit code 1: something is there that cannot become what the program says; nothing was done.
`,
  options: { stack: { type: "string" }, "take-from-helm": { type: "boolean" }, json: { type: "boolean" } },
  positionals: [],
  async run({ options }) {
    const { stack } = options;
    if (typeof stack !== "string") throw new UsageError("--stack NAME is missing");
    const config = readStackFile(stack);
    const contexts = regionContexts(config);
    const { run } = await runWhole(stack, { config });
    const objects = placedObjects(run);
    const client = clusterClients([...new Set(objects.map(({ region }) => contexts[region] ?? region))]);
    const lines = await adoptions(objects, { contexts, client });
    const isBlocked = lines.some(({ adoption }) => adoption.state === "blocked");
    const take = options["take-from-helm"] === true && !isBlocked;
    const taken = take ? await takeFromHelm(lines, { objects, client }) : undefined;
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ stack, taken, objects: lines }, null, 2)}\n` : report(lines, taken),
    );
    return isBlocked ? 1 : 0;
  },
});
