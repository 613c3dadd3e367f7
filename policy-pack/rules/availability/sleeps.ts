/** How long a command surely sleeps. A script that cannot be read with certainty sleeps for no known time. */
import type { Field } from "../../kube/tree.ts";

const shells = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh$/;
const sleep = /^(?:\/(?:usr\/)?bin\/)?sleep$/;
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of one argument of `sleep`: `15`, `0.5`, `2m`. */
function seconds(argument: string | undefined): number | undefined {
  const [, digits, unit = "s"] = /^(\d{1,9}(?:\.\d{1,9})?)([smh]?)$/.exec(argument ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits) * (unitSeconds[unit === "" ? "s" : unit] ?? 1);
}

// Branches, loops, background jobs and substitutions: what runs is then no longer what is written.
const clever = /[|`$(){}<>#*?[\]\\"']|(?:^|[^&])&(?:[^&]|$)/;
const branching =
  /(?:^|[\s;&])(?:if|for|while|until|case|select|function|timeout|set|trap|eval|exec|exit|return|nohup)(?:$|[\s;&])/;

/** Longest script that is read. */
const longest = 10_000;

function inScript(script: string): number | undefined {
  if (script.length > longest || clever.test(script) || branching.test(script)) return undefined;
  let sum = 0;
  for (const list of script.split(/[;\n]/)) {
    for (const part of list.split("&&")) {
      const [command = "", argument] = part.trim().split(/\s+/);
      const one = sleep.test(command) ? seconds(argument) : undefined;
      // Behind && comes only what the command before it lets through; a sleep lets all through.
      if (one === undefined) break;
      sum += one;
    }
  }
  return sum === 0 ? undefined : sum;
}

/** Seconds that an `exec` surely sleeps at the least; undefined where none are certain. */
export function sleepsFor(command: Field): number | undefined {
  const words = command.items().map((one) => one.text);
  if (words.includes(undefined)) return undefined;
  const [program = "", ...rest] = words as string[];
  if (sleep.test(program)) return rest.length === 1 ? seconds(rest[0]) : undefined;
  if (!shells.test(program)) return undefined;
  const [flag, script] = rest;
  return flag === "-c" && script !== undefined ? inScript(script) : undefined;
}
