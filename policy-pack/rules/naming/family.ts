/** Names that are valid, unique, and lead to something. */
import type { Family } from "../../core/rule.ts";
import { defaultNamespace } from "./default-namespace.ts";
import { recommendedLabels } from "./recommended-labels.ts";
import { references } from "./references.ts";
import { selectorMatchesTemplate } from "./selector-matches-template.ts";
import { type NamingSettings, namingSchema } from "./settings.ts";
import { uniqueNames } from "./unique-names.ts";
import { uniqueObject } from "./unique-object.ts";
import { validInnerName } from "./valid-inner-name.ts";
import { validLabel } from "./valid-label.ts";
import { validName } from "./valid-name.ts";
import { volumeMounts } from "./volume-mounts.ts";

/** How things are called, and what is called upon. */
export const naming: Family<NamingSettings> = {
  name: "naming",
  title: "Names are valid, unique, and lead to something",
  level: "mandatory",
  schema: namingSchema,
  rules: [
    validName,
    validLabel,
    validInnerName,
    recommendedLabels,
    defaultNamespace,
    uniqueObject,
    uniqueNames,
    selectorMatchesTemplate,
    volumeMounts,
    references,
  ],
};
