/** Patterns as Argo CD's projects and policies match them. */

/**
 * True where a pattern matches a whole text. Argo CD uses github.com/gobwas/glob without separators, so that "*" takes
 * "/" too. Brackets and braces are not known here and throw, so that no test passes by a pattern that is read wrongly.
 */
export function globMatch(pattern: string, text: string): boolean {
  if (/[[\]{}\\!]/.test(pattern)) throw new Error(`pattern ${pattern} has signs that this does not know`);
  const expression = [...pattern].map((sign) => {
    if (sign === "*") return ".*";
    return sign === "?" ? "." : sign.replace(/[$()+.^|]/, "\\$&");
  });
  return new RegExp(`^${expression.join("")}$`, "s").test(text);
}
