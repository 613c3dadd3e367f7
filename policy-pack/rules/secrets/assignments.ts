/** Secrets inside files and commands: `password = ...`, `--token=...`, `"key": "..."`, `<password>...</password>`. */
import { namedSecret, promises } from "./names.ts";

/** Longest name and value that are read. */
const nameLength = 80;
const valueLength = 400;

// A name, a separator, a value. The name starts where a word starts, and the first quantifier is bounded, so that a
// line takes time in proportion to its length. `:` needs a space or a quote behind it, else every URL and every
// `host:port` would be an assignment.
const assignment = new RegExp(
  [
    String.raw`(?<![\w$.{-])-{0,2}(?<name>[A-Za-z_][\w.-]{0,${nameLength}})`,
    String.raw`(?:["']?[ \t]{0,8}(?<equals>=)(?![=~>])[ \t]{0,8}|["']?[ \t]{0,8}:(?:[ \t]{1,8}|(?=["'])))`,
    `(?<quote>["']?)`,
  ].join(""),
  "g",
);
const element = new RegExp(
  String.raw`<(?<name>[A-Za-z_][\w.-]{0,${nameLength}})>(?<value>[^<\s][^<]{0,${valueLength}})</\k<name>>`,
  "g",
);
const comment = /^\s*(?:#|\/\/|;|--\s|\*|<!--|REM\s)/;

// Types and texts of forms: a schema or a translation says "password" and means no password.
const description = new RegExp(
  `^(?:${[
    "str string text varchar char int integer number bool boolean bytes any object array file hidden input",
    "password passwort kennwort passwords token tokens secret secrets credential credentials",
    "basic bearer oauth oauth2 jwt md5 bcrypt scram plain default function self this undefined",
  ]
    .join(" ")
    .replaceAll(" ", "|")})[!?]?$`,
  "i",
);

function valueAt(line: string, from: number, quote: string, byEquals: boolean): string {
  const rest = line.slice(from, from + valueLength);
  if (quote !== "") {
    const end = rest.indexOf(quote);
    return end < 0 ? "" : rest.slice(0, end);
  }
  // Behind `=` a value ends where a shell or a connection string ends it; behind `:` it is the rest of the line.
  const end = rest.search(byEquals ? /[\s;&,|)'"]/ : /\s#/);
  const value = end < 0 ? rest : rest.slice(0, end);
  // `login.token=Please enter the token`: a plain word with words behind it is the start of a sentence.
  if (byEquals && /^[A-Za-z]+$/.test(value) && /^ [A-Za-z]+ [A-Za-z]/.test(rest.slice(end))) return "";
  return byEquals ? value : value.trimEnd().replace(/[,}\]]{1,4}$/, "");
}

function isSecret(name: string, value: string, quoted: boolean, code: boolean): boolean {
  const text = value.trim();
  // A sentence is a text for people; a secret is one word. A pattern looks for secrets and is none.
  if (/\s/.test(text) || description.test(text) || /^[([.^*]|\\/.test(text)) return false;
  if (!quoted) {
    // Code asks for a secret: `password = getenv(...)`, `token: config.token`, and in a program `password = given`.
    if (/^[A-Za-z_][\w.]*[([]/.test(text) || /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(text)) return false;
    if (code && /^[A-Za-z_]\w*$/.test(text)) return false;
  }
  return namedSecret(name, text);
}

function lineAssigns(line: string, code: boolean): boolean {
  if (!/[=:<]/.test(line) || comment.test(line)) return false;
  const start = /^[\s{"'-]*/.exec(line)?.[0].length ?? 0;
  for (const match of line.matchAll(assignment)) {
    const { name = "", equals, quote = "" } = match.groups ?? {};
    // `a: b` in the middle of a line is prose unless the value stands in quotes.
    if (equals === undefined && quote === "" && match.index > start) continue;
    if (promises(name) === undefined) continue;
    const value = valueAt(line, match.index + match[0].length, quote, equals !== undefined);
    if (isSecret(name, value, quote !== "", code)) return true;
  }
  for (const { groups } of line.matchAll(element)) {
    if (isSecret(groups?.["name"] ?? "", groups?.["value"] ?? "", true, code)) return true;
  }
  return false;
}

/**
 * Number of the first line that assigns a secret in plain text, from 1; undefined where none does. `code`: the text is
 * a program, in which a bare word is the name of a variable.
 */
export function lineWithSecret(text: string, code = false): number | undefined {
  const index = text.split("\n").findIndex((line) => lineAssigns(line.replace(/\r$/, ""), code));
  return index < 0 ? undefined : index + 1;
}

/** `--db-password` without a value; what follows it in the list of arguments is the value. */
export function isSecretFlag(argument: string): boolean {
  return /^--?[A-Za-z][\w.-]{1,80}$/.test(argument) && namedSecret(argument.replace(/^-+/, ""), "a plain value");
}
