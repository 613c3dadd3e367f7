/** Mistakes in a stack file: what a person needs to mend all of them in one go. */
import * as pulumi from "@pulumi/pulumi";

/** One mistake. */
export interface Mistake {
  /** Where, as in `regions.eu-west.gameServers.maxReplicas`. */
  path: string;
  /** What the file says, printed as JSON; a `Withheld` where nobody knows what it is. */
  got: unknown;
  /** What is wanted instead; further lines are aligned with the first. */
  want: string;
  /** What would go wrong. */
  why?: string;
  /** What to do. */
  fix?: string;
}

/** Stands for a value that is not repeated: it may be a secret that was put at the wrong place. */
export class Withheld {
  /** What kind of value it is, as in "a text". */
  readonly kind: string;

  constructor(value: unknown) {
    this.kind = typeof value === "string" ? "a text" : Array.isArray(value) ? "a list" : "a mapping";
  }
}

/** The value itself where it cannot be a secret, a number or a switch; else what kind of value it is. */
export function withheld(value: unknown): unknown {
  return typeof value === "string" || (typeof value === "object" && value !== null) ? new Withheld(value) : value;
}

function print(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Withheld) return `${value.kind}, which is not repeated here`;
  const text = typeof value === "string" && /^[\d.]+[A-Za-z]*$/.test(value) ? value : JSON.stringify(value);
  // Whoever logs in by an address writes the password into it.
  const shown = text.replaceAll(/\/\/[^/\s"@]+@/g, "//...@");
  return shown.length <= 80 ? shown : `${shown.slice(0, 77)}...`;
}

/** All mistakes of one stack file. The engine and our tools print its message without a stack trace. */
export class ConfigError extends pulumi.RunError {
  /** The mistakes, in the order of the file's sections. */
  readonly mistakes: readonly Mistake[];

  constructor(file: string, namespace: string, mistakes: readonly Mistake[]) {
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    const blocks = mistakes.map((one) =>
      [
        `  ${namespace}:${one.path}`,
        `    got   ${print(one.got)}`,
        `    want  ${one.want.replaceAll("\n", `\n${" ".repeat(10)}`)}`,
        ...(one.why ? [`    why   ${one.why}`] : []),
        ...(one.fix ? [`    fix   ${one.fix}`] : []),
      ].join("\n"),
    );
    super(`${file} has ${count}. Nothing was applied.\n\n${blocks.join("\n\n")}\n`);
    this.mistakes = mistakes;
  }
}
