/**
 * Who writes what. One table for objects and one for fields: Argo CD's projects, what it must not look at, the renderer,
 * docs/ownership.md and the tests all read it here.
 */

/** Somebody who writes objects or fields. */
export type Owner = "engine" | "argocd" | "KEDA" | "Kubernetes";

/** Objects of one part of the platform. */
export interface ObjectOwner {
  /** What they are. */
  what: string;
  /** Owner where `delivery.mode` is `argocd`; in mode `pulumi` the engine owns everything. */
  owner: "engine" | "argocd";
  because: string;
}

/** Parts of the platform, by owner in mode `argocd`. */
export const objectOwners: readonly ObjectOwner[] = [
  {
    what: "add-ons, classes, namespaces with quota, limits and Pod Security",
    owner: "engine",
    because: "they must be there before anything that Git says, and no commit may loosen them",
  },
  {
    what: "network policies, roles and their bindings",
    owner: "engine",
    because: "a commit must not open what it runs in",
  },
  { what: "Secrets", owner: "engine", because: "nothing secret is ever written to Git" },
  {
    what: "stores, their users, backups and drills",
    owner: "engine",
    because: "they need credentials, an order, and protection from a prune",
  },
  { what: "monitoring, traces and logs", owner: "engine", because: "they judge what Git brings" },
  { what: "Argo CD, its projects and Applications", owner: "engine", because: "it must not widen its own rights" },
  {
    what: "worlds, game servers, services of the game, their settings",
    owner: "argocd",
    because: "they change with every release of the game, and what runs is put back to what Git says",
  },
  {
    what: "services of the ad platform and their settings",
    owner: "argocd",
    because: "they change with every release, and what runs is put back to what Git says",
  },
];

/** A kind that Argo CD may write, and when it writes it within one sync. */
export interface DeliveredKind {
  group: string;
  kind: string;
  /** Lower ones first; a wave waits until what the one before made is healthy. */
  wave: number;
  /** Never deleted by Argo CD: players' state hangs on it. */
  keep?: boolean;
}

/** Every kind of the rendered tree; nothing else is allowed in a project. */
export const deliveredKinds: readonly DeliveredKind[] = [
  { group: "", kind: "ConfigMap", wave: -1 },
  { group: "", kind: "ServiceAccount", wave: -1 },
  { group: "", kind: "Service", wave: -1 },
  { group: "policy", kind: "PodDisruptionBudget", wave: -1 },
  // Players of a world may be moved, its state may not be lost: it is removed by hand (docs/runbooks/hand-over.md).
  { group: "apps", kind: "StatefulSet", wave: 0, keep: true },
  { group: "apps", kind: "Deployment", wave: 1 },
  { group: "keda.sh", kind: "ScaledObject", wave: 2 },
  { group: "autoscaling.k8s.io", kind: "VerticalPodAutoscaler", wave: 2 },
];

/**
 * Kinds that Kubernetes makes of delivered ones. A project allows them too: what it does not allow, Argo CD leaves out of
 * the tree of an Application, and then nobody reads a log or deletes a pod that hangs (argo-cd, docs/user-guide/projects).
 * Git could bring pods that way, which are no more than those of a Deployment.
 */
export const shownKinds: readonly { group: string; kind: string }[] = [
  { group: "apps", kind: "ReplicaSet" },
  { group: "", kind: "Pod" },
];

/** A field of a delivered object that somebody else writes. */
export interface FieldOwner {
  group: string;
  kind: string;
  /** JSON pointer. */
  pointer: string;
  owner: Exclude<Owner, "argocd">;
  because: string;
  /** The rendered tree has a value of it. Where it has none there is nothing to ignore, and nothing that a sync could write. */
  inGit: boolean;
}

/**
 * Fields that Argo CD must neither compare nor write. Those that Git does not say need no rule: a rule would make a sync
 * write the value that it read a moment before, and a scale in between would be taken back.
 */
export const fieldOwners: readonly FieldOwner[] = [
  {
    group: "apps",
    kind: "Deployment",
    pointer: "/spec/replicas",
    owner: "KEDA",
    because: "the autoscaler decides how many pods there are; a sync must not take them back",
    inGit: false,
  },
  {
    group: "apps",
    kind: "StatefulSet",
    pointer: "/spec/volumeClaimTemplates",
    owner: "Kubernetes",
    because: "Kubernetes refuses a change; volumes grow by the runbook (docs/runbooks/grow-world-volume.md)",
    inGit: true,
  },
];

/** Annotations that order a sync and keep what must not be pruned. Throws for a kind that is not delivered. */
export function syncAnnotations(group: string, kind: string): Record<string, string> {
  const found = deliveredKinds.find((one) => one.group === group && one.kind === kind);
  if (found === undefined) throw new Error(`${kind} of group "${group}" is not delivered by Argo CD`);
  return {
    "argocd.argoproj.io/sync-wave": String(found.wave),
    ...(found.keep
      ? {
          "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
          // One that Git no longer says is kept, but not counted: else its Application would never be in sync again, and
          // no wave after it would begin.
          "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
        }
      : {}),
  };
}
