/** Secrets that stay where secrets belong. */
import type { Family } from "../../core/rule.ts";
import { literalLastApplied } from "./literal-last-applied.ts";
import { plainTextSecret } from "./plain-text-secret.ts";
import { secretData } from "./secret-data.ts";
import { secretEnvironment } from "./secret-environment.ts";
import { secretInAnnotation } from "./secret-in-annotation.ts";
import { secretInConfigMap } from "./secret-in-config-map.ts";
import { secretInTrigger } from "./secret-in-trigger.ts";
import { type SecretSettings, secretSchema } from "./settings.ts";

/** No message of this family repeats a value. */
export const secrets: Family<SecretSettings> = {
  name: "secrets",
  title: "Secrets stand in Secrets and nowhere else",
  level: "mandatory",
  schema: secretSchema,
  rules: [
    plainTextSecret,
    secretInConfigMap,
    secretInAnnotation,
    secretInTrigger,
    secretData,
    literalLastApplied,
    secretEnvironment,
  ],
};
