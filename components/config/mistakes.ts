/** Mistakes in a stack file: what a person needs to mend all of them in one go. */
import * as pulumi from "@pulumi/pulumi";

/** One mistake. */
export interface Mistake {
  /** Where, as in `regions.eu-west.gameServers.maxReplicas`. */
  path: string;
  /** What the file says, printed as JSON. */
  got: unknown;
  /** What is wanted instead; further lines are aligned with the first. */
  want: string;
  /** What would go wrong. */
  why?: string;
  /** What to do. */
  fix?: string;
}

function print(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" && /^[\d.]+[A-Za-z]*$/.test(value) ? value : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
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
