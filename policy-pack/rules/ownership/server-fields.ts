import type { ObjectRule } from "../../core/rule.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { type Tree, unknown } from "../../kube/tree.ts";
import { configMap, deployment } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// kubernetes.io, "ObjectMeta": read-only, or written by the API server.
const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
] as const;

// Generators write skeletons such as `status: {loadBalancer: {}}`, which say nothing and do no harm.
function saysNothing(value: Tree): Answer {
  if (value === undefined || value === null || value === "") return true;
  if (value === unknown) return undefined;
  return typeof value === "object" && all(Object.values(value).map(saysNothing));
}

/** What only the API server and controllers write. */
export const serverFields: ObjectRule<OwnershipSettings> = {
  id: "server-fields",
  subject: "object",
  level: "mandatory",
  title: "No object carries what only the API server writes.",
  why: "A copied resourceVersion or uid makes each later apply fail, and a copied status lies, or changes each time.",
  fix: "remove the field; export manifests without it",
  check(object, report) {
    for (const field of [object.root.at("status"), ...serverMetadata.map((key) => object.root.at("metadata", key))]) {
      const answer = saysNothing(field.value);
      if (answer === false) report.violated(field, "is written by the API server or a controller");
      else if (answer === undefined) report.undecidable(field);
    }
  },
  good: [
    { name: "none of them", objects: [configMap()] },
    {
      name: "what kubectl create --dry-run prints",
      objects: [deployment({ creationTimestamp: null }, { status: {} })],
    },
    {
      name: "a status without a word, as old generators write it",
      objects: [
        configMap({}, { status: { acceptedNames: { kind: "", plural: "" }, conditions: [], loadBalancer: {} } }),
      ],
    },
  ],
  bad: [
    ...serverMetadata.map((key) => ({
      name: `metadata.${key}`,
      objects: [configMap({ [key]: "sample" })],
      expect: [{ path: `metadata.${key}` }],
    })),
    { name: "a status", objects: [deployment({}, { status: { replicas: 0 } })], expect: [{ path: "status" }] },
    {
      name: "a uid beside a status that is not known yet",
      objects: [deployment({ uid: "sample" }, { status: unknown })],
      expect: [{ path: "metadata.uid" }, { path: "status", verdict: "undecidable" }],
    },
    {
      name: "a status in which something is not known yet",
      objects: [deployment({}, { status: { replicas: unknown } })],
      expect: [{ path: "status", verdict: "undecidable" }],
    },
    {
      name: "a status in which something is not known yet and something is",
      objects: [deployment({}, { status: { replicas: unknown, conditions: [{ type: "Ready" }] } })],
      expect: [{ path: "status" }],
    },
  ],
};
