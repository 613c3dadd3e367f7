import type { ClusterRule } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import { claim, custom, resource, store } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";
import { isStore } from "./stores.ts";

const statefulSet = "apps/v1:StatefulSet";
const namespaceType = "core/v1:Namespace";
const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "sample" } };
const claimType = "core/v1:PersistentVolumeClaim";

/** Stores that no update may delete. Plain manifests have no such option, and are not judged. */
export const protectedStore: ClusterRule<DataProtectionSettings> = {
  id: "protected-store",
  subject: "cluster",
  level: "mandatory",
  title: "The program protects what holds data, and the namespace around it.",
  why: "A rename or a changed field that replaces the object deletes it first, and its data with it.",
  fix: "give the resource the option protect: true",
  check(cluster, report, settings) {
    if (settings.protect === "never") return;
    const kinds = new Set(settings.storeKinds);
    const judged = cluster.objects.filter((one) => one.options !== undefined && !one.partial);
    const stores = judged.filter((one) => isStore(one, kinds) !== false);
    const holders = new Set(stores.map(namespaceOf));
    // A namespace around no store is no matter of data; one whose name is unknown may be around any.
    const mayHold = (name: string | undefined) => holders.size > 0 && (name === undefined || holders.has(name));
    const around = judged.filter((one) => one.kind === "Namespace" && (mayHold(nameOf(one)) || holders.has(undefined)));
    const all = [...stores, ...around];
    const isProtected = ({ options }: KubeObject) => options?.protect === true;
    if (settings.protect === "consistent" && !all.some(isProtected)) return;
    for (const object of all.filter((one) => !isProtected(one))) {
      const place = { field: object.root, object };
      if (object.kind === "Namespace") {
        const surely = nameOf(object) !== undefined && holders.has(nameOf(object));
        if (surely) report.violated(place, "is not protected, and its end is that of the stores in it");
        else report.undecidable(place, "whether a store lives in it is known only after an up");
      } else if (isStore(object, kinds) === true) {
        report.violated(place, "holds data and is not protected");
      } else report.undecidable(place, "whether it holds data is known only after an up");
    }
  },
  good: [
    {
      name: "store and namespace are protected",
      objects: [resource(statefulSet, store(), true), resource(namespaceType, namespace, true)],
    },
    {
      name: "nothing of the cluster is",
      objects: [resource(statefulSet, store(), false), resource(namespaceType, namespace, false)],
    },
    {
      name: "a StatefulSet without claims holds nothing",
      objects: [
        resource(statefulSet, store({ volumeClaimTemplates: null }), false),
        resource(claimType, claim(), true),
      ],
    },
    { name: "a manifest has no options", objects: [store()], settings: { protect: "always" } },
    { name: "nobody asks", objects: [resource(statefulSet, store(), false)], settings: { protect: "never" } },
    {
      name: "a namespace without stores",
      objects: [
        resource(statefulSet, store(), true),
        resource(namespaceType, { ...namespace, metadata: { name: "other" } }, false),
      ],
    },
  ],
  bad: [
    {
      name: "one of two",
      objects: [resource(statefulSet, store(), true), resource(claimType, claim(), false)],
      expect: [{ path: "" }],
    },
    {
      name: "the namespace around it",
      objects: [resource(statefulSet, store(), true), resource(namespaceType, namespace, false)],
      expect: [{ path: "" }],
    },
    {
      name: "the namespace alone is protected",
      objects: [resource(statefulSet, store(), false), resource(namespaceType, namespace, true)],
      expect: [{ path: "" }],
    },
    {
      name: "all must be",
      objects: [resource(statefulSet, store(), false)],
      settings: { protect: "always" },
      expect: [{ path: "" }],
    },
    {
      name: "a custom resource of a store",
      objects: [resource("kafka.strimzi.io/v1beta2:Kafka", custom("kafka.strimzi.io/v1beta2", "Kafka", {}), false)],
      settings: { protect: "always" },
      expect: [{ path: "" }],
    },
    {
      name: "a kind that the settings name",
      objects: [resource("example.com/v1:Ledger", custom("example.com/v1", "Ledger", {}), false)],
      settings: { protect: "always", storeKinds: ["example.com/Ledger"] },
      expect: [{ path: "" }],
    },
  ],
};
