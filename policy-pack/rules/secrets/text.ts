/** What a text gives away, as a message that does not repeat it. */
import { lineWithSecret } from "./assignments.ts";
import { namedSecret } from "./names.ts";
import { credentialIn } from "./shapes.ts";

/** A text that may hold secrets. */
export interface TextInQuestion {
  /** Name under which it stands; undefined where it has none or is not known yet. */
  name?: string;
  value: string;
  /** The value may hold assignments: a file, a command, a connection string. */
  file?: boolean;
  /** The value is a program, in which a bare word is the name of a variable. */
  code?: boolean;
}

/** Why the text is a secret in plain text; undefined where it is none. */
export function secretIn({ name, value, file = false, code = false }: TextInQuestion): string | undefined {
  if (name !== undefined && namedSecret(name, value)) return "its name says that it is a secret, and it is plain text";
  const credential = credentialIn(value);
  if (credential !== undefined) return `it holds ${credential} in plain text`;
  const line = file ? lineWithSecret(value, code) : undefined;
  return line === undefined ? undefined : `its line ${line} gives a secret in plain text`;
}
