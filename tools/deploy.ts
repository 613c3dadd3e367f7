/** `npm run deploy -- STACK`: what a pipeline does to apply a stack, in the order in which it is safe. */
import { setTimeout as pause } from "node:timers/promises";
import { main } from "./command.ts";
import { UsageError, UserError } from "./errors.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { regionUrn, runningRegions, sharedOperations } from "./pipelines/canary.ts";
import { announced, pulumi } from "./pipelines/pulumi.ts";
import { count, paint } from "./table.ts";

const policies = ["--policy-pack", "policy-pack"];

function say(text: string): void {
  process.stdout.write(`\n${paint("bold", text)}\n\n`);
}

async function run(args: readonly string[], failed: string): Promise<void> {
  const { code } = await pulumi(args);
  if (code !== 0) throw new UserError(failed);
}

/** Reads the clusters and refuses what is not as it was applied, a workload that is no longer ready among it. */
async function isAsApplied(stack: string, target: readonly string[] = []): Promise<void> {
  await run(
    ["preview", "--stack", stack, "--refresh", "--expect-no-changes", ...target],
    "What was applied does not stay as it is: see the changes above. Somebody else writes it, or it is not healthy.",
  );
}

async function canary(stack: string, region: string, soakMinutes: number): Promise<void> {
  // Without the pack: the engine shows it an empty object for each resource of other regions that is new and not
  // targeted, and it would refuse that. The preview of everything has just judged them all.
  const target = ["--target", regionUrn(stack, region), "--target-dependents"];
  say(`${region} first`);
  await run(
    ["up", "--stack", stack, "--yes", ...target],
    `${region} failed, so no other region was touched. Repair or revert; "npm run recover" if it was killed.`,
  );
  say(`${region}: ${soakMinutes} min, then a second look`);
  await pause(soakMinutes * 60_000);
  await isAsApplied(stack, target);
}

await main({
  help: `npm run deploy -- STACK [--canary REGION] [--soak MINUTES]

Applies a stack with the engine: a preview of everything with the policy pack, then one region if it is named, then
everything with the policy pack, then a second look at the clusters, which must be as they were applied. Stops at the
first that fails. Uses your login and your kubeconfig. It changes clusters and asks nothing: people run pulumi up.

  STACK      name of a stack file, for example dev or prod
  --canary   region that gets the change alone at first. A change of what regions share goes to all at once, and so does
             a stack's first update
  --soak     minutes between the region and the others (default 10)
`,
  options: { canary: { type: "string" }, soak: { type: "string" } },
  positionals: ["STACK"],
  async run({ options, positionals: [stack = ""] }) {
    const region = options.canary;
    const soakMinutes = Number(options.soak ?? 10);
    if (!(soakMinutes >= 0 && soakMinutes <= 120))
      throw new UsageError(`--soak ${options.soak}: want 0 to 120 minutes`);
    const regions = runningRegions(readStackFile(stack));
    if (typeof region === "string" && !regions.includes(region)) {
      throw new UserError(`--canary ${region}: no region of ${stack} that runs; want one of ${regions.join(", ")}`);
    }
    say(`${stack}: what would change`);
    const { code, output } = await pulumi(["preview", "--stack", stack, "--json", ...policies], { capture: true });
    const operations = announced(output);
    if (code !== 0 || operations === undefined) {
      // The digest has the objects' fields, so the reasons are asked for in the form for people.
      await pulumi(["preview", "--stack", stack, ...policies]);
      throw new UserError(`${stack} was not touched: its preview fails.`);
    }
    process.stdout.write(`${count(operations.length, "operation")}\n`);
    if (typeof region === "string") {
      const shared = sharedOperations(operations);
      if (shared.length > 0) {
        const names = shared.slice(0, 5).map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
        say(`No region first: what regions share changes (${names.join(", ")}), so all get it at once`);
      } else {
        await canary(stack, region, soakMinutes);
      }
    }
    say(`${stack}: everything`);
    await run(
      ["up", "--stack", stack, "--yes", ...policies],
      `The update of ${stack} failed part of the way. What was done is recorded. Repair or revert, then deploy again.`,
    );
    say(`${stack}: a second look`);
    await isAsApplied(stack);
    process.stdout.write(`\n${paint("green", "ok")}  ${stack} is applied\n`);
    return 0;
  },
});
