import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { runOffline } from "../../tools/offline/host.ts";
import { placedObjects } from "../../tools/offline/inventory.ts";
import { renderManifests } from "../../tools/offline/manifests.ts";
import { inTurn, runOf, runWith } from "../support/runs.ts";
import { mistakesOf, stackConfig } from "../support/stacks.ts";

describe("whoever runs the program", () => {
  it("gets the same objects, in whatever order the regions are handed over: the engine sorts them by name", async () => {
    const written = await runOf("prod");
    const config = stackConfig("prod");
    const regions = Object.entries(config["realmgrid:regions"] as object);
    config["realmgrid:regions"] = Object.fromEntries(regions.reverse());
    const reversed = await inTurn(() => runOffline("prod", { config }));
    assert.deepEqual(renderManifests(reversed), renderManifests(written));
  });

  it("gets manifests that mean the same to readers of YAML 1.1, to whom an unquoted Off is false", async () => {
    const run = await runOf("prod");
    const files = renderManifests(run);
    const objects = placedObjects(run).filter(({ kind }) => kind === "VerticalPodAutoscaler");
    assert.ok(objects.length > 0);
    for (const { region, component, kind, name } of objects) {
      const text = files.get(`${region}/${component}/${kind}-${name}.yaml`) ?? "";
      assert.equal(parse(text, { version: "1.1" }).spec.updatePolicy.updateMode, "Off");
    }
  });
});

describe("a region that is turned off", () => {
  it("is turned off by one word, whatever else its block says", async () => {
    assert.deepEqual(mistakesOf("prod", { "regions.us-east.enabled": false }), []);
    const run = await runWith("prod", { "regions.us-east.enabled": false });
    assert.deepEqual([...new Set(placedObjects(run).map((one) => one.region))].sort(), ["eu-west", "us-west"]);
    const list = placedObjects(run).find((one) => one.region === "eu-west" && one.name === "region-config");
    const data = list?.resource.inputs["data"] as Record<string, string> | undefined;
    const regions = parse(data?.["regions.yaml"] ?? "").regions;
    assert.deepEqual(regions["us-east"], { enabled: false, capacity: 0, min_replicas: 0, max_replicas: 0 });
  });
});

describe("a name that a person mistypes", () => {
  it("in front of a section is found: a section in another namespace would leave its defaults in force", async () => {
    const config = stackConfig("dev");
    config["relmgrid:game"] = { logLevel: "ERROR" };
    await assert.rejects(
      inTurn(() => runOffline("dev", { config })),
      /got {3}"relmgrid:"\n {4}want {2}realmgrid:[\s\S]*fix {3}write realmgrid:game/,
    );
  });

  it("is none where a provider has a key of its own", async () => {
    const config = stackConfig("dev");
    config["kubernetes:context"] = "elsewhere";
    const run = await inTurn(() => runOffline("dev", { config }));
    assert.ok(run.resources.length > 0);
  });
});

describe("the backup job of a region", () => {
  // One connection of each world, so that the database has room for all of them, and metrics for as many days as a volume
  // has room for.
  const large = {
    "regions.us-west.pools.worlds.maxNodes": 100,
    "data.mysql.pools.worlds": 1,
    "monitoring.prometheus.retentionDays": 10,
  };

  it("has time for every world of the stacks as they ship, and for 150", () => {
    assert.deepEqual(mistakesOf("prod", { ...large, "regions.us-west.worlds.count": 150 }), []);
  });

  it("refuses worlds beyond those, the last of which would never be saved", () => {
    const mistakes = mistakesOf("prod", { ...large, "regions.us-west.worlds.count": 151 });
    assert.deepEqual(
      mistakes.map((one) => one.path),
      ["regions.us-west.worlds.count"],
    );
    assert.match(mistakes[0]?.want ?? "", /3100 s = 31 waves x \(90 s save \+ 10 s snapshot\) <= 3000 s/);
  });
});
