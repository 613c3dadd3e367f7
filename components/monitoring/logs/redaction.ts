/**
 * What is taken out of a log line before it leaves the node, as statements of the transform processor (OTTL). They work on
 * the text, not on a parsed tree: a secret is found at any depth, in JSON inside JSON, and in a line that was cut off in
 * the middle, where a parser finds nothing at all.
 */
import { literal, statementText as text } from "../collector.ts";

/** What stands in place of a secret. */
export const redacted = "[redacted]";

/** Environment variable with the salt of the hashes. */
export const saltVariable = "PLAYER_HASH_SALT";

/** Parts of the names of fields whose values are secret, whatever stands before and after them. */
const secretNames = [
  "passw(?:or)?d",
  "passphrase",
  "pwd",
  "secret",
  "token",
  "authorization",
  "api[-_.]?key",
  "access[-_.]?key",
  "private[-_.]?key",
  "credential",
  "cookie",
].join("|");

/** Value of a JSON field: text, even one that was cut off, a list, an object, a number or a word. */
const jsonValue = String.raw`(?:"(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|\{[^{}]*\}?|[^\s,}\]"\[{]+)`;

/** Text in JSON that is itself text in JSON, so that its quotes are \" and what it escapes begins with two backslashes. */
const innerText = String.raw`\\"(?:[^"\\]|\\\\(?:\\"|\\\\|[^"\\]))*(?:\\")?`;

/** One word of plain text. */
const word = String.raw`[^\s,;&"'\\(){}\[\]]+`;

/** `$1`, `$2` and so on in `by` are the groups of `pattern`. */
function replace(pattern: string, by: string, where = ""): string {
  return `replace_pattern(log.body, ${text(pattern)}, ${text(by)})${where}`;
}

const isJson = `IsMatch(log.body, ${text(String.raw`^\s*\{`)})`;
const json = ` where ${isJson}`;
const plain = ` where not ${isJson}`;

/** Secrets, by the name of their field and by what they look like. */
export function secretStatements(): string[] {
  const assigned = String.raw`(\b[\w.-]*(?:${secretNames})[\w.-]*["']?\s*(?:=>|=|:)\s*)`;
  return [
    // By the name of the field, in JSON and in JSON inside JSON.
    replace(String.raw`(?i)("[^"\\]*(?:${secretNames})[^"\\]*"\s*:\s*)${jsonValue}`, `$1"${redacted}"`),
    replace(
      String.raw`(?i)(\\"[^"\\]*(?:${secretNames})[^"\\]*\\"\s*:\s*)(?:${innerText}|${word})`,
      String.raw`$1\"${redacted}\"`,
    ),
    // A scheme and its value are two words.
    replace(String.raw`(?i)(authorization["']?\s*[=:]\s*)(?:\w+\s+)?${word}`, `$1${redacted}`),
    replace(String.raw`(?i)\b(bearer\s+)[\w.~+/=-]{8,}`, `$1${redacted}`),
    // By the name in text: password=..., token: ..., --api-key ... In a line of JSON a bare quote ends the text around it.
    replace(`(?i)${assigned}(?:${innerText}|${word})`, `$1${redacted}`, json),
    replace(String.raw`(?i)${assigned}(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|${word})`, `$1${redacted}`, plain),
    replace(String.raw`(?i)(--[\w-]*(?:${secretNames})[\w-]*\s+)${word}`, `$1${redacted}`),
    // User and password in an address, or a token in their place.
    replace(String.raw`(://)[^/\s"'<>\\]+@`, `$1${redacted}@`),
    // By what they look like: JSON Web Tokens, keys of AWS, GitHub, Slack and Google, private keys.
    replace(String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?`, redacted),
    replace(
      String.raw`\b(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abeprs]-[\w-]{10,}|AIza[\w-]{30,})`,
      redacted,
    ),
    replace(String.raw`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)`, redacted),
  ];
}

/** Pattern of a field's name: `player_id` is playerId, player-id and PLAYER_ID too. */
function namePattern(field: string): string {
  const parts = field.split(/[_.]/).filter((part) => part !== "");
  return `(?i:${parts.join("[-_.]?")})`;
}

/** The groups of `pattern`, one of which has the value, are hashed with the salt; `format` has %s for the hash. */
function hash(pattern: string, groups: readonly number[], format: string, where = ""): string {
  const value = groups.map((group) => `$${group}`).join("");
  // The salt is a variable of the collector, so it alone is no literal.
  const salted = `"\${env:${saltVariable}}${literal(value)}"`;
  return `replace_pattern(log.body, ${text(pattern)}, ${salted}, SHA256, ${text(format.replace("%s", "sha256:%s"))})${where}`;
}

/**
 * Hashes the values of fields that name a person: SHA-256 over a salt and the value. The same person has the same hash, so
 * lines can still be followed; without the salt, all addresses of IPv4 are tried in minutes.
 */
export function playerStatements(fields: readonly string[]): string[] {
  return fields.flatMap((field) => {
    const name = namePattern(field);
    const number = String.raw`-?\d[\d.eE+-]*`;
    return [
      hash(
        String.raw`"${name}"\s*:\s*(?:"((?:[^"\\]|\\.)*)"?|(${number})|(\[[^\]]*\]?|\{[^{}]*\}?))`,
        [1, 2, 3],
        `"${field}":"%s"`,
      ),
      hash(
        String.raw`\\"${name}\\"\s*:\s*(?:\\"((?:[^"\\]|\\\\(?:\\"|\\\\|[^"\\]))*)(?:\\")?|(${number}))`,
        [1, 2],
        String.raw`\"${field}\":\"%s\"`,
      ),
      hash(String.raw`\b${name}\s*[=:]\s*(?:\\"([^"\\]*)\\"|(${word}))`, [1, 2], `${field}=%s`, json),
      hash(String.raw`\b${name}\s*[=:]\s*(?:"([^"\\]*)"|'([^']*)'|(${word}))`, [1, 2, 3], `${field}=%s`, plain),
    ];
  });
}
