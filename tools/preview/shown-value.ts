/** Which values a report may repeat: it is read by more people than the program's state. */
import type { Path } from "../../lab/provider/diff.ts";

/** Kinds whose content is never repeated: secrets, and files that may hold anything. */
const closedKinds = new Set(["Secret", "ConfigMap", "RandomPassword"]);

/** Names of fields that may hold a secret whatever their type. */
const closedField = /passw|passphrase|secret|token|credential|private.?key|api.?key/i;

/** Free text of people and programs. */
const closedParents = new Set(["annotations", "labels", "data", "stringData", "binaryData", "env", "args", "command"]);

const imagePattern = /^[a-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;
const quantityPattern = /^\d+(\.\d+)?([munkMGTPE]|[KMGTPE]i)?$|^\d+%$/;
const quantityFields = new Set([
  "cpu",
  "memory",
  "storage",
  "size",
  "ephemeral-storage",
  "maxUnavailable",
  "minAvailable",
  "maxSurge",
]);
const quantityParents = new Set(["hard", "requests", "limits", "min", "max", "default", "defaultRequest"]);

/**
 * Text of a value that may be repeated: numbers, switches, quantities and images. Undefined for everything else: then a
 * report says that the field changed, and no more.
 */
export function shownValue(kind: string, path: Path, value: unknown): string | undefined {
  if (closedKinds.has(kind)) return undefined;
  if (path.some((step) => closedParents.has(String(step)))) return undefined;
  if (typeof value === "boolean") return String(value);
  if (path.some((step) => closedField.test(String(step)))) return undefined;
  if (typeof value === "number") return String(value);
  if (typeof value !== "string" || value.length > 200) return undefined;
  const [parent, field] = [path.at(-2), path.at(-1)].map((step) => String(step ?? ""));
  if (field === "image" || field === "imageName") return imagePattern.test(value) ? value : undefined;
  const isQuantity = quantityFields.has(field ?? "") || quantityParents.has(parent ?? "");
  if (isQuantity) return quantityPattern.test(value) ? value : undefined;
  // The version of a chart, which stands at the top of a release.
  if (kind === "Release" && path.length === 1 && field === "version")
    return /^v?[\d.]+[\w.+-]*$/.test(value) ? value : undefined;
  return undefined;
}
