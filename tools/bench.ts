/** `npm run bench`: figures of one run on one machine, side by side. They are reported and never asserted in a test. */
import { findTools } from "../lab/toolchain.ts";
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { table } from "./table.ts";

const parts = ["program", "policies"] as const;

await main({
  help: `npm run bench [-- PART] [--runs N] [--json]

Measures the program (offline runs, preview, type check) and the policy pack (core, boot, previews with it), and, where
the lab's Pulumi CLI has been built, the real engine on the same stack, interleaved in one run. Shares of the machine
change, so read the ratios.

  PART      program or policies (default both)
  --runs    runs of each figure, the median is shown (default 5)
  --json    the figures as JSON
`,
  options: { runs: { type: "string" }, json: { type: "boolean" } },
  positionals: ["PART?"],
  async run({ options, positionals: [part] }) {
    const runs = Number(options.runs ?? 5);
    if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs: got ${options.runs}, want a number from 1`);
    if (part !== undefined && !(parts as readonly string[]).includes(part)) {
      throw new UsageError(`${part}: want ${parts.join(" or ")}`);
    }
    const pulumi = (await findTools())?.pulumi;
    const json: Record<string, unknown> = {};
    const say = (text: string) => {
      if (options.json !== true) process.stdout.write(text);
    };
    if (part !== "policies") {
      const { benchProgram } = await import("./bench/program.ts");
      const { text, figures, ...rest } = await benchProgram(runs, pulumi);
      say(`${text}${table(["figure", "measured", ""], figures)}\n`);
      json["program"] = { ...rest, figures };
    }
    if (part !== "program") {
      const { benchPolicies } = await import("./bench/policies.ts");
      const figures = await benchPolicies(runs, pulumi);
      say(`${table(["figure", "measured", ""], figures)}\n`);
      json["policies"] = { figures };
    }
    if (options.json === true) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    return 0;
  },
});
