/** Figures of the policy pack: the core alone, its process, and the real engine's preview with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { configure, evaluateObject } from "../../policy-pack/core/evaluate.ts";
import { toObject } from "../../policy-pack/kube/objects.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { container, pod } from "../../policy-pack/rules/pod-security/cases.ts";
import { projectFolder } from "../offline/stack-file.ts";
import { type EngineFigures, enginePreview, type Figure, median, milliseconds, node, times } from "./engine.ts";

/** A Deployment with one container, as the figures of the design speak of it. */
function deployment(): object {
  const { spec } = pod() as { spec: object };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "sample", namespace: "sample", labels: { app: "sample" } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "sample" } },
      template: { metadata: { labels: { app: "sample" } }, spec: { ...spec, containers: [container()] } },
    },
  };
}

/** All rules over one Deployment, the copy of its inputs included, in milliseconds. */
function coreMs(objects: number): number {
  const configured = families.map((family) => configure(family, {}, "2026-01-01").configured);
  const judge = () => {
    // Each family copies the inputs, as each policy of the engine has to.
    for (const family of configured) {
      const object = toObject({ type: "kubernetes:apps/v1:Deployment", props: deployment(), source: "urn" });
      if (object !== undefined) evaluateObject(family, object);
    }
  };
  for (let index = 0; index < objects; index += 1) judge();
  return (
    milliseconds(() => {
      for (let index = 0; index < objects; index += 1) judge();
    }) / objects
  );
}

/** A pack with one policy that reads nothing: what the engine's own part of a pack costs. */
function emptyPack(): string {
  // Beside the project's pack, so that the same packages are found.
  const folder = mkdtempSync(join(projectFolder, "policy-pack", ".empty-"));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), "name: empty\nruntime: nodejs\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", version: "0.0.1", main: "main.js" }));
  writeFileSync(
    join(folder, "main.js"),
    `const { PolicyPack } = require("@pulumi/policy");
const validateResource = () => {};
new PolicyPack("empty", { policies: [{ name: "nothing", description: "Nothing.", validateResource }] });
`,
  );
  return folder;
}

/** From the start of the pack's process, with the SDK's own launcher, to the line with its port. */
async function bootMs(): Promise<number> {
  const launcher = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const started = performance.now();
  const child = spawn(process.execPath, [launcher, "127.0.0.1:1", "."], {
    cwd: join(projectFolder, "policy-pack"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const time = performance.now() - started;
  child.kill();
  return time;
}

/** Measures; `pulumi` is the real CLI, where there is one. */
export async function benchPolicies(runs: number, pulumi: string | undefined): Promise<Figure[]> {
  const empty = emptyPack();
  try {
    const [cores, boots, offline]: [number[], number[], number[]] = [[], [], []];
    const [without, withEmpty, withPack]: [EngineFigures[], EngineFigures[], EngineFigures[]] = [[], [], []];
    for (let index = 0; index < runs; index += 1) {
      cores.push(coreMs(300));
      boots.push(await bootMs());
      offline.push(milliseconds(() => node(["tools/preview.ts", "prod"])));
      if (pulumi !== undefined) {
        without.push(enginePreview(pulumi));
        withEmpty.push(enginePreview(pulumi, [empty]));
        withPack.push(enginePreview(pulumi, [join(projectFolder, "policy-pack")]));
      }
      process.stderr.write(`run ${index + 1} of ${runs} done\n`);
    }
    const rules = families.reduce((sum, family) => sum + family.rules.length, 0);
    const of = (figures: readonly EngineFigures[]) => median(figures.map((one) => one.processMs));
    const times8 = (of(withPack) / median(offline)).toFixed(1);
    return [
      [`core: ${rules} rules over a Deployment of one container`, times(median(cores)), "one copy for each family"],
      ["boot of the pack's process, to its port", times(median(boots)), ""],
      ["npm run preview -- prod, with every verdict", times(median(offline)), ""],
      ...(pulumi === undefined
        ? ([["real engine's preview of prod", "skipped", "no Pulumi CLI: npm run lab -- build"]] as Figure[])
        : ([
            ["real engine's preview of prod, no pack", times(of(without)), ""],
            ["the same with an empty pack", times(of(withEmpty)), ""],
            [
              "the same with the pack",
              times(of(withPack)),
              `${(of(withPack) / of(withEmpty)).toFixed(2)} times the empty pack; ${times8} times the offline preview`,
            ],
          ] as Figure[])),
    ];
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}
