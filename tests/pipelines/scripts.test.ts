import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { rollout } from "../../components/capacity/rollout.ts";
import { projectFolder, stackNames } from "../../tools/offline/stack-file.ts";
import { planOf, type StackName } from "../support/stacks.ts";
import { gitlabJobs, jobs, scripts } from "./files.ts";

const packageJson = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

interface Call {
  where: string;
  name: string;
  args: string[];
}

/** Every `npm run NAME -- ARGS` of the scripts. */
const calls: Call[] = scripts.flatMap(({ where, text }) =>
  [...text.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z]+)((?: [^\n|>&;]*)?)/g)]
    .filter(([, name]) => name !== "ci")
    .map(([, name = "", rest = ""]) => ({
      where,
      name,
      args: rest
        .replace(/^\s*--(\s|$)/, "")
        .trim()
        .split(/\s+/)
        .filter(Boolean),
    })),
);

describe("the scripts of the pipelines", () => {
  it("are what bash understands", () => {
    assert.ok(scripts.length > 20);
    for (const { where, text } of scripts) {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
      assert.equal(status, 0, `${where}: ${stderr}`);
    }
  });

  it("call only commands that package.json has", () => {
    assert.ok(calls.length > 15);
    for (const { where, name } of calls) assert.ok(name in packageJson.scripts, `${where}: npm run ${name}`);
  });

  it("give every command only options that its help names", () => {
    const helps = new Map<string, string>();
    for (const { where, name, args } of calls) {
      if (["check", "test"].includes(name)) {
        assert.deepEqual(args, [], where);
        continue;
      }
      const file = /\btools\/\S+\.ts$/.exec(packageJson.scripts[name] ?? "")?.[0];
      assert.ok(file !== undefined && existsSync(join(projectFolder, file)), `${name}: no tool`);
      const help =
        helps.get(name) ??
        spawnSync(process.execPath, [file, "--help"], { cwd: projectFolder, encoding: "utf8", timeout: 60_000 }).stdout;
      helps.set(name, help);
      for (const option of args.filter((one) => one.startsWith("--"))) {
        assert.match(help, new RegExp(`${option}\\b`), `${where}: npm run ${name} -- ${option}`);
      }
    }
  }).timeout(120_000);

  it("name every stack that has a file, and no other", () => {
    const named = new Set(
      [...jobs.values()].flatMap((job) => {
        const { matrix } = ((job as { strategy?: { matrix?: { stack?: string[] } } }).strategy ?? {}) as {
          matrix?: { stack?: string[] };
        };
        return matrix?.stack ?? [];
      }),
    );
    assert.deepEqual([...named].sort(), stackNames());
  });

  it("give an update more time than the longest rollout may take, twice over: one region first, then the others", () => {
    const hours = Number(/^(\d+)h$/.exec(String(gitlabJobs.get("prod")?.["timeout"]))?.[1]);
    for (const stack of stackNames()) {
      const longest = Math.max(
        ...planOf(stack as StackName).regions.flatMap((region) =>
          region.namespaces.flatMap(({ workloads }) => workloads.map((workload) => rollout(workload).seconds)),
        ),
      );
      // Half as long again is how long the engine waits; then it gives up by itself.
      const minutes = (2 * 1.5 * longest) / 60 + 30;
      const github = jobs.get(`deploy/${stack}`)?.["timeout-minutes"] ?? 0;
      assert.ok(github >= minutes, `${stack}: ${github} min on GitHub, ${Math.ceil(minutes)} needed`);
      assert.ok(hours * 60 >= minutes, `${stack}: ${hours} h on GitLab, ${Math.ceil(minutes)} min needed`);
    }
  });
});
