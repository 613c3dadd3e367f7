/** Which objects hold data that nobody could make again. */
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";

/** `group/Kind`, as settings name kinds. */
export function kindOf({ group, kind }: KubeObject): string {
  return `${group}/${kind}`;
}

/** The object holds data: a claim, a StatefulSet that makes claims, or a custom resource of a listed kind. */
export function isStore(object: KubeObject, kinds: ReadonlySet<string>): Answer {
  if (object.kind === "PersistentVolumeClaim" || kinds.has(kindOf(object))) return true;
  if (object.kind !== "StatefulSet") return false;
  const templates = object.root.at("spec", "volumeClaimTemplates");
  return templates.unknown ? undefined : templates.items().length > 0;
}
