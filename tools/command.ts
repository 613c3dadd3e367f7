/** What all commands share: help, usage errors, exit codes, no stack trace for what a user can mend. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { ConfigError } from "../components/config/mistakes.ts";
import { UsageError, UserError } from "./errors.ts";

/** Parsed call of a command. */
export interface Call<Names extends string> {
  options: Partial<Record<Names, string | boolean>>;
  positionals: string[];
}

/** One command of `package.json`. */
export interface Command<Options extends ParseArgsOptionsConfig> {
  /** Text for `--help`, without the last line on exit codes. */
  help: string;
  options: Options;
  /** Names of the positional arguments; a trailing "?" makes one optional, "..." stands for any number. */
  positionals: readonly string[];
  /** Answers the exit code. */
  run(call: Call<Extract<keyof Options, string>>): Promise<number>;
}

const exitCodes = "\nExit codes: 0 all is well, 1 something is wrong and was said, 2 the call was not understood.\n";

function parse<Options extends ParseArgsOptionsConfig>(
  command: Command<Options>,
  args: string[],
): Call<Extract<keyof Options, string>> & { help: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...command.options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const required = command.positionals.filter((one) => !/(\?|\.\.\.)$/.test(one));
    const isOpen = command.positionals.some((one) => one.endsWith("..."));
    const { help, ...options } = values as Record<string, string | boolean>;
    if (!help && positionals.length < required.length) throw new Error(`${required[positionals.length]} is missing`);
    if (!isOpen && positionals.length > command.positionals.length)
      throw new Error(`"${positionals.at(-1)}" is too much`);
    return {
      help: help === true,
      options: options as Call<Extract<keyof Options, string>>["options"],
      positionals,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Runs a command as the main program and sets the exit code. */
export async function main<Options extends ParseArgsOptionsConfig>(command: Command<Options>): Promise<void> {
  try {
    const call = parse(command, process.argv.slice(2));
    if (call.help) {
      process.stdout.write(`${command.help}${exitCodes}`);
      return;
    }
    process.exitCode = await command.run(call);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${command.help}`);
      process.exitCode = 2;
    } else if (error instanceof ConfigError || error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    } else {
      // A defect of ours: the stack trace is what a bug report needs.
      throw error;
    }
  }
}
