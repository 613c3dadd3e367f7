import type { ObjectRule } from "../../core/rule.ts";
import { isBuiltInGroup } from "../../kube/api-groups.ts";
import { unknown } from "../../kube/tree.ts";
import { api, pod } from "./cases.ts";
import type { RemovedApiSettings } from "./settings.ts";

/** Whatever is inside a list is seen by no rule, and the provider refuses it anyway. */
export const listKind: ObjectRule<RemovedApiSettings> = {
  id: "list-kind",
  subject: "object",
  level: "mandatory",
  title: "Every object stands for itself, not in a list.",
  why: "The provider refuses lists, and no rule looks into one.",
  fix: "create each object of the list by itself; a ConfigGroup takes a list apart",
  check(object, report) {
    const { kind, root } = object;
    if (!kind.endsWith("List")) return;
    const items = root.at("items");
    // A custom kind may well be called `AllowList`; what it never has is items beside no name.
    const isList =
      kind === "List" || isBuiltInGroup(object) || (Array.isArray(items.value) && root.at("metadata", "name").absent);
    if (!isList && items.unknown) report.undecidable(items);
    if (isList) report.violated(root.at("kind"), `${kind} is a list of objects`);
  },
  good: [
    {
      name: "a custom kind that is called a list",
      objects: [api("example.com/v1", "AllowList"), api("example.com/v1", "DenyList", { items: [] })],
    },
  ],
  bad: [
    {
      name: "a list of anything",
      objects: [{ apiVersion: "v1", kind: "List", items: [pod()] }],
      expect: [{ path: "kind" }],
    },
    {
      name: "a list of one kind",
      objects: [{ apiVersion: "apps/v1", kind: "DeploymentList", items: unknown }],
      expect: [{ path: "kind" }],
    },
    {
      name: "a custom kind with items that are not known yet",
      objects: [{ apiVersion: "example.com/v1", kind: "AllowList", metadata: { name: "a" }, items: unknown }],
      expect: [{ path: "items", verdict: "undecidable" }],
    },
    {
      name: "a list of a custom kind",
      objects: [{ apiVersion: "example.com/v1", kind: "WorldList", items: [] }],
      expect: [{ path: "kind" }],
    },
  ],
};
