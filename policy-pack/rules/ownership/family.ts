/** One owner for each object and each field. */
import type { Family } from "../../core/rule.ts";
import { forceConflicts } from "./force-conflicts.ts";
import { foreignNamespace } from "./foreign-namespace.ts";
import { helmOptions } from "./helm-options.ts";
import { helmOutcome } from "./helm-outcome.ts";
import { helmRelease } from "./helm-release.ts";
import { helmValues } from "./helm-values.ts";
import { ignoreChanges } from "./ignore-changes.ts";
import { managedBy } from "./managed-by.ts";
import { oneOwner } from "./one-owner.ts";
import { ownerReferences } from "./owner-references.ts";
import { patchResource } from "./patch-resource.ts";
import { secondOwner } from "./second-owner.ts";
import { serverFields } from "./server-fields.ts";
import { type OwnershipSettings, ownershipSchema } from "./settings.ts";
import { unmanagedPod } from "./unmanaged-pod.ts";

/** Who may change what, and what nobody sees. */
export const ownership: Family<OwnershipSettings> = {
  name: "ownership",
  title: "Every object and every field has one owner",
  level: "mandatory",
  schema: ownershipSchema,
  rules: [
    oneOwner,
    secondOwner,
    managedBy,
    forceConflicts,
    patchResource,
    serverFields,
    ownerReferences,
    ignoreChanges,
    unmanagedPod,
    foreignNamespace,
    helmRelease,
    helmOptions,
    helmOutcome,
    helmValues,
  ],
};
