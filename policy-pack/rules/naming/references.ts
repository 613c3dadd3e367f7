import type { ClusterRule, Report } from "../../core/rule.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import { clusterWideKinds, type Existence, Existing } from "./existing.ts";
import { badReferences } from "./references-bad.ts";
import { goodReferences } from "./references-good.ts";
import type { NamingSettings } from "./settings.ts";
import { type Wanted, wantedBy } from "./wanted.ts";

/**
 * Classes of a cluster come with it more often than with a stack, so they are asked for only where the stack makes one
 * of their kind itself. A PriorityClass is always asked for: without it the API server refuses the pod.
 */
const classesOfClusters: ReadonlySet<string> = new Set(["StorageClass", "IngressClass", "RuntimeClass"]);

/** Fields that hold what a key names. */
const dataFields = { ConfigMap: ["data", "binaryData"], Secret: ["data", "stringData"] };

// Whoever copies or fills in an object leaves a mark on it, and its data comes later.
function isFilledLater(object: KubeObject): boolean {
  const meta = object.root.at("metadata");
  const keys = ["annotations", "labels"].flatMap((list) =>
    meta
      .at(list)
      .entries()
      .map(([key]) => key),
  );
  return (
    object.partial ||
    object.root.at("type").value === "kubernetes.io/service-account-token" ||
    object.options?.ignoreChanges.some((path) => /^(?:data|stringData|binaryData)\b/.test(path)) === true ||
    keys.some((key) => /replicat|reflect|inject|sync/i.test(key))
  );
}

function checkKey(object: KubeObject, kind: "ConfigMap" | "Secret", wanted: Wanted, key: Field, report: Report): void {
  if (isFilledLater(object)) return;
  const mark = ["annotations", "labels"].map((list) => object.root.at("metadata", list)).find((list) => list.unknown);
  if (key.unknown) {
    report.undecidable(wanted.place(key));
    return;
  }
  if (key.text === undefined) return;
  const { text } = key;
  const fields = dataFields[kind].map((name) => object.root.at(name));
  if (fields.some((field) => !field.unknown && !field.at(text).absent)) return;
  const open = fields.find((field) => field.unknown);
  // The one place that decides for all references to the object.
  if (open !== undefined) {
    report.undecidable({ field: open, object }, "whether it has the keys that pods ask for is not known yet");
    return;
  }
  // The mark of a recorder in place of data says nothing about keys.
  if (fields.some((field) => typeof field.value === "string")) return;
  if (mark !== undefined)
    report.undecidable({ field: mark, object }, "whether somebody fills in its data is not known");
  else report.violated(wanted.place(key), `the ${kind} ${wanted.name.text} has no key of that name`);
}

/** Annotation of an object, or of its pods, that names what somebody else makes: `Secret/registry Secret/storage`. */
export const madeElsewhereAnnotation = "realmgrid.io/made-elsewhere";

function madeElsewhere(object: KubeObject): Field[] {
  const { root } = object;
  return [root, root.at("spec", "template"), root.at("spec", "jobTemplate", "spec", "template")].map((place) =>
    place.at("metadata", "annotations", madeElsewhereAnnotation),
  );
}

function checkReference(wanted: Wanted, found: Existence, object: KubeObject, report: Report): void {
  const { kind, name, key, optional } = wanted;
  if (optional?.value === true) return;
  if (found.exists === true) {
    if (key !== undefined && found.object !== undefined && (kind === "ConfigMap" || kind === "Secret")) {
      checkKey(found.object, kind, wanted, key, report);
    }
    return;
  }
  const elsewhere = madeElsewhere(object);
  if (elsewhere.some((field) => field.text?.split(/\s+/).includes(`${kind}/${name.text}`))) return;
  if (found.exists === undefined) {
    report.undecidable(wanted.place(name), `the ${kind} is not in the stack; ${found.because}`);
  } else {
    const open = elsewhere.find((field) => field.unknown);
    if (open !== undefined) {
      report.undecidable({ field: open, object }, `whether somebody else makes the ${kind} is not known yet`);
      return;
    }
    if (optional?.unknown === true) report.undecidable(wanted.place(optional));
    else report.violated(wanted.place(name), `the ${kind} ${name.text} does not exist`);
  }
}

/**
 * Looks at names that pods, ServiceAccounts, Ingresses, Gateways, claims and KEDA's authentications write down. Exists:
 * what the stack makes, what operators make of its objects, what every namespace has, what the setting `elsewhere` names,
 * and what the object itself says that somebody else makes.
 */
export const references: ClusterRule<NamingSettings> = {
  id: "references",
  subject: "cluster",
  level: "mandatory",
  title: "Every object that is named exists, with the key that is asked for.",
  why: "A pod that names a Secret, a key or an account that is not there never starts, and a roll-out waits for it.",
  fix: "create the object, correct the name, or, where somebody else creates it, name it in the setting `elsewhere` or in the annotation realmgrid.io/made-elsewhere as Kind/name",
  check(cluster, report, { elsewhere }) {
    const existing = new Existing(cluster, elsewhere);
    for (const object of cluster.objects) {
      const own = namespaceOf(object);
      for (const wanted of wantedBy(object)) {
        if (classesOfClusters.has(wanted.kind) && !existing.makesAny(wanted.kind)) continue;
        const namespace = wanted.namespace?.absent === false ? wanted.namespace.text : own;
        if (wanted.name.unknown) {
          if (wanted.optional?.value !== true) report.undecidable(wanted.place(wanted.name));
        } else if (namespace === undefined && !clusterWideKinds.has(wanted.kind)) {
          report.undecidable({ field: object.root.at("metadata", "namespace"), object });
        } else if (wanted.name.text !== undefined) {
          checkReference(wanted, existing.find(wanted.kind, namespace ?? "", wanted.name.text), object, report);
        }
      }
    }
  },
  good: goodReferences,
  bad: badReferences,
};
