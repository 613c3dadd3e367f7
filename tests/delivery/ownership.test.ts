import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { deliveredKinds, fieldOwners, objectOwners, syncAnnotations } from "../../components/delivery/ownership.ts";
import { ownershipReference } from "../../tools/ownership.ts";
import { delivering, groupOf, type Located, renderedObjects } from "./support/delivered.ts";

/** Cells of the rows below a heading, without the two of the header. */
function rowsBelow(page: string, heading: string): string[][] {
  const [, text = ""] = page.split(`## ${heading}\n`);
  const [section = ""] = text.split("\n## ");
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function at(object: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1);
  return keys.reduce((inner: unknown, key) => (inner as Record<string, unknown> | undefined)?.[key], object);
}

/** Fields that an API server never lets anybody change, so that Git may say them (kubernetes, StatefulSet validation). */
const immutable = ["StatefulSet /spec/volumeClaimTemplates"];

describe("the table of owners", function () {
  this.timeout(120_000);
  let tree: Located[];

  before(async () => {
    tree = [...(await renderedObjects("dev", delivering())), ...(await renderedObjects("prod", delivering()))];
  });

  it("has exactly the kinds that both stacks render", () => {
    const rendered = new Set(tree.map(({ object }) => `${groupOf(object)}/${object.kind}`));
    assert.deepEqual(deliveredKinds.map(({ group, kind }) => `${group}/${kind}`).sort(), [...rendered].sort());
  });

  it("is the page docs/ownership.md: each kind with its wave, each field with its owner, each part", () => {
    const page = ownershipReference();
    assert.deepEqual(
      rowsBelow(page, "Kinds of the rendered tree").map(([group, kind, wave]) => [group, kind, wave]),
      deliveredKinds.map(({ group, kind, wave }) => [group === "" ? "core" : group, kind, String(wave)]),
    );
    const fields = rowsBelow(page, "Fields of delivered objects that somebody else writes");
    assert.deepEqual(
      fields.map(([kind, field]) => `${kind} ${field}`),
      fieldOwners.map(({ kind, pointer }) => `${kind} \`${pointer}\``),
    );
    assert.equal(rowsBelow(page, "Objects").length, objectOwners.length);
    assert.deepEqual(
      rowsBelow(page, "Kinds of the rendered tree")
        .filter(([, , , removed]) => removed !== "pruned")
        .map(([, kind]) => kind),
      ["StatefulSet"],
    );
  });

  it("names only fields that Git does not say, or that nobody can change", () => {
    for (const { group, kind, pointer } of fieldOwners) {
      const objects = tree.filter(({ object }) => groupOf(object) === group && object.kind === kind);
      assert.ok(objects.length > 0, kind);
      if (immutable.includes(`${kind} ${pointer}`)) continue;
      for (const { object } of objects) assert.equal(at(object, pointer), undefined, `${kind} ${object.metadata.name}`);
    }
  });

  it("names the replicas of whatever is scaled: Git said a number, and each sync stopped the pods above it", () => {
    const scaled = tree.filter(({ object }) => object.kind === "ScaledObject");
    assert.ok(scaled.length > 10);
    for (const { region, object } of scaled) {
      const { kind = "Deployment", name } = at(object, "/spec/scaleTargetRef") as { kind?: string; name: string };
      const target = tree.find(
        (one) => one.region === region && one.object.kind === kind && one.object.metadata.name === name,
      );
      assert.ok(target, `${kind} ${name} is not delivered with its autoscaler`);
      assert.ok(
        fieldOwners.some((one) => one.kind === kind && one.pointer === "/spec/replicas" && one.owner === "KEDA"),
      );
    }
  });

  it("has autoscalers of requests that recommend and never write", () => {
    for (const { object } of tree.filter((one) => one.object.kind === "VerticalPodAutoscaler")) {
      assert.deepEqual(object.spec?.["updatePolicy"], { updateMode: "Off" }, object.metadata.name);
    }
  });

  it("applies what pods need before the pods, worlds before services, and autoscalers last", () => {
    const waves = Object.fromEntries(
      tree.map(({ object }) => [object.kind, Number(object.metadata.annotations?.["argocd.argoproj.io/sync-wave"])]),
    );
    assert.deepEqual(waves, {
      ConfigMap: -1,
      Deployment: 1,
      PodDisruptionBudget: -1,
      ScaledObject: 2,
      Service: -1,
      ServiceAccount: -1,
      StatefulSet: 0,
      VerticalPodAutoscaler: 2,
    });
  });

  it("has no Service that waits for an address: its wave would wait for the cloud", () => {
    for (const { object } of tree.filter((one) => one.object.kind === "Service")) {
      assert.notEqual(object.spec?.["type"], "LoadBalancer", object.metadata.name);
    }
  });

  it("has no annotations for a kind that is not delivered", () => {
    assert.throws(() => syncAnnotations("", "Secret"), /Secret of group "" is not delivered by Argo CD/);
    assert.throws(() => syncAnnotations("rbac.authorization.k8s.io", "Role"), /not delivered/);
    // The same kind of another group is another kind.
    assert.throws(() => syncAnnotations("extensions", "Deployment"), /not delivered/);
  });
});
