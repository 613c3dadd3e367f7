import assert from "node:assert/strict";
import type { KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { describe, it } from "mocha";
import { adoptions, changedFields, takeFromHelm } from "../../tools/adopt/adopt.ts";
import type { PlacedObject } from "../../tools/offline/inventory.ts";

const region = "us-west";

function placed(kind: string, name: string, spec: object = {}): PlacedObject {
  const inputs = { apiVersion: "apps/v1", kind, metadata: { name, namespace: "game" }, spec };
  const resource = { inputs } as unknown as PlacedObject["resource"];
  return { region, component: "game", resource, apiVersion: "apps/v1", kind, namespace: "game", name };
}

interface Live {
  spec?: object;
  manager?: string;
  /** What the API server says to the change. */
  refuses?: { code: number; message: string };
}

/** A cluster that holds some objects and writes down what it is told. */
function cluster(live: Record<string, Live>) {
  const patches: { body: KubernetesObject; dryRun?: string }[] = [];
  const of = ({ metadata }: KubernetesObject) => live[metadata?.name ?? ""];
  const api = {
    read: async (header: KubernetesObject) => {
      const found = of(header);
      if (found === undefined) throw Object.assign(new Error("not found"), { code: 404 });
      const managedFields = [{ manager: found.manager ?? "kubectl-client-side-apply", operation: "Update" }];
      return { ...header, metadata: { ...header.metadata, resourceVersion: "7", managedFields }, spec: found.spec };
    },
    patch: async (body: KubernetesObject, _pretty?: string, dryRun?: string) => {
      const refusal = of(body)?.refuses;
      if (refusal !== undefined)
        throw Object.assign(new Error(), { code: refusal.code, body: JSON.stringify(refusal) });
      patches.push({ body, ...(dryRun === undefined ? {} : { dryRun }) });
      return { ...body, metadata: { ...body.metadata, resourceVersion: "8" } };
    },
  } as unknown as KubernetesObjectApi;
  return { patches, options: { contexts: { [region]: "west" }, client: () => api } };
}

async function stateOf(object: PlacedObject, live: Record<string, Live>) {
  const [line] = await adoptions([object], cluster(live).options);
  return line?.adoption;
}

describe("what adopting would change", () => {
  it("is named by paths, lists as a whole, and never by values", () => {
    const before = { spec: { replicas: 3, list: [1, 2], same: { a: 1 } } };
    const after = { spec: { replicas: 5, list: [2, 1], same: { a: 1 }, more: true } };
    assert.deepEqual(changedFields(before, after), ["spec.list", "spec.more", "spec.replicas"]);
    assert.deepEqual(changedFields(before, before), []);
  });

  it("is nothing where the name is free or the engine wrote it already", async () => {
    assert.deepEqual(await stateOf(placed("Deployment", "a"), {}), { state: "new" });
    for (const manager of ["pulumi-kubernetes-1a2b", "argocd-controller"]) {
      assert.deepEqual(await stateOf(placed("Deployment", "a"), { a: { manager } }), { state: "ours" });
    }
  });

  it("is what the API server itself would make of it, without its own bookkeeping", async () => {
    const found = await stateOf(placed("Deployment", "a", { replicas: 5 }), { a: { spec: { replicas: 3 } } });
    assert.deepEqual(found, { state: "adopt", fields: ["spec.replicas"], helm: false });
  });

  it("is asked as a dry run only", async () => {
    const { patches, options } = cluster({ a: {} });
    await adoptions([placed("Deployment", "a")], options);
    assert.deepEqual(
      patches.map(({ dryRun }) => dryRun),
      ["All"],
    );
  });

  it("is blocked where the API server refuses, by the field and without the value", async () => {
    const message =
      'Deployment.apps "a" is invalid: spec.selector: Invalid value: {"app":"secret"}: field is immutable';
    const found = await stateOf(placed("Deployment", "a"), { a: { refuses: { code: 422, message } } });
    assert.deepEqual(found, { state: "blocked", because: 'Deployment.apps "a" is invalid: spec.selector' });
  });

  it("fails on any other answer of the API server instead of calling it adopted", async () => {
    const refuses = { code: 403, message: "forbidden" };
    await assert.rejects(stateOf(placed("Deployment", "a"), { a: { refuses } }));
  });

  it("leaves the content of Secrets alone, which the offline host does not know", async () => {
    const found = await stateOf(placed("Secret", "a"), { a: { refuses: { code: 422, message: "asked" } } });
    assert.deepEqual(found, { state: "adopt", fields: ["data"], helm: false });
  });
});

describe("taking objects from Helm", () => {
  it("drops its claims, keeps everybody else's, and touches nothing that is not Helm's", async () => {
    const objects = [placed("Deployment", "a"), placed("Deployment", "b")];
    const { patches, options } = cluster({ a: { manager: "helm" }, b: {} });
    const lines = await adoptions(objects, options);
    assert.equal(await takeFromHelm(lines, { objects, client: options.client }), 1);
    const [written, ...others] = patches.filter(({ dryRun }) => dryRun === undefined);
    assert.deepEqual(others, []);
    assert.equal(written?.body.metadata?.name, "a");
    assert.deepEqual(written?.body.metadata?.managedFields, []);
    // With the version that was read, so that a write in between is an error.
    assert.equal(written?.body.metadata?.resourceVersion, "7");
  });
});
