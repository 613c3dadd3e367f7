import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseDocument } from "yaml";
import { gitlab, gitlabGlobals, gitlabJobs, type Mapping, textOf } from "./files.ts";

// Of the schema that GitLab's own editor uses (gitlabhq/gitlabhq, app/assets/javascripts/editor/schema/ci.json). The schema
// itself has 115 kB and would have to be fetched, so the structure is checked here.
const defaults =
  "after_script artifacts before_script hooks cache image interruptible id_tokens identity retry services tags timeout";
const keywords = `${defaults} allow_failure coverage dast_configuration dependencies environment extends inherit needs pages parallel release resource_group rules run script secrets stage start_in trigger variables when manual_confirmation`;
const artifactKeys = "paths exclude expose_as name untracked when access expire_in reports";
const ruleKeys = "if changes exists variables when start_in allow_failure needs interruptible";
const known = (keys: string) => new Set(keys.split(" "));

const unknown = (value: Mapping, keys: string) => Object.keys(value).filter((key) => !known(keys).has(key));
const visible = [...gitlabJobs].filter(([name]) => !name.startsWith("."));

/** A job with what it takes over from the one it extends, and from `default`. */
function whole(name: string): Mapping {
  const job = gitlabJobs.get(name) ?? {};
  const parent = typeof job["extends"] === "string" ? gitlabJobs.get(job["extends"]) : undefined;
  return { ...gitlab["default"], ...parent, ...job };
}

function rulesOf(job: Mapping): Mapping[] {
  return (job["rules"] ?? []) as Mapping[];
}

const changing = visible.filter(([, job]) => /npm run --silent (deploy|recover)\b/.test(String(job["script"])));

describe("the GitLab pipeline", () => {
  it("is YAML without a key twice, of keywords that GitLab knows", () => {
    assert.deepEqual(parseDocument(textOf(".gitlab-ci.yml"), { uniqueKeys: true }).errors, []);
    assert.deepEqual(unknown(gitlab["default"] ?? {}, defaults), []);
    for (const [name, job] of gitlabJobs) {
      assert.deepEqual(unknown(job, keywords), [], name);
      assert.deepEqual(unknown((job["artifacts"] ?? {}) as Mapping, artifactKeys), [], name);
      for (const rule of rulesOf(job)) assert.deepEqual(unknown(rule, ruleKeys), [], name);
    }
    for (const key of gitlabGlobals) assert.ok(!gitlabJobs.has(key));
  });

  it("has every job in a stage that there is, needing only jobs that there are, in time", () => {
    const stages = gitlab["stages"] as unknown as string[];
    for (const [name, job] of visible) {
      assert.ok(stages.includes(String(job["stage"])), name);
      assert.ok(Array.isArray(job["script"]), name);
      assert.match(String(job["timeout"]), /^\d+[hm]$/, name);
      for (const need of (job["needs"] ?? []) as (string | { job: string })[]) {
        const other = typeof need === "string" ? need : need.job;
        const stage = String(gitlabJobs.get(other)?.["stage"]);
        assert.ok(stages.indexOf(stage) >= 0 && stages.indexOf(stage) <= stages.indexOf(String(job["stage"])), name);
      }
    }
  });

  it("uses rules, not the retired only and except of the original", () => {
    for (const [name, job] of visible) {
      assert.ok(!("only" in job) && !("except" in job), name);
      assert.ok(rulesOf(job).length > 0, name);
    }
  });

  it("names each image by a full version: the original had none, so the runner's default decided", () => {
    assert.match(String(gitlab["default"]?.["image"]), /:\d+\.\d+\.\d+-/);
    for (const [name, job] of visible) if ("image" in job) assert.match(String(job["image"]), /:\d+\.\d+\.\d+/, name);
  });

  it("never kills an update: one at a time for each stack, not interruptible", () => {
    assert.deepEqual(
      changing.map(([name]) => name),
      ["dev", "prod", "recover"],
    );
    for (const [name, job] of changing) {
      assert.equal(job["interruptible"], false, name);
      assert.match(String(job["resource_group"]), /^stack-(dev|prod|\$STACK)$/, name);
    }
  });

  it("asks before prod and waits for the answer: a manual job counts as passed by default", () => {
    const [rule, ...rest] = rulesOf(gitlabJobs.get("prod") ?? {});
    assert.deepEqual(rest, []);
    assert.equal(rule?.["when"], "manual");
    assert.equal(rule?.["allow_failure"], false);
  });

  it("changes clusters from the default branch alone", () => {
    for (const [name, job] of changing) {
      for (const rule of rulesOf(job)) {
        assert.match(String(rule["if"]), /\$CI_COMMIT_BRANCH == \$CI_DEFAULT_BRANCH/, name);
        assert.doesNotMatch(String(rule["if"]), /merge_request_event|schedule/, name);
      }
    }
  });

  it("gives an identity or a token to no merge request of a fork", () => {
    for (const [name, job] of visible) {
      const reachesCloud = "id_tokens" in whole(name);
      const writes = JSON.stringify(job).includes("_TOKEN");
      for (const rule of rulesOf(job)) {
        if ((reachesCloud || writes) && String(rule["if"]).includes("merge_request_event")) {
          assert.match(String(rule["if"]), /\$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == \$CI_PROJECT_ID/, name);
        }
      }
    }
  });

  it("tests before anything is applied: the original pushed its image whether or not it was the tested one", () => {
    const stages = gitlab["stages"] as unknown as string[];
    assert.ok(stages.indexOf("verify") < stages.indexOf("dev") && stages.indexOf("dev") < stages.indexOf("prod"));
    for (const name of ["dev", "prod"]) assert.ok(!("needs" in (gitlabJobs.get(name) ?? {})), `${name} waits for all`);
  });

  it("sets bash to stop at the first failure in every script of more than one line", () => {
    for (const [name, job] of gitlabJobs) {
      for (const key of ["before_script", "script"]) {
        for (const line of (job[key] ?? []) as string[]) {
          if (line.trim().includes("\n")) assert.ok(line.startsWith("set -euo pipefail\n"), `${name}/${key}`);
        }
      }
    }
  });
});
