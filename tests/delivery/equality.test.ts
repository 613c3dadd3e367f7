import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { isModeMarker } from "../../components/delivery/mode-marker.ts";
import {
  deliveredStacks,
  engineObjects,
  groupOf,
  identity,
  type Located,
  renderedObjects,
  withoutAnnotations,
} from "./support/delivered.ts";

function isArgoCds({ object }: Located): boolean {
  return groupOf(object) === "argoproj.io";
}

function isMarker({ object }: Located): boolean {
  return object.kind === "ConfigMap" && isModeMarker(object.metadata.name);
}

function byIdentity(objects: readonly Located[]): Map<string, Located> {
  const map = new Map(objects.map((one) => [identity(one), one]));
  assert.equal(map.size, objects.length, "two objects are the same");
  return map;
}

for (const { title, stack, changes } of deliveredStacks) {
  describe(`one owner for each object: ${title}`, function () {
    this.timeout(120_000);
    let direct: Map<string, Located>;
    let engine: Map<string, Located>;
    let tree: Map<string, Located>;
    let markers: string[];

    before(async () => {
      const whole = await engineObjects(stack, {});
      const half = await engineObjects(stack, changes);
      markers = [...whole, ...half].filter(isMarker).map(({ region, object }) => `${region} ${object.metadata.name}`);
      direct = byIdentity(whole.filter((one) => !isMarker(one)));
      engine = byIdentity(half.filter((one) => !isMarker(one) && !isArgoCds(one)));
      tree = byIdentity(await renderedObjects(stack, changes));
    });

    it("has no object that both the engine and Argo CD own; they undid each other's work for ever", () => {
      assert.deepEqual(
        [...tree.keys()].filter((key) => engine.has(key)),
        [],
      );
      assert.ok(tree.size > 50 && engine.size > 200, `${tree.size} rendered, ${engine.size} of the engine`);
    });

    it("has no object that nobody owns, and none that the engine alone would not make, in each region apart", () => {
      const regions = [...new Set([...direct.values()].map(({ region }) => region))];
      for (const region of regions) {
        const of = (map: Map<string, Located>) =>
          [...map].filter(([, one]) => one.region === region).map(([key]) => key);
        assert.ok(of(tree).length > 20, region);
        assert.deepEqual([...of(engine), ...of(tree)].sort(), of(direct).sort(), region);
      }
    });

    it("says the same of an object whoever applies it", () => {
      for (const [key, { object }] of tree) {
        const wanted = withoutAnnotations(direct.get(key)?.object ?? object, (one) => one.startsWith("pulumi.com/"));
        const rendered = withoutAnnotations(object, (one) => one.startsWith("argocd.argoproj.io/"));
        assert.deepEqual(rendered, wanted, key);
      }
      for (const [key, { object }] of engine) assert.deepEqual(object, direct.get(key)?.object, key);
    });

    it("writes no annotation of the engine's provider into Git", () => {
      for (const [key, { object }] of tree) {
        const keys = Object.keys(object.metadata.annotations ?? {});
        assert.deepEqual(
          keys.filter((one) => one.startsWith("pulumi.com/")),
          [],
          key,
        );
      }
    });

    it("marks the mode in each region, so that another replaces it, which protection refuses", () => {
      const regions = [...new Set([...direct.values()].map(({ region }) => region))];
      const wanted = regions.flatMap((region) => [`${region} delivered-by-argocd`, `${region} delivered-by-pulumi`]);
      assert.deepEqual(markers.sort(), wanted.sort());
    });
  });
}
