/** Namespaces that the stack puts pods into, and what is known of them. */
import type { Cluster } from "../../core/cluster.ts";
import type { Report } from "../../core/rule.ts";
import { makersIn } from "../../kube/makers.ts";
import { byNamespace, ofCoreKind } from "../../kube/namespace-demand.ts";
import { type KubeObject, nameOf } from "../../kube/objects.ts";
import { Field } from "../../kube/tree.ts";
import type { QuotaSettings } from "./settings.ts";

/** A namespace with pods of the stack. */
export interface PodNamespace {
  name: string;
  /** Its Namespace object; undefined when it is made elsewhere. */
  object: KubeObject | undefined;
  /** Objects of the kind that was asked for. */
  guards: readonly KubeObject[];
  /** An object that brings pods. */
  workload: KubeObject;
  /** Guards may be there that nobody sees: made with the namespace elsewhere, by a chart, or of an unknown namespace. */
  mayHaveMore: boolean;
}

/** Namespaces with pods, except those of the cluster itself. `kind` is ResourceQuota or LimitRange. */
export function podNamespaces(cluster: Cluster, settings: QuotaSettings, kind: string): PodNamespace[] {
  const groups = byNamespace(cluster);
  const spaces = new Map(cluster.ofKind("Namespace").map((object) => [nameOf(object), object]));
  const adrift = ofCoreKind(groups.get(undefined) ?? [], kind).length > 0;
  return [...groups].flatMap(([name, objects]): PodNamespace[] => {
    if (name === undefined || settings.systemNamespaces.includes(name)) return [];
    const workload = objects.find((one) => one.kind !== "PodTemplate" && cluster.podsOf(one).length > 0);
    if (workload === undefined) return [];
    const object = spaces.get(name);
    const mayHaveMore = object === undefined || adrift || makersIn(cluster.objects, name).length > 0;
    return [{ name, object, guards: ofCoreKind(objects, kind), workload, mayHaveMore }];
  });
}

/** Says that a namespace has none of the kind: for sure, or that nobody can know. */
export function tellMissing(space: PodNamespace, report: Report, kind: string): void {
  const { name, object, workload, mayHaveMore } = space;
  if (object !== undefined && !mayHaveMore) {
    report.violated({ object, field: new Field(object.root.value, "") }, `holds pods and has no ${kind}`);
    return;
  }
  const at = object ?? workload;
  const field = object === undefined ? workload.root.at("metadata", "namespace") : new Field(object.root.value, "");
  report.undecidable({ object: at, field }, `nothing here makes a ${kind} in namespace ${name}; something else may`);
}
