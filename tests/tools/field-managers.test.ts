import assert from "node:assert/strict";
import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";
import { describe, it } from "mocha";
import { transfer } from "../../tools/field-managers.ts";

function entry(manager: string, operation: "Apply" | "Update", subresource?: string): V1ManagedFieldsEntry {
  return { manager, operation, apiVersion: "apps/v1", fieldsType: "FieldsV1", ...(subresource && { subresource }) };
}

const engine = entry("pulumi-kubernetes-1a2b3c4d", "Apply");
const engineUpdate = entry("pulumi-kubernetes", "Update");
const argocd = entry("argocd-controller", "Apply");
const controller = entry("kube-controller-manager", "Update", "status");
const keda = entry("keda-operator", "Update", "scale");
const person = entry("kubectl-edit", "Update");

describe("fields that change hands", () => {
  it("stay where they are until the new owner has applied the object", () => {
    assert.deepEqual(transfer([engine, controller], "argocd"), { state: "not applied" });
    assert.deepEqual(transfer([argocd, controller], "pulumi"), { state: "not applied" });
    assert.deepEqual(transfer([], "argocd"), { state: "not applied" });
  });

  it("stay where the new owner has only edited: what it then stops saying would not be removed", () => {
    assert.deepEqual(transfer([engine, entry("argocd-controller", "Update")], "argocd"), { state: "not applied" });
    assert.deepEqual(transfer([argocd, engineUpdate], "pulumi"), { state: "not applied" });
  });

  it("lose every claim of the old owner, applied or edited, whatever number it has behind its name", () => {
    assert.deepEqual(transfer([engine, argocd, engineUpdate, entry("pulumi-kubernetes-ffff", "Apply")], "argocd"), {
      state: "let go",
      managedFields: [argocd],
    });
    assert.deepEqual(transfer([engine, argocd], "pulumi"), { state: "let go", managedFields: [engine] });
  });

  it("keep the claims of everybody else, in their order", () => {
    assert.deepEqual(transfer([controller, engine, keda, argocd, person], "argocd"), {
      state: "let go",
      managedFields: [controller, keda, argocd, person],
    });
  });

  it("keep what a side says of a status: that is no claim on the object", () => {
    const status = entry("argocd-controller", "Update", "status");
    assert.deepEqual(transfer([engine, status], "pulumi"), { state: "done" });
    const applied = entry("argocd-controller", "Apply", "status");
    assert.deepEqual(transfer([engine, applied], "argocd"), { state: "not applied" });
  });

  it("are handed over once: a second time there is nothing to do", () => {
    assert.deepEqual(transfer([argocd, controller], "argocd"), { state: "done" });
    const first = transfer([engine, argocd, controller], "argocd");
    assert.ok(first.state === "let go");
    assert.deepEqual(transfer(first.managedFields, "argocd"), { state: "done" });
  });

  it("go back as they came", () => {
    const there = transfer([engine, argocd], "argocd");
    assert.ok(there.state === "let go");
    assert.deepEqual(transfer([...there.managedFields, engine], "pulumi"), {
      state: "let go",
      managedFields: [engine],
    });
  });

  it("change nothing of the list that was read", () => {
    const entries = [engine, argocd, controller];
    const before = structuredClone(entries);
    transfer(entries, "argocd");
    assert.deepEqual(entries, before);
  });

  it("are not those of a manager without a name", () => {
    assert.deepEqual(transfer([{ operation: "Apply" }, engine], "argocd"), { state: "not applied" });
  });
});
