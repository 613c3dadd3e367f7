/** `npm run lab -- COMMAND`: the command line of the lab. */
import { UsageError } from "../tools/errors.ts";
import { help, type Invocation, parseCommandLine } from "./command-line.ts";

/** Runs one command line and returns the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  let signalled = 0;
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.on(name, () => {
      signalled ||= 128 + number;
      interrupted.abort(new Error(`interrupted by ${name}`));
    });
  }
  try {
    const invocation: Invocation = parseCommandLine(words);
    if (invocation.command === "help") {
      console.log(help(invocation.topic));
      return 0;
    }
    // Loaded here, so that help and mistakes do not wait for the Kubernetes client.
    const commands = await import("./commands.ts");
    return await commands[invocation.command](invocation, {
      print: (line) => console.log(line),
      onProgress: (line) => console.error(line),
      signal: interrupted.signal,
    });
  } catch (error) {
    console.error(`lab: ${interrupted.signal.aborted ? interrupted.signal.reason.message : (error as Error).message}`);
    if (error instanceof UsageError) console.error("`npm run lab -- --help` shows what there is.");
    return error instanceof UsageError ? 2 : signalled || 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
