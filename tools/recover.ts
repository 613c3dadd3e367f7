/** `npm run recover -- --stack NAME`: makes a stack usable again after an `up` that was killed. */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { main } from "./command.ts";
import { UsageError, UserError } from "./errors.ts";
import { projectFolder, stackNames } from "./offline/stack-file.ts";
import { findByKubeconfig, plan, type RecoverableStack, recover, removeBrokenAttributes } from "./recovery.ts";
import { count, paint, table } from "./table.ts";

/** Locks and state of a file backend, which are plain files; other backends keep theirs where only `pulumi` reaches. */
async function fileBackend(name: string): Promise<Pick<RecoverableStack, "locksFolder" | "checkpoint">> {
  const workspace = await LocalWorkspace.create({ workDir: projectFolder });
  const [{ url }, { name: project }] = await Promise.all([workspace.whoAmI(), workspace.projectSettings()]);
  if (!url?.startsWith("file://")) return {};
  const folder = join(url === "file://~" ? homedir() : fileURLToPath(url), ".pulumi");
  return {
    locksFolder: join(folder, "locks", "organization", project, name),
    checkpoint: join(folder, "stacks", project, `${name}.json`),
  };
}

async function openStack(name: string): Promise<RecoverableStack> {
  const files = await fileBackend(name);
  // Before anything else: a stack with broken attributes cannot even be selected.
  if (files.checkpoint !== undefined) removeBrokenAttributes(files.checkpoint);
  const stack = await LocalWorkspace.selectStack({ stackName: name, workDir: projectFolder });
  const { version } = await stack.exportStack();
  return {
    ...files,
    exportState: async () => (await stack.exportStack()).deployment,
    importState: (deployment) => stack.importStack({ version, deployment }),
    refresh: () => stack.refresh(),
  };
}

await main({
  help: `npm run recover -- --stack NAME [--dry-run] [--json]

After an up that was killed: removes the lock of a dead process of this machine, lists the operations that had begun, and
adopts the objects that were created but not recorded, and only those. Then the state is read again from the clusters.
Nothing in a cluster changes. The next "pulumi up" goes on where the killed one stopped. Uses the pulumi on PATH, your
login and your kubeconfig; see docs/runbooks/killed-up.md.

  --stack     one of ${stackNames().join(", ")}
  --dry-run   only list what had begun and what would be done
  --json      the list as JSON
`,
  options: { stack: { type: "string" }, "dry-run": { type: "boolean" }, json: { type: "boolean" } },
  positionals: [],
  async run({ options }) {
    const name = options.stack;
    if (typeof name !== "string") throw new UsageError("--stack NAME is missing");
    if (!stackNames().includes(name)) {
      throw new UserError(`There is no stack "${name}": want one of ${stackNames().join(", ")}.`);
    }
    try {
      const stack = await openStack(name);
      const operations =
        options["dry-run"] === true
          ? await plan(await stack.exportState(), findByKubeconfig)
          : (await recover(stack)).operations;
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(operations, null, 2)}\n`);
        return 0;
      }
      const rows = operations.map(({ operation, urn, action, because }) => [
        operation,
        urn.split("::").at(-1) ?? urn,
        action,
        because,
      ]);
      if (rows.length > 0) process.stdout.write(`${table(["had begun", "resource", "action", "because"], rows)}\n\n`);
      const done = options["dry-run"] === true ? "nothing was changed" : `next: npx pulumi up --stack ${name}`;
      process.stdout.write(`${paint("green", "ok")}  ${count(rows.length, "operation")} had begun; ${done}\n`);
      return 0;
    } catch (error) {
      // The engine's and our own refusals are for the user; their stack traces are not.
      throw new UserError(error instanceof Error ? error.message : String(error));
    }
  },
});
