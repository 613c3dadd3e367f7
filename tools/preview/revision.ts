/** The program of a git revision beside the working tree: its files in a temporary folder, and its record. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../errors.ts";
import { projectFolder } from "../offline/stack-file.ts";
import type { Recorded } from "./recorded.ts";

/** A stack as a revision has it. */
export interface RecordedRevision {
  /** As the caller wrote it. */
  revision: string;
  /** Full name of the commit. */
  commit: string;
  /** Absent where the revision has no such stack. */
  record?: Recorded;
}

const execute = promisify(execFile);

/** What a child process said before it failed. */
function said(error: unknown): string {
  const { stderr, message, code } = error as { stderr?: string; message: string; code?: string };
  if (code === "ENOENT") return "there is no git here";
  return (stderr ?? "").trim() || message;
}

async function git(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await execute("git", ["-C", projectFolder, ...args], { env: { ...process.env, ...environment } });
  return stdout.trim();
}

/** The commit that a revision means. Throws a `UserError` for one that git does not know. */
export async function commitOf(revision: string): Promise<string> {
  try {
    return await git(["rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`]);
  } catch (error) {
    throw new UserError(
      `--against ${revision}: git knows no such commit (a shallow clone has to fetch it first): ${said(error)}`,
    );
  }
}

/**
 * Writes the project as a commit has it to `folder`. Through an index of its own, so that the repository stays as it is:
 * a worktree would leave an entry behind when the command is killed, and run the hooks of a checkout.
 */
async function checkOut(commit: string, folder: string): Promise<void> {
  const [prefix, top] = await Promise.all([git(["rev-parse", "--show-prefix"]), git(["rev-parse", "--show-toplevel"])]);
  const index = { GIT_INDEX_FILE: join(folder, "..", "index") };
  await git(["-C", top, "read-tree", prefix === "" ? commit : `${commit}:${prefix}`], index);
  await git(["-C", top, "checkout-index", "--all", `--prefix=${folder}/`], index);
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "junction");
}

/** Runs the program of a revision. Throws a `UserError` where it does not run. */
export async function recordRevision(revision: string, stack: string): Promise<RecordedRevision> {
  const commit = await commitOf(revision);
  const temporary = mkdtempSync(join(tmpdir(), "realmgrid-against-"));
  const [folder, answer] = [join(temporary, "program"), join(temporary, "record.json")];
  try {
    mkdirSync(folder);
    await checkOut(commit, folder);
    if (!existsSync(join(folder, `Pulumi.${stack}.yaml`))) return { revision, commit };
    // Today's host runs it: it takes any program, and the older one may lack what is compared here.
    const program = fileURLToPath(new URL("record-program.ts", import.meta.url));
    await execute(process.execPath, [program, folder, stack, answer], { cwd: folder, maxBuffer: 2 ** 26 });
    return { revision, commit, record: JSON.parse(readFileSync(answer, "utf8")) as Recorded };
  } catch (error) {
    throw new UserError(
      `--against ${revision}: the program of ${commit.slice(0, 9)} does not run beside these packages.\n\n${said(error)}`,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
