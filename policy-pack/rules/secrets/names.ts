/** Which names promise a secret. Names are read word by word: `PASSWORD_FILE` and `KEYCLOAK_URL` promise none. */

/** `certain`: whatever plain text stands there is a secret. `likely`: text that looks random is one. */
export type Promised = "certain" | "likely" | undefined;

/** Longest name that is read; no name that a person gave is longer. */
const maximumName = 256;

/** The words of a name in lower case: `dbPassword`, `DB_PASSWORD` and `db.password` have the same two. */
export function words(name: string): string[] {
  if (name.length > maximumName) return [];
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

const certainWords = new Set([
  "password",
  "passwords",
  "passwd",
  "passphrase",
  "pwd",
  "token",
  "secret",
  "secrets",
  "credential",
  "credentials",
  "apikey",
  "apitoken",
  "secretkey",
  "privatekey",
  "accesstoken",
  "authtoken",
  "accesskey",
  "clientsecret",
  "dbpassword",
  "userpassword",
  "requirepass",
  "masterauth",
  "rootpw",
]);

/** Words before `key` that make it the key of a lock. */
const keyOwners = new Set([
  ..."access api auth crypto encryption hmac jwt master private secret signing ssh webhook".split(" "),
]);

/** Words before `pass` that make it a password and no battle pass. */
const passOwners = new Set([
  ..."admin db database ftp ldap mail mongo mongodb mysql pg postgres rabbitmq redis root smtp user".split(" "),
]);

/** Words before `secret` that make it the name of a Secret. */
const secretNames = new Set(["ca", "cert", "certificate", "existing", "image", "kubernetes", "pull", "tls"]);

/** Last words that may end the name of a secret, and often do not. */
const likelyWords = new Set(["auth", "key", "keys", "pass", "salt", "tokens"]);

/** What a name promises. */
export function promises(name: string): Promised {
  const all = words(name);
  const last = all.at(-1);
  const before = all.at(-2) ?? "";
  if (last === undefined) return undefined;
  // The working folder of a shell.
  if (all.length === 1 && last === "pwd") return undefined;
  if (all.slice(-3).join(" ") === "secret key base") return "certain";
  if (last === "secret" && secretNames.has(before)) return undefined;
  // Names a cluster of etcd, and is the same in every member's manual.
  if (all.slice(-3).join(" ") === "initial cluster token") return undefined;
  if (before === "public") return undefined;
  if (certainWords.has(last) || /pass(?:word|wd)$/.test(last)) return "certain";
  if (last === "key" && keyOwners.has(before)) return "certain";
  if (last === "pass" && passOwners.has(before)) return "certain";
  return likelyWords.has(last) ? "likely" : undefined;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Longest part of a value that is measured. */
const measured = 256;

/**
 * The text looks as if a machine had drawn it: one long word of many different characters, letters and digits. 3 bits
 * for a character is what random hexadecimal text of 16 characters reaches; plain words of that length stay below it
 * or hold no digit.
 */
export function looksRandom(value: string): boolean {
  const text = value.slice(0, measured);
  // A UUID names something; who invents a key takes more than its 122 bits, or none of its dashes.
  if (uuid.test(text)) return false;
  if (!/^[A-Za-z0-9+/=_-]{16,}$/.test(text) || !/\d/.test(text) || !/[A-Za-z]/.test(text)) return false;
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  // A name in words (`game-server-eu-west-1`) has separators between short parts; random text has long parts.
  return bits >= 3 && text.split(/[-_/]/).some((part) => /\d/.test(part) && /[A-Za-z]/.test(part) && part.length >= 12);
}

const switches = /^(?:true|false|yes|no|y|n|on|off|enabled?|disabled?|none|null|nil|required|optional|always|never)$/i;
// What is filled in later, by a shell, a template, Vault or External Secrets, and what stands for something hidden.
const placeholder = new RegExp(
  `^(?:${[
    String.raw`\$[({A-Za-z_]|\{\{|<[^>]*>$|%[\w(]|\[[^\]]*\]$|\*+$|\?+$|![A-Za-z]|~\/|x{3,}$`,
    String.raw`ENC\(|vault:|secret:|ref\+|env:|file:|arn:|sha256:|redacted$|placeholder|.{1,200}@azurekeyvault$`,
  ].join("|")})`,
  "i",
);
// `/credentials` and `./pw.txt` are places; one long part with capital letters may be base64 that starts with a slash.
const path = /^(?:\.{0,2}\/[\w.-]+){2,}\/?$|^\.{0,2}\/[\w.-]+\.\w+$|^\.{0,2}\/[a-z][a-z_-]{0,40}\/?$/;
const number = /^[+-]?\d+(?:\.\d+)?(?:ms|[smhd])?$/;

/** The text says where the secret is, or whether there is one, and is none. */
export function isReference(value: string): boolean {
  const text = value.trim();
  return text === "" || switches.test(text) || placeholder.test(text) || path.test(text.slice(0, measured));
}

/** The value under that name is a secret in plain text, going by the name. */
export function namedSecret(name: string, value: string): boolean {
  const promise = promises(name);
  if (promise === undefined || isReference(value)) return false;
  if (promise === "likely") return looksRandom(value.trim());
  // `TOKEN=3600` counts or lasts; `PASSWORD=123456` is a password all the same.
  const counts = number.test(value.trim()) && !/^(?:pass|pwd)/.test(words(name).at(-1) ?? "");
  return !counts;
}
