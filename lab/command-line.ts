/** The command line of the lab: what can be asked for, and the help that says so. */
import { parseArgs } from "node:util";
import { UsageError } from "../tools/errors.ts";

/** A command line that was understood. */
export interface Invocation {
  command: CommandName | "help";
  /** For `help`: the command that is asked about. */
  topic?: CommandName;
  stack: string;
  folder?: string;
  json: boolean;
  crds?: string[];
  clientQps?: number;
  /** Words after the command. */
  args: string[];
}

/** The commands. */
export type CommandName = keyof typeof commands;

const commands = {
  build: {
    usage: "build [TOOL...]",
    summary: "find, download or build every tool, or only the named ones",
    options: [],
    args: [0, 9],
  },
  up: {
    usage: "up [STACK]",
    summary: "start the regions of a stack and run pulumi up on them",
    options: ["folder", "crds", "client-qps"],
    args: [0, 1],
  },
  status: {
    usage: "status [STACK]",
    summary: "show the regions and their processes",
    options: ["stack", "folder", "json"],
    args: [0, 1],
  },
  kubectl: {
    usage: "kubectl REGION ARGS...",
    summary: "run kubectl in one region",
    options: ["stack", "folder"],
    args: [1, 999],
  },
  scenario: {
    usage: "scenario [NAME ARGS...]",
    summary: "run a scenario on the lab; without a name, list them",
    options: ["stack", "folder"],
    args: [0, 999],
  },
  down: {
    usage: "down [STACK]",
    summary: "stop the regions and remove their folder",
    options: ["stack", "folder"],
    args: [0, 1],
  },
} as const satisfies Record<string, { usage: string; summary: string; options: OptionName[]; args: [number, number] }>;

type OptionName = keyof typeof optionTexts;

const optionTexts = {
  stack: ["--stack STACK", "whose lab (default dev)"],
  folder: ["--folder FOLDER", "where the lab lives (default: a folder for the stack in the temporary folder)"],
  json: ["--json", "print JSON"],
  crds: ["--crds A,B", "projects whose custom resource definitions are installed"],
  "client-qps": ["--client-qps N", "requests per second of controllers and scheduler (default: their own limits)"],
} as const;

/** Reads the words after `npm run lab --`. */
export function parseCommandLine(words: readonly string[]): Invocation {
  const [first, ...rest] = words;
  const basis = { stack: "dev", json: false, args: [] };
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const topic = rest[0];
    if (topic !== undefined && !isCommand(topic)) throw unknownCommand(topic);
    return { ...basis, command: "help", topic };
  }
  if (!isCommand(first))
    throw first.startsWith("-") ? new UsageError(`unknown option ${first}`) : unknownCommand(first);
  const spec = commands[first];
  // Everything after the region belongs to kubectl, options too.
  const split = first === "kubectl" ? firstPlainWord(rest) : rest.length;
  const { values, positionals } = parse(first, rest.slice(0, split));
  if (values.help) return { ...basis, command: "help", topic: first };
  for (const name of Object.keys(values)) {
    if (!(spec.options as readonly string[]).includes(name))
      throw new UsageError(`\`${first}\` has no option --${name}`);
  }
  const args = [...positionals, ...rest.slice(split)];
  if (args.length < spec.args[0] || args.length > spec.args[1]) {
    throw new UsageError(`want \`npm run lab -- ${spec.usage}\`, got ${args.length} words after \`${first}\``);
  }
  return {
    command: first,
    stack: nameOfStack((spec.usage.endsWith("[STACK]") ? args[0] : undefined) ?? values.stack ?? "dev"),
    folder: values.folder,
    json: values.json ?? false,
    crds: values.crds?.split(",").filter(Boolean),
    clientQps: values["client-qps"] === undefined ? undefined : positive("--client-qps", values["client-qps"]),
    args,
  };
}

/** The help for all commands, or for one. */
export function help(topic?: CommandName): string {
  if (topic === undefined) {
    const lines = Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(26)} ${summary}`);
    return [
      "Usage: npm run lab -- COMMAND [OPTIONS]",
      "",
      "Real Kubernetes control planes on this machine, one per region, with simulated nodes.",
      "",
      ...lines,
      "",
      "COMMAND --help shows the options of a command.",
      "Environment: LAB_CRDS (folder with custom resource definitions), REALMGRID_CACHE (where built tools are kept),",
      "REALMGRID_LAB_DOWNLOAD=1 (official downloads before a Go build).",
    ].join("\n");
  }
  const { usage, summary, options } = commands[topic];
  const lines = options.map((name) => `  ${optionTexts[name][0].padEnd(18)} ${optionTexts[name][1]}`);
  return [
    `Usage: npm run lab -- ${usage}${lines.length ? " [OPTIONS]" : ""}`,
    "",
    sentence(summary),
    ...(lines.length ? ["", ...lines] : []),
  ].join("\n");
}

function parse(command: CommandName, words: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { help: { ...flag, short: "h" }, json: flag, stack: text, folder: text, crds: text, "client-qps": text },
    });
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0];
    throw new UsageError(`\`${command}\`: ${reason}`);
  }
}

function firstPlainWord(words: readonly string[]): number {
  let index = 0;
  while (words[index]?.startsWith("-")) index += words[index] === "--stack" || words[index] === "--folder" ? 2 : 1;
  return Math.min(index, words.length);
}

function nameOfStack(stack: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(stack)) return stack;
  throw new UsageError(`"${stack}" is not the name of a stack: want letters, digits, "-", "_" or "."`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`${option}: got "${text}", want a whole number above 0`);
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}

function unknownCommand(word: string): UsageError {
  return new UsageError(`unknown command "${word}"; want ${Object.keys(commands).join(", ")}`);
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
