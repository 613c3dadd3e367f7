/** Runs the Pulumi CLI for the commands that pipelines call, and reads what a preview says. */
import { spawn } from "node:child_process";
import { UserError } from "../errors.ts";
import { projectFolder } from "../offline/stack-file.ts";

/** One operation that a preview announces. */
export interface Operation {
  /** As the engine names it, for example `update`. */
  op: string;
  urn: string;
}

/** How the CLI ended. */
export interface Ended {
  code: number;
  /** Standard output; empty unless it was captured. */
  output: string;
}

// They change nothing: pulumi/pulumi, pkg/engine/update.go, HasChanges.
const harmless = ["same", "read", "read-discard", "read-replacement"];

/**
 * Runs `pulumi` with these arguments in the project's folder; `npm run` puts the one of package.json on PATH. Where the
 * output is not captured it goes to the log as it comes.
 */
export async function pulumi(args: readonly string[], { capture = false } = {}): Promise<Ended> {
  // The CLI ends by itself when it is interrupted, and records where it was; until then nobody may believe it is over.
  const waitForIt = () => undefined;
  process.on("SIGINT", waitForIt).on("SIGTERM", waitForIt);
  try {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd: projectFolder,
      stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    });
    const output = child.stdout === null ? [] : Array.fromAsync(child.stdout as AsyncIterable<Buffer>);
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", (error) => reject(new UserError(`pulumi cannot be started: ${error.message}`)));
      child.once("close", (exit) => resolve(exit ?? 1));
    });
    return { code, output: Buffer.concat(await output).toString("utf8") };
  } finally {
    process.off("SIGINT", waitForIt).off("SIGTERM", waitForIt);
  }
}

/**
 * What a `pulumi preview --json` would change (pulumi/pulumi, pkg/display/json.go, PreviewDigest). Undefined where the
 * text is no such digest or the preview met an error, so that a failure never reads as "nothing changes".
 */
export function announced(output: string): Operation[] | undefined {
  let digest: { steps?: Operation[]; diagnostics?: { severity?: string }[]; changeSummary?: Record<string, number> };
  try {
    digest = JSON.parse(output);
  } catch {
    return undefined;
  }
  if (typeof digest !== "object" || digest === null || typeof digest.changeSummary !== "object") return undefined;
  // "--expect-no-changes" is not reported as one of these: it only decides the exit code.
  if (digest.diagnostics?.some(({ severity }) => severity === "error")) return undefined;
  return (digest.steps ?? []).filter(({ op }) => !harmless.includes(op));
}
