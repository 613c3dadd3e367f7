import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ancestors, isKubernetesObject } from "../../tools/offline/inventory.ts";
import { regionNames } from "../support/objects.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf } from "../support/stacks.ts";

const provider = "pulumi:providers:kubernetes";

describe("the provider of a region", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`sends everything of ${stack} to the cluster of its own region: the original modelled regions inside one cluster`, async () => {
      const run = await runOf(stack);
      const sent = run.resources.filter((one) => one.type.startsWith("kubernetes:"));
      assert.ok(sent.length > 60);
      for (const one of sent) {
        const region = ancestors(run, one).find((above) => above.type === "realmgrid:region:Region");
        assert.equal(one.provider, region?.name, one.name);
      }
    });

    it(`reaches the context of the configuration in ${stack}`, async () => {
      const run = await runOf(stack);
      const { regions } = configOf(stack);
      const providers = run.resources.filter((one) => one.type === provider);
      assert.deepEqual(
        Object.fromEntries(providers.map(({ name, inputs }) => [name, inputs["context"]])),
        Object.fromEntries(
          Object.entries(regions).flatMap(([name, one]) => (one.enabled ? [[name, one.context]] : [])),
        ),
      );
    });
  }

  it("keeps its identity when the context is renamed, so that nothing on it is replaced", async () => {
    const before = (await runOf("dev")).resources.find((one) => one.type === provider);
    const after = (await runWith("dev", { "regions.us-west.context": "renamed" })).resources.find(
      (one) => one.type === provider,
    );
    assert.deepEqual([before?.inputs["context"], after?.inputs["context"]], ["realmgrid-dev", "renamed"]);
    assert.equal(before?.inputs["clusterIdentifier"], "us-west");
    assert.equal(after?.inputs["clusterIdentifier"], "us-west");
  });

  it("changes ConfigMaps and Secrets in place and applies on the server", async () => {
    for (const { inputs } of (await runOf("prod")).resources.filter((one) => one.type === provider)) {
      assert.deepEqual(
        [inputs["enableConfigMapMutable"], inputs["enableSecretMutable"], inputs["enableServerSideApply"]],
        ["true", "true", "true"],
      );
    }
  });

  it("is absent for a region that does not run, and so is everything else of it", async () => {
    const run = await runOf("prod");
    assert.deepEqual(regionNames(run).sort(), ["eu-west", "us-east", "us-west"]);
    assert.deepEqual(
      run.resources.filter((one) => one.name.includes("asia")),
      [],
    );
  });

  it("is the only way out: nothing but passwords is made outside of a region", async () => {
    const outside = (await runOf("prod")).resources.filter(
      (one) => one.custom && one.provider === undefined && one.type !== provider,
    );
    assert.deepEqual([...new Set(outside.map((one) => one.type))], ["random:index/randomPassword:RandomPassword"]);
    assert.equal(outside.some(isKubernetesObject), false);
  });

  it("gives every object a name of its own and the kind a fixed one", async () => {
    const run = await runOf("prod");
    const logical = run.resources.map((one) => `${one.type} ${one.name}`);
    assert.equal(new Set(logical).size, logical.length);
    for (const one of run.resources.filter(isKubernetesObject)) {
      assert.ok((one.inputs["metadata"] as { name?: string }).name, `${one.name} has no name of its own`);
    }
  });
});
