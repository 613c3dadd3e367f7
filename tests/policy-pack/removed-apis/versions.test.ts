/** The table of API versions is complete, going by every type of the SDK. */
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import { configure, evaluateObject } from "../../../policy-pack/core/evaluate.ts";
import { isBuiltInGroup } from "../../../policy-pack/kube/api-groups.ts";
import { toObject } from "../../../policy-pack/kube/objects.ts";
import { removedApis } from "../../../policy-pack/rules/removed-apis/family.ts";
import { apiEnds, endOf } from "../../../policy-pack/rules/removed-apis/versions.ts";
import { today } from "../support/findings.ts";

/** Every type token below a module of the SDK. */
function tokensIn(module: object, found = new Set<string>(), depth = 0): Set<string> {
  for (const value of Object.values(module)) {
    if (typeof value === "function" && "__pulumiType" in value) found.add(String(value.__pulumiType));
    else if (typeof value === "object" && value !== null && depth < 3) tokensIn(value, found, depth + 1);
  }
  return found;
}

const objects = [...tokensIn(kubernetes)].sort().flatMap((type) => {
  const object = toObject({ type, props: {}, source: type });
  return object === undefined || !isBuiltInGroup(object) || object.partial ? [] : [{ type, object }];
});

function rulesOf(object: (typeof objects)[number]["object"], version: string): string[] {
  const { configured } = configure(removedApis, { version }, today);
  return evaluateObject(configured, object).map((finding) => finding.rule.replace("removed-apis/", ""));
}

describe("table of API versions", () => {
  it("names each API once, and no removal before its deprecation", () => {
    const keys = apiEnds.flatMap((one) => one.kinds.map((kind) => `${one.group}/${one.version} ${kind}`));
    assert.equal(new Set(keys).size, keys.length);
    for (const { deprecated, removed = Number.POSITIVE_INFINITY } of apiEnds) assert.ok(deprecated <= removed);
  });

  it("names only versions that are served as what takes their place", () => {
    for (const { kinds, instead } of apiEnds) {
      const [api = "", kind = kinds[0] ?? ""] = instead?.split(" ") ?? [];
      const [group = "", version = ""] = api.includes("/") ? api.split("/") : ["", api];
      if (instead !== undefined)
        assert.equal(endOf({ group, version, kind })?.removed ?? 99, kind === "LeaseCandidate" ? 39 : 99);
    }
  });

  it("finds the types of the SDK", () => {
    assert.ok(objects.length > 200, `${objects.length} types`);
  });

  it("says exactly one thing of every alpha and beta type of the SDK", () => {
    for (const { type, object } of objects) {
      if (!/v\d+(alpha|beta)\d*$/.test(object.version) || object.kind.endsWith("List")) continue;
      assert.equal(rulesOf(object, "1.36").length, 1, type);
    }
  });

  it("says nothing of stable types, apart from the one that EndpointSlice replaces", () => {
    const told = objects.filter(({ object }) => /\/?v\d+$/.test(object.version) && !object.kind.endsWith("List"));
    const types = told.filter(({ object }) => rulesOf(object, "1.36").length > 0).map(({ type }) => type);
    assert.deepEqual(types, ["kubernetes:core/v1:Endpoints"]);
  });

  it("refuses every list", () => {
    for (const { type, object } of objects.filter((one) => one.object.kind.endsWith("List"))) {
      assert.ok(rulesOf(object, "1.36").includes("list-kind"), type);
    }
  });
});
