/** Names of Kubernetes objects. A name that is too long is refused, never cut: two cut names could be the same. */

/** Longest DNS label (RFC 1123), the limit for most names, label values and Service names. */
export const maximumNameLength = 63;

/**
 * Longest StatefulSet name: its pods carry the label `controller-revision-hash: <name>-<hash of up to 10 characters>`,
 * which must stay within 63 characters (kubernetes/kubernetes#64023).
 */
export const maximumStatefulSetNameLength = 52;

/** Longest CronJob name: the controller adds 11 characters for each Job (batch/v1 validation). */
export const maximumCronJobNameLength = 52;

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** True for a DNS label of at most 63 characters. */
export function isName(text: string): boolean {
  return text.length <= maximumNameLength && labelPattern.test(text);
}

/**
 * Joins parts with "-" to a name of at most `limit` characters.
 * Throws a RangeError that names the parts when the result is too long or no DNS label.
 */
export function name(parts: readonly (string | number)[], limit = maximumNameLength): string {
  const joined = parts.join("-");
  if (joined.length > limit) {
    throw new RangeError(
      `"${joined}" is ${joined.length} characters, want at most ${limit}: shorten one of ${parts.join(", ")}`,
    );
  }
  if (!labelPattern.test(joined)) {
    throw new RangeError(`"${joined}" is no DNS label: want lower-case letters, digits and "-" only`);
  }
  return joined;
}

/** Name of the one Deployment of game servers in a region, as the original design writes it. */
export function gameServerName(region: string): string {
  return name(["game-server", region]);
}
