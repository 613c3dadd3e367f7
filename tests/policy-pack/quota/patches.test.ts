import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import { toObject } from "../../../policy-pack/kube/objects.ts";
import { deployment, limitRange, namespace, quota } from "../../../policy-pack/rules/quota/cases.ts";
import { quotas } from "../../../policy-pack/rules/quota/family.ts";
import { resources } from "../../../policy-pack/rules/resources/family.ts";
import { keys, today } from "../support/findings.ts";

/** What the families say about resources, given as `token, inputs`. */
function findings(...given: readonly (readonly [type: string, props: unknown])[]): string[] {
  const objects = given
    .map(([type, props], index) => toObject({ type: `kubernetes:${type}`, props, source: `#${index}` }))
    .filter((object) => object !== undefined);
  const families = [quotas, resources].map((family) => configure(family, {}, today).configured);
  return keys(evaluate(families, objects));
}

const space = ["core/v1:Namespace", namespace] as const;
const limits = ["core/v1:LimitRange", limitRange()] as const;
const bare = { containers: [{ name: "app", image: "example.com/app:1" }] };

function keysOf(verdict: string): string[] {
  const resources = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
  const paths = resources.map((resource) => `spec.hard["${resource}"]`);
  return [...paths, "spec.hard.pods"].map((path) => `quota/quota-sum ${path} ${verdict}`).sort();
}

describe("patches", () => {
  it("are not blamed for what may be in the cluster: sizes of containers", () => {
    const strict = limitRange({}, { type: "Pod", min: { "ephemeral-storage": "1Mi" } });
    const patch = ["apps/v1:DeploymentPatch", deployment(bare)] as const;
    const bounded = quota({ "requests.cpu": "9", "requests.memory": "9Gi", "limits.cpu": "9", "limits.memory": "9Gi" });
    const said = findings(space, ["core/v1:LimitRange", strict], ["core/v1:ResourceQuota", bounded], patch);
    // How large the whole is, nobody can say.
    assert.deepEqual(said, keysOf("undecidable"));
    const plain = { ...limitRange(), spec: { limits: [] } };
    const found = findings(space, ["core/v1:LimitRangePatch", plain], ["core/v1:ResourceQuota", bounded], patch);
    assert.deepEqual(
      found.filter((one) => one.includes("quota-demands-met")),
      [],
    );
  });

  it("are not blamed for what may be in the cluster: what a quota bounds", () => {
    const patch = quota({ pods: undefined });
    assert.deepEqual(
      findings(space, limits, ["core/v1:ResourceQuotaPatch", patch], ["apps/v1:Deployment", deployment()]),
      [],
    );
  });

  it("are blamed for what they say", () => {
    const [first] = findings(
      space,
      limits,
      ["core/v1:ResourceQuotaPatch", quota({ pods: "1" })],
      ["apps/v1:Deployment", deployment()],
    );
    assert.equal(first, "quota/quota-sum spec.hard.pods violated");
  });
});
