import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { deliveredParts } from "../../components/deliver.ts";
import { applicationSpec, waveLabel, waves } from "../../components/delivery/applications.ts";
import { planOf } from "../support/stacks.ts";
import {
  type ApplicationSetSpec,
  applicationSets,
  applications,
  madeOf,
  type Own,
  projects,
} from "./support/argo-objects.ts";
import { delivering, repository } from "./support/delivered.ts";

function hub(more: Record<string, unknown> = {}) {
  return delivering({ "delivery.argocd.hub": "us-east", ...more });
}

/** Regions by the step of a RollingSync that takes them. */
function steps(set: Own<ApplicationSetSpec>): string[][] {
  const made = madeOf(set);
  return (set.spec.strategy?.rollingSync.steps ?? []).map(({ matchExpressions }) =>
    made
      .filter(({ metadata }) =>
        matchExpressions.every(({ key, operator, values }) => {
          assert.equal(operator, "In");
          return values.includes(metadata.labels?.[key] ?? "");
        }),
      )
      .map(({ name }) => name),
  );
}

describe("an ApplicationSet of a hub", function () {
  this.timeout(120_000);
  let sets: Own<ApplicationSetSpec>[];

  before(async () => {
    sets = await applicationSets("prod", hub());
  });

  it("is there for each part, in the region of the hub alone, with a project of its name", async () => {
    assert.deepEqual(sets.map(({ region, name }) => `${region} ${name}`).sort(), [
      "us-east ad-platform",
      "us-east mmorpg-game",
    ]);
    const all = await projects("prod", hub());
    assert.deepEqual(
      all.map(({ region, name }) => `${region} ${name}`).sort(),
      sets.map(({ region, name }) => `${region} ${name}`).sort(),
    );
    for (const { name, spec } of sets) assert.equal(spec.template.spec.project, name);
  });

  it("takes the region with the fewest game servers alone, then all others together", () => {
    const game = sets.find(({ name }) => name === "mmorpg-game");
    assert.ok(game);
    assert.deepEqual(steps(game), [["mmorpg-game-us-east"], ["mmorpg-game-us-west", "mmorpg-game-eu-west"]]);
  });

  it("has of a part that runs in two of three regions these two, and no empty step", () => {
    const ads = sets.find(({ name }) => name === "ad-platform");
    assert.ok(ads);
    assert.deepEqual(steps(ads), [["ad-platform-us-west"], ["ad-platform-eu-west"]]);
  });

  it("goes in the waves of the stack file, and skips one of which a part has no region", async () => {
    const order = [["eu-west"], ["us-east"], ["us-west"]];
    const ordered = await applicationSets("prod", hub({ "delivery.argocd.waves": order }));
    const names = Object.fromEntries(ordered.map((set) => [set.name, steps(set)]));
    assert.deepEqual(names["mmorpg-game"], [["mmorpg-game-eu-west"], ["mmorpg-game-us-east"], ["mmorpg-game-us-west"]]);
    assert.deepEqual(names["ad-platform"], [["ad-platform-eu-west"], ["ad-platform-us-west"]]);
  });

  it("takes each Application in exactly one step: one in none would never get a change", () => {
    for (const set of sets) {
      const made = madeOf(set).map(({ name }) => name);
      assert.deepEqual(steps(set).flat().sort(), made.sort());
      for (const { metadata } of madeOf(set)) assert.match(metadata.labels?.[waveLabel] ?? "", /^\d$/);
    }
  });

  it("makes for each region the Application that the region would have of its own, but for the cluster", () => {
    const plan = planOf("prod", hub());
    const { argocd } = plan.config.delivery;
    for (const part of deliveredParts(plan)) {
      const set = sets.find(({ name }) => name === part.project);
      assert.ok(set);
      const made = madeOf(set);
      assert.equal(made.length, part.regions.length);
      for (const region of part.regions) {
        const wanted = applicationSpec(argocd, { repository, part, region, automated: true });
        const found = made.find(({ name }) => name === `${part.project}-${region}`);
        assert.deepEqual(found?.spec, JSON.parse(JSON.stringify(wanted)), region);
      }
    }
  });

  it("names its own cluster by its address and the others by the names of their Secrets, never both ways", async () => {
    for (const { name, spec } of await applications("prod", hub())) {
      const { namespace, ...cluster } = spec.destination;
      assert.deepEqual(
        cluster,
        name.endsWith("us-east")
          ? { server: "https://kubernetes.default.svc" }
          : { name: name.slice(namespace.length + 1) },
      );
    }
  });

  it("fails on a key that is not there, and would not deliver to an empty path", () => {
    for (const { spec } of sets) {
      assert.equal(spec.goTemplate, true);
      assert.deepEqual(spec.goTemplateOptions, ["missingkey=error"]);
    }
  });

  it("prunes: RollingSync reads that off the template, and what Git dropped stayed in the cluster for ever", () => {
    for (const { spec } of sets)
      assert.deepEqual(spec.template.spec.syncPolicy.automated, { prune: true, selfHeal: true });
  });

  it("is in no stack without a hub, where each region has Applications of its own", async () => {
    assert.deepEqual(await applicationSets("prod", delivering()), []);
    const own = await applications("prod", delivering());
    for (const { region, name, spec } of own) {
      assert.ok(name.endsWith(`-${region}`));
      assert.deepEqual(
        { ...spec.destination, namespace: "" },
        { server: "https://kubernetes.default.svc", namespace: "" },
      );
    }
  });
});

describe("waves", () => {
  it("hold every region once, whatever is said", () => {
    const regions = ["a", "b", "c"];
    assert.deepEqual(waves({ waves: [] }, regions), [["a"], ["b", "c"]]);
    assert.deepEqual(waves({ waves: [["c", "b"], ["a"]] }, regions), [["c", "b"], ["a"]]);
    assert.deepEqual(waves({ waves: [["b"], ["a", "c"]] }, ["a", "c"]), [["a", "c"]]);
    assert.deepEqual(waves({ waves: [] }, ["a"]), [["a"]]);
    assert.deepEqual(waves({ waves: [] }, []), []);
  });
});
