import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";
import { planWorldDrill } from "../../components/game/plan.ts";
import { WorldDrill, worldDrillNodes, worldDrillScripts } from "../../components/game/world-drill.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { find, first } from "../support/objects.ts";
import { templateOf } from "../support/pods.ts";
import { configOf } from "../support/stacks.ts";

const script = (name: string) => fileURLToPath(new URL(`../../components/game/${name}.sh`, import.meta.url));

describe("the jobs of the drill of worlds", () => {
  const config = configOf("prod");
  const plan = planWorldDrill("10Gi");
  const region = Object.values(config.regions).find((one) => one.enabled);
  assert.ok(region);

  const runOf = (): Promise<OfflineRun> =>
    runAlone((options) => {
      new WorldDrill(
        "us-west-world-drill",
        {
          region,
          namespace: "mmorpg-game",
          plan,
          schedule: "30 4 * * *",
          maxAgeHours: 3,
          scratchClass: "scratch",
          diskSize: "10Gi",
        },
        options,
      );
    });

  it("ship the scripts as they are, with every variable that they read", async () => {
    const run = await runOf();
    const { data } = find(run, "ConfigMap", "world-drill");
    assert.deepEqual({ ...data }, { ...worldDrillScripts });
    for (const [job, file] of [
      ["world-drill", "world-drill.sh"],
      ["world-drill-check", "world-drill-check.sh"],
    ] as const) {
      const container = first(templateOf(run, job).spec.containers);
      assert.deepEqual(container.command, ["/bin/sh", `/script/${file}`]);
      const given = (container.env ?? []).map((one) => one.name);
      const read = [...(worldDrillScripts[file] ?? "").matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name = ""]) => name);
      assert.deepEqual(
        [...new Set(read)].filter((name) => !given.includes(name)),
        [],
      );
      assert.equal(data[file], readFileSync(script(file.replace(".sh", "")), "utf8"));
    }
  });

  it("have in the suspended one the claim whose name the script fills in, and mount it without writing", async () => {
    const run = await runOf();
    const check = find(run, "CronJob", "world-drill-check");
    assert.equal(check.spec.suspend, true);
    assert.equal(check.spec.jobTemplate.metadata.labels["realmgrid.io/drill"], "world-drill-check");
    const { spec } = templateOf(run, "world-drill-check");
    const volume = spec.volumes.find((one) => one.name === "world");
    assert.equal(volume?.persistentVolumeClaim.claimName, "world-drill-check");
    const mount = first(spec.containers).volumeMounts.find((one) => one.name === "world");
    assert.deepEqual([mount?.mountPath, mount?.readOnly], ["/world", true]);
    assert.equal(spec.automountServiceAccountToken, false);
  });

  it("stop by themselves before kubelet stops them, so that nothing is left", async () => {
    const { jobTemplate } = find(await runOf(), "CronJob", "world-drill").spec;
    const wait = first(jobTemplate.spec.template.spec.containers).env.find((one) => one.name === "WAIT_SECONDS");
    assert.ok(Number(wait?.value) < jobTemplate.spec.activeDeadlineSeconds);
  });

  it("may make claims and Jobs, but see no Secret and change no world", async () => {
    const run = await runOf();
    const { rules } = find(run, "Role", "world-drill");
    const may = rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((one) => verbs.map((verb) => `${verb} ${one}`)),
    );
    assert.ok(may.includes("create persistentvolumeclaims") && may.includes("create jobs"));
    for (const never of [
      /secrets/,
      /^(create|delete|patch|update) pods/,
      /statefulsets/,
      /^(create|delete) volumesnapshots/,
    ])
      assert.ok(!may.some((one) => never.test(one)), String(never));
    const named = rules.filter(({ resources }) => /configmaps|cronjobs/.test(resources.join()));
    assert.deepEqual(
      named.map((one) => one.resourceNames),
      [["world-drill-turns"], ["world-drill-check"]],
    );
  });

  it("keep the turns that runs have written when the program is applied again", async () => {
    const turns = (await runOf()).resources.find((one) => one.name === "us-west-world-drill-turns");
    assert.deepEqual(Object.keys(turns?.inputs ?? {}).sort(), ["apiVersion", "kind", "metadata"]);
  });

  it("count a volume for the quota, and reach nothing but the API server", () => {
    assert.equal(plan.check.claimBytes, 10 * 2 ** 30);
    const [drill, check] = worldDrillNodes(plan, region);
    assert.deepEqual(
      drill?.calls.map((one) => one.to),
      ["addresses"],
    );
    assert.deepEqual(check?.calls, []);
  });
});
