/** What the API server accepts as a name (k8s.io/apimachinery, `pkg/util/validation`). */

/** Longest DNS label (RFC 1123), label value, and name part of a label key. */
export const maximumLabel = 63;
/** Longest DNS subdomain: most names, and the prefix of a label key. */
const maximumSubdomain = 253;
/** Longest name of a port (RFC 6335, section 5.1). */
const maximumPortName = 15;

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const oldLabel = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const labelPart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** A DNS label of RFC 1123, such as the name of a Namespace or a container. */
export function isDnsLabel(text: string): boolean {
  return text.length <= maximumLabel && label.test(text);
}

/** A DNS label of RFC 1035: it starts with a letter. */
export function isOldDnsLabel(text: string): boolean {
  return text.length <= maximumLabel && oldLabel.test(text);
}

/** DNS labels with dots between them, of any length each. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= maximumSubdomain && text.split(".").every((part) => label.test(part));
}

/** One part of a path: what names of roles and their bindings are. */
export function isPathSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && !/[/%]/.test(text);
}

/** Value of a label; may be empty. */
export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= maximumLabel && labelPart.test(text));
}

/** Key of a label or an annotation: `name` or `prefix.example.com/name`. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  if (name.length > maximumLabel || !labelPart.test(name)) return false;
  return slash < 0 || isDnsSubdomain(text.slice(0, slash));
}

/** Name of a port of a container. */
export function isPortName(text: string): boolean {
  return text.length <= maximumPortName && label.test(text) && /[a-z]/.test(text) && !text.includes("--");
}
