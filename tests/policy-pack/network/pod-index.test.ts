/** The index of pods finds what a look at every pod finds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import { selects } from "../../../policy-pack/kube/selectors.ts";
import { Field, toTree, unknown } from "../../../policy-pack/kube/tree.ts";
import { workload } from "../../../policy-pack/rules/network/cases.ts";
import { isOnHostNetwork, PodIndex } from "../../../policy-pack/rules/network/pod-index.ts";
import { objectsOf } from "../support/findings.ts";

const keys = fc.constantFrom("app", "tier", "zone");
const values = fc.constantFrom<unknown>("a", "b", unknown);
const labelSets = fc.oneof(fc.dictionary(keys, values, { maxKeys: 3 }), fc.constant(unknown));
const selectors = fc.record({
  matchLabels: fc.oneof(fc.dictionary(keys, values, { maxKeys: 2 }), fc.constant(unknown)),
  matchExpressions: fc.array(
    fc.record({
      key: keys,
      operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
      values: fc.array(values, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
});

function indexOf(manifests: Parameters<typeof objectsOf>[0]): PodIndex {
  return PodIndex.of(new Cluster(objectsOf(manifests)));
}

describe("index of pods", () => {
  it("takes a selector that is not known yet for one that may select anything, and an absent one for none", () => {
    const index = indexOf([workload()]);
    assert.deepEqual(index.selected("sample", new Field(unknown)), { pods: [], maybe: true });
    assert.deepEqual(index.selectedByMap("sample", new Field(unknown)), { pods: [], maybe: true });
    assert.deepEqual(index.selected("sample", new Field(null)), { pods: [], maybe: false });
  });

  it("knows a pod that shares the network of its node", () => {
    const on = (hostNetwork: unknown) =>
      indexOf([workload({}, { hostNetwork })])
        .pods("sample")
        .map(isOnHostNetwork);
    assert.deepEqual([...on(true), ...on(false), ...on(undefined), ...on(unknown)], [true, false, false, undefined]);
  });

  it("selects the same pods as a look at each of them", () => {
    fc.assert(
      fc.property(fc.array(labelSets, { maxLength: 6 }), selectors, (sets, selector) => {
        const index = indexOf(sets.map((labels) => workload(labels)));
        const field = new Field(toTree(selector));
        const answers = sets.map((labels) => selects(field, new Field(toTree(labels))));
        const { pods, maybe } = index.selected("sample", field);
        const known = typeof selector.matchLabels === "object";
        // A map of labels that is not known yet may select anything, an empty namespace's pods too.
        if (known) assert.equal(pods.length, answers.filter((answer) => answer === true).length);
        assert.equal(maybe, !known || answers.includes(undefined));
        if (!known || selector.matchExpressions.length > 0) return;
        const byMap = index.selectedByMap("sample", field.at("matchLabels"));
        assert.deepEqual([byMap.pods.length, byMap.maybe], [pods.length, maybe]);
      }),
    );
  });

  it("keeps pods of an unknown namespace apart, and lets them count as possible everywhere", () => {
    const index = indexOf([workload(), workload({ app: "x" }, {}, { metadata: { name: "x", namespace: unknown } })]);
    assert.deepEqual(index.namespaces(), ["sample"]);
    assert.equal(index.homeless.length, 1);
    assert.deepEqual(index.selectedByMap("other", new Field(toTree({ app: "x" }))), { pods: [], maybe: true });
  });

  it("knows the labels that a controller writes, for its own kind only", () => {
    const selector = new Field(toTree({ app: "sample", "pod-template-hash": "5d8f" }));
    assert.equal(indexOf([workload()]).selectedByMap("sample", selector).pods.length, 1);
    const ofSet = indexOf([workload(undefined, {}, { kind: "StatefulSet" })]);
    assert.deepEqual(ofSet.selectedByMap("sample", selector), { pods: [], maybe: false });
  });

  it("is built once for a cluster", () => {
    const cluster = new Cluster(objectsOf([workload()]));
    assert.equal(PodIndex.of(cluster), PodIndex.of(cluster));
  });
});
