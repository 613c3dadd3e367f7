import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type QuotaResource, quotaNumber, quotaResources } from "../../../components/capacity/quota.ts";
import type { RegionPlan } from "../../../components/plan.ts";
import { type Cluster, clustersOf } from "../../../policy-pack/core/cluster.ts";
import { configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import { toObject } from "../../../policy-pack/kube/objects.ts";
import { quotas } from "../../../policy-pack/rules/quota/family.ts";
import { quotaLines } from "../../../policy-pack/rules/quota/table.ts";
import { resources } from "../../../policy-pack/rules/resources/family.ts";
import type { OfflineRun } from "../../../tools/offline/host.ts";
import { runOf, runWith } from "../../support/runs.ts";
import { type Changes, planOf, type StackName } from "../../support/stacks.ts";
import { today } from "../support/findings.ts";
import { plainSettings } from "../support/quota-stacks.ts";

function objectsFrom(run: OfflineRun) {
  return run.resources
    .map(({ type, inputs, urn, provider = "", protect, ignoreChanges }) =>
      toObject({ type, props: inputs, source: urn, cluster: provider, options: { protect, ignoreChanges } }),
    )
    .filter((object) => object !== undefined);
}

function clusterOf(run: OfflineRun, region: string): Cluster {
  const found = clustersOf(objectsFrom(run)).find(({ objects }) => objects.some(({ cluster }) => cluster === region));
  if (found === undefined) throw new Error(`no cluster ${region}`);
  return found;
}

/** What no object says: the volume that the drill of worlds makes for the time of a check. */
function madeByDrill({ game }: RegionPlan, namespace: string, resource: QuotaResource): number {
  if (namespace !== "mmorpg-game") return 0;
  if (resource === "requests.storage") return game.worldDrill.check.claimBytes ?? 0;
  return resource === "persistentvolumeclaims" ? 1 : 0;
}

const stacks: readonly [what: string, stack: StackName, changes: Changes][] = [
  ["dev", "dev", {}],
  ["prod", "prod", {}],
  [
    "dev with 120 worlds in three groups",
    "dev",
    { "regions.us-west.worlds.count": 120, "regions.us-west.pools.worlds.maxNodes": 60, "data.mysql.pools.worlds": 2 },
  ],
  [
    "prod with other maxima",
    "prod",
    {
      "regions.us-west.gameServers.maxReplicas": 37,
      "game.services.auth": { minReplicas: 2, maxReplicas: 7 },
      "game.gameServers.drainSeconds": 60,
      "game.gameServers.finalSaveSeconds": 15,
    },
  ],
];

describe("the pack and the program", () => {
  for (const [what, stack, changes] of stacks) {
    const run = () => (Object.keys(changes).length === 0 ? runOf(stack) : runWith(stack, changes));

    const places = planOf(stack, changes).regions.flatMap((region) =>
      region.namespaces.map((plan) => ({ region, plan, label: `${plan.namespace} of ${region.name} of ${what}` })),
    );
    const linesOf = (recorded: OfflineRun, region: string, namespace: string) =>
      quotaLines(clusterOf(recorded, region), plainSettings).filter((line) => line.namespace === namespace);
    for (const { region, plan, label } of places) {
      it(`need the same of every resource for ${label}`, async () => {
        const lines = linesOf(await run(), region.name, plan.namespace);
        const needs = Object.fromEntries(lines.map(({ resource, need }) => [resource, need]));
        assert.deepEqual(Object.keys(needs).sort(), [...quotaResources].sort());
        for (const { resource, need } of plan.quota) {
          const unit = quotaNumber(resource, "1");
          const want = BigInt(need - madeByDrill(region, plan.namespace, resource)) * (1_000_000_000n / BigInt(unit));
          assert.deepEqual(
            { resource, least: needs[resource]?.least, open: needs[resource]?.open },
            { resource, least: want, open: [] },
          );
        }
      });

      it(`agree on what the quota of ${label} grants`, async () => {
        for (const { resource, hard } of linesOf(await run(), region.name, plan.namespace)) {
          const line = plan.quota.find((one) => one.resource === resource);
          const unit = quotaNumber(resource as QuotaResource, "1");
          assert.equal(hard, BigInt(line?.granted ?? -1) * (1_000_000_000n / BigInt(unit)), resource);
        }
      });
    }

    it(`find nothing wrong with ${what}`, async () => {
      const families = [quotas, resources].map((family) => configure(family, {}, today).configured);
      assert.deepEqual(
        evaluate(families, objectsFrom(await run())).map(
          ({ rule, object, path, message }) => `${rule} ${object.source} ${path} ${message}`,
        ),
        [],
      );
    });
  }

  it("refuse the same stack once its quota may not grow", async () => {
    // The program refuses it before anything is made, so the pack sees the objects of a stack that is granted less.
    const run = await runOf("prod");
    const shrunk = run.resources.map((resource) =>
      resource.type.endsWith(":ResourceQuota")
        ? { ...resource, inputs: { ...resource.inputs, spec: { hard: { "requests.cpu": "50" } } } }
        : resource,
    );
    const cluster = clusterOf({ ...run, resources: shrunk }, "eu-west");
    const [line] = quotaLines(cluster, plainSettings);
    assert.equal(line?.verdict, "exceeds");
  });
});
