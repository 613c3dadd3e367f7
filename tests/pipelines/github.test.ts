import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseDocument, visit } from "yaml";
import { jobs, loginAction, steps, textOf, workflowPaths, workflows } from "./files.ts";

const files = [...workflowPaths, loginAction];

/** Jobs in which the code of a pull request runs. */
const pullRequest = [...jobs].filter(([name]) => name.startsWith("pull-request/"));
const ownBranchOnly = "github.event.pull_request.head.repo.full_name == github.repository";

describe("the GitHub workflows", () => {
  it("pin every action to a commit, with its version beside it: a tag can be moved to other code", () => {
    let pinned = 0;
    for (const file of files) {
      for (const [line, target = ""] of textOf(file).matchAll(/^.*\buses:\s*(.*)$/gm)) {
        if (target.startsWith("./")) continue;
        assert.match(target, /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`);
        pinned += 1;
      }
    }
    assert.ok(pinned > 10);
  });

  it("use one commit for each action", () => {
    const commits = new Map<string, Set<string>>();
    for (const { step } of steps) {
      const [name = "", commit = ""] = (step.uses ?? "").split("@");
      if (commit !== "") commits.set(name, (commits.get(name) ?? new Set()).add(commit));
    }
    for (const [name, own] of commits) assert.equal(own.size, 1, name);
  });

  it("give nothing to a job that does not ask for it by name", () => {
    for (const [path, workflow] of workflows) assert.deepEqual(workflow.permissions, {}, path);
    for (const [name, { permissions = {} }] of jobs) assert.ok(Object.keys(permissions).length > 0, name);
  });

  it("have exactly the rights that the page lists", () => {
    const rights = Object.fromEntries(
      [...jobs].map(([name, { permissions = {} }]) => [
        name,
        Object.entries(permissions)
          .filter(([, level]) => level === "write")
          .map(([right]) => right),
      ]),
    );
    assert.deepEqual(rights, {
      "deploy/verify": [],
      "deploy/dev": ["id-token"],
      "deploy/prod": ["id-token"],
      "deploy/propose-revert": ["contents", "pull-requests"],
      "deploy/recover": ["id-token"],
      "drift/compare": ["id-token"],
      "drift/report": ["issues"],
      "promote/propose": ["contents", "pull-requests"],
      "pull-request/verify": [],
      "pull-request/preview": [],
      "pull-request/engine": ["id-token"],
      "pull-request/comment": ["pull-requests"],
      "pull-request/scanning": ["security-events"],
    });
  });

  it("ask for an identity only where the login action uses it", () => {
    for (const [name, job] of jobs) {
      const logsIn = job.steps.some(({ uses }) => uses === "./.github/actions/cloud-login");
      assert.equal(job.permissions?.["id-token"] === "write", logsIn, name);
      // The environment is what the cloud's trust is bound to.
      assert.equal(job.environment !== undefined, logsIn, name);
    }
  });

  it("never run a fork's code with rights: no pull_request_target, no workflow_run", () => {
    for (const [path, workflow] of workflows) {
      for (const event of ["pull_request_target", "workflow_run", "issue_comment"]) {
        assert.ok(!(event in workflow.on), `${path}: ${event}`);
      }
    }
  });

  it("name no secret at all, so a fork's pull request cannot be given one", () => {
    for (const file of files) assert.doesNotMatch(textOf(file), /\bsecrets\s*[.[]|secrets: *inherit/, file);
  });

  it("let only branches of the repository itself reach an identity or write", () => {
    for (const [name, job] of pullRequest) {
      const writes = Object.values(job.permissions ?? {}).includes("write");
      if (writes) assert.ok(job.if?.includes(ownBranchOnly), name);
      else assert.equal(job.if, undefined, `${name} must run for forks too`);
    }
  });

  it("never put what a stranger may write into a script: scripts have no expressions, only variables", () => {
    for (const { where, step } of steps) assert.doesNotMatch(step.run ?? "", /\$\{\{/, where);
  });

  it("write to a pull request or an issue only in jobs that run nothing of the repository", () => {
    for (const [name, job] of jobs) {
      const { permissions = {} } = job;
      const comments = ["issues", "pull-requests", "security-events"].some((right) => permissions[right] === "write");
      if (comments && permissions["contents"] !== "write") {
        assert.ok(
          job.steps.every(({ run = "" }) => !/\b(npm|npx|node)\b/.test(run)),
          name,
        );
      }
    }
  });

  it("give the token that may push to one step, after install scripts have run", () => {
    for (const [name, job] of jobs) {
      if (job.permissions?.["contents"] !== "write") continue;
      const runsCode = job.steps.some(({ run = "" }) => /\bnpm\b/.test(run));
      if (runsCode) assert.ok(!("GH_TOKEN" in (job.env ?? {})), name);
      for (const { run = "", env = {} } of job.steps) {
        if (/\bnpm\b/.test(run)) assert.ok(!("GH_TOKEN" in env), name);
      }
    }
  });

  it("leave no token in the checked-out folder", () => {
    for (const { where, step } of steps) {
      if (step.uses?.startsWith("actions/checkout@")) assert.equal(step.with?.["persist-credentials"], false, where);
    }
  });

  it("never cancel an update, which would leave a lock and a half-written state", () => {
    const groups: string[] = [];
    for (const [name, job] of jobs) {
      if (!job.steps.some(({ run = "" }) => /npm run --silent (deploy|recover)\b/.test(run))) continue;
      assert.equal(job.concurrency?.["cancel-in-progress"], false, name);
      assert.match(job.concurrency?.group ?? "", /^stack-/, name);
      groups.push(name);
    }
    assert.deepEqual(groups, ["deploy/dev", "deploy/prod", "deploy/recover"]);
    for (const [path, workflow] of workflows) {
      if (!path.endsWith("/pull-request.yml"))
        assert.notEqual(workflow.concurrency?.["cancel-in-progress"], true, path);
    }
  });

  it("apply prod only after dev, by an environment of its own", () => {
    const prod = jobs.get("deploy/prod") as unknown as { needs: string[]; environment: string };
    assert.deepEqual(prod.needs, ["verify", "dev"]);
    assert.equal(prod.environment, "prod");
  });

  it("have a limit of time on every job and bash with pipefail in every script of more than one line", () => {
    for (const [path, workflow] of workflows) assert.equal(workflow.defaults?.run?.shell, "bash", path);
    for (const [name, job] of jobs) assert.ok((job["timeout-minutes"] ?? 0) > 0, name);
    for (const { where, step } of steps) {
      if (step.run?.trim().includes("\n")) assert.ok(step.run.startsWith("set -euo pipefail\n"), where);
    }
  });

  it("write no key twice, which YAML readers settle differently", () => {
    for (const file of files) {
      const document = parseDocument(textOf(file), { uniqueKeys: true });
      assert.deepEqual(document.errors, [], file);
      visit(document, { Alias: () => assert.fail(`${file}: GitHub reads no aliases`) });
    }
  });
});
