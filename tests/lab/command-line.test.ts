import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { help, parseCommandLine } from "../../lab/command-line.ts";
import { UsageError } from "../../tools/errors.ts";

const mistakes: [words: string[], message: RegExp][] = [
  [["start"], /unknown command "start"; want build, up, status/],
  [["--verbose"], /unknown option --verbose/],
  [["up", "--verbose"], /`up`: Unknown option '--verbose'/],
  [["down", "--json"], /`down` has no option --json/],
  [["up", "dev", "prod"], /got 2 words after `up`/],
  [["kubectl"], /got 0 words after `kubectl`/],
  [["up", "../etc"], /"\.\.\/etc" is not the name of a stack/],
  [["up", "--client-qps", "many"], /--client-qps: got "many", want a whole number above 0/],
  [["help", "start"], /unknown command "start"/],
];

describe("command line of the lab", () => {
  for (const [words, message] of mistakes) {
    it(`refuses \`${words.join(" ")}\``, () => {
      assert.throws(
        () => parseCommandLine(words),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it("starts the dev stack unless another one is named", () => {
    assert.equal(parseCommandLine(["up"]).stack, "dev");
    const { stack, folder, crds, clientQps } = parseCommandLine(
      "up prod --folder /lab --crds keda,strimzi --client-qps 500".split(" "),
    );
    assert.deepEqual(
      { stack, folder, crds, clientQps },
      { stack: "prod", folder: "/lab", crds: ["keda", "strimzi"], clientQps: 500 },
    );
  });

  it("hands everything after the region to kubectl", () => {
    const { stack, args } = parseCommandLine("kubectl --stack prod us-west get pods --output json".split(" "));
    assert.deepEqual({ stack, args }, { stack: "prod", args: ["us-west", "get", "pods", "--output", "json"] });
  });

  it("takes the stack of `up`, `status` and `down` as a word", () => {
    for (const command of ["up", "status", "down"]) assert.equal(parseCommandLine([command, "prod"]).stack, "prod");
    assert.equal(parseCommandLine(["down", "--stack", "prod"]).stack, "prod");
  });

  it("takes the options of a scenario before and after its name, and hands it the other words", () => {
    for (const words of [
      ["--stack=prod", "kill-tenth", "10"],
      ["kill-tenth", "10", "--stack", "prod"],
    ]) {
      const { args, stack } = parseCommandLine(["scenario", ...words]);
      assert.deepEqual([stack, args], ["prod", ["kill-tenth", "10"]]);
    }
  });

  it("has help for all commands and for each", () => {
    const all = help();
    for (const command of ["build", "up", "status", "kubectl", "scenario", "down"] as const) {
      assert.ok(all.includes(`  ${command}`));
      assert.equal(parseCommandLine([command, "--help"]).topic, command);
      assert.match(help(command), new RegExp(`^Usage: npm run lab -- ${command}`));
    }
  });

  it("prints one error and ends with 2 after a mistake", () => {
    const main = join(import.meta.dirname, "../../lab/main.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "start"], { encoding: "utf8" });
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^lab: unknown command "start"[^\n]*\n[^\n]*--help[^\n]*\n$/);
  });
});
