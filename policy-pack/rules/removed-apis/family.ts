/** APIs that the clusters serve today and tomorrow. */
import type { Family } from "../../core/rule.ts";
import { deprecated } from "./deprecated.ts";
import { deprecatedField } from "./deprecated-field.ts";
import { listKind } from "./list-kind.ts";
import { removed } from "./removed.ts";
import { type RemovedApiSettings, removedApiSchema } from "./settings.ts";
import { unstable } from "./unstable.ts";

/** What Kubernetes takes away. */
export const removedApis: Family<RemovedApiSettings> = {
  name: "removed-apis",
  title: "The clusters serve every API that the stack uses",
  level: "mandatory",
  schema: removedApiSchema,
  rules: [removed, deprecated, unstable, deprecatedField, listKind],
};
