import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { judge } from "../../tools/policies/judgement.ts";
import { stackObjects } from "../../tools/policies/stack-objects.ts";
import type { ObjectChange } from "../../tools/preview/change.ts";
import { maximumBytes, previewComment } from "../../tools/preview/comment.ts";
import { type Digest, engineSteps } from "../../tools/preview/engine-steps.ts";
import { code, plain, table } from "../../tools/preview/markdown.ts";
import type { Preview } from "../../tools/preview/preview.ts";
import { previewOf } from "../support/previews.ts";
import { type Ended, runTool, temporaryFolder } from "../support/programs.ts";

const prefix = "urn:pulumi:prod::realmgrid::";
const provider = `${prefix}pulumi:providers:kubernetes::eu-west::11111111-1111-1111-1111-111111111111`;

function configMap(name: string, content: string) {
  const data = { "a.json": content };
  return { inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "game" }, data } };
}

const diagnostic = { severity: "warning", message: "warning: the password is hunter2" };

/** As Pulumi 3.259 printed it for a small program, with less of each state. */
const digest = {
  steps: [
    { op: "same", urn: `${prefix}pulumi:pulumi:Stack::realmgrid-prod`, detailedDiff: null },
    {
      op: "create",
      urn: `${prefix}kubernetes:core/v1:Secret::fresh`,
      provider,
      newState: { inputs: { kind: "Secret", metadata: { name: "fresh", namespace: "game" }, stringData: "[secret]" } },
      detailedDiff: null,
    },
    {
      op: "replace",
      urn: `${prefix}kubernetes:core/v1:ConfigMap::settings`,
      provider,
      oldState: configMap("settings", "old-content"),
      newState: configMap("settings", "new-content"),
      diffReasons: ["data"],
      replaceReasons: ['data["a.json"]'],
      detailedDiff: { 'data["a.json"]': { kind: "update-replace", inputDiff: true } },
    },
    {
      op: "delete",
      urn: `${prefix}kubernetes:core/v1:ConfigMap::gone`,
      provider,
      oldState: { ...configMap("gone", "old-content"), protect: true },
      detailedDiff: null,
    },
    {
      op: "update",
      urn: `${prefix}kubernetes:apps/v1:Deployment::auth`,
      provider,
      oldState: { inputs: { kind: "Deployment", metadata: { name: "auth-service", namespace: "game" } } },
      newState: { inputs: { kind: "Deployment", metadata: { name: "auth-service", namespace: "game" } } },
      diffReasons: ["spec"],
      detailedDiff: { "spec.template.spec.containers[0].env[3].value": { kind: "update", inputDiff: true } },
    },
  ],
  diagnostics: [diagnostic],
  changeSummary: { create: 1, delete: 1, replace: 1, update: 1, same: 3 },
} as Digest;

function headings(text: string): string[] {
  return [...text.matchAll(/^### (.*)$/gm)].map(([, title = ""]) => title);
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("the comment of a preview", () => {
  let prod: Preview;

  before(async function () {
    this.timeout(60_000);
    prod = await previewOf("prod");
  });

  it("says the stack and its totals, then what to look at, then capacity, recovery and policies", () => {
    const text = previewComment(prod);
    assert.match(text, /^<!-- realmgrid preview prod -->\n\n## Preview of `prod`\n\n3 regions, \d+ resources, /);
    assert.deepEqual(headings(text), ["Look here first", "Capacity", "Recovery and rollouts", "Policies"]);
    assert.match(text, /\| `eu-west` \| `mmorpg-game` \| \d+m? \/ \d+ \(\d+ %\) \| /);
    assert.match(text, /\| `eu-west` \| `sessions` \| \d+ \| \d+ \/ \d+ \| \d+ % \|/);
    assert.match(text, /MySQL connections planned \/ accepted: `eu-west` \d+ \/ \d+ \(\d+ %\), /);
    for (const part of ["Every quota", "Connections by user", "Back after each kind", "Promises of the stores"]) {
      assert.match(text, new RegExp(`<details><summary>${part}`));
    }
    assert.ok(Buffer.byteLength(text) < maximumBytes);
  });

  it("admits that nothing is known of replacements where nothing was compared", () => {
    assert.match(previewComment(prod), /What an update would replace or remove is not known here/);
  });

  it("begins with what the engine replaces and deletes, by name and with the reason", () => {
    const text = previewComment({ ...prod, engine: engineSteps(digest) });
    assert.equal(headings(text)[0], "What the engine would do");
    assert.match(text, /\*\*1 replaced, 1 deleted\*\*, 1 created, 1 updated, 3 unchanged\n\n\| step \| resource/);
    assert.match(text, /\| \*\*replaced\*\* \| `ConfigMap game\/settings` \| eu-west \| `data\["a.json"\]` \|/);
    assert.match(text, /\| \*\*deleted\*\* \| `ConfigMap game\/gone` \| eu-west \| protected: the engine refuses/);
    assert.ok(text.indexOf("ConfigMap game/settings") < text.indexOf("Secret game/fresh"));
    assert.match(text, /<summary>1 updated<\/summary>\n\n- `Deployment game\/auth-service` eu-west `spec\.template/);
  });

  it("repeats no value that the engine knows, and none of its messages", () => {
    const text = previewComment({ ...prod, engine: engineSteps(digest) });
    for (const value of ["old-content", "new-content", "hunter2"]) assert.ok(!text.includes(value), value);
    assert.match(text, /The engine said 0 errors and 1 warnings; see its log\./);
  });

  it("counts a resource once whose replacement takes several steps, and what a list does not name", () => {
    const urn = `${prefix}kubernetes:core/v1:Service::front`;
    const steps = ["delete-replaced", "replace", "create-replacement"].map((op) => ({ op, urn, provider }));
    const engine = engineSteps({ steps, changeSummary: { replace: 4 } });
    assert.deepEqual([engine.steps.length, engine.counts.replaced], [1, 4]);
    assert.deepEqual(engine.steps[0]?.notes, ["deleted before the new one is there"]);
    assert.match(previewComment({ ...prod, engine }), /- 3 replaced that the list of steps does not name/);
  });

  it("stays below the size of a comment with 5,000 steps, and says how many it leaves out", () => {
    const ops = ["replace", "delete", "create", "update", "import"];
    const steps = Array.from({ length: 5000 }, (_, index) => ({
      op: ops[index % ops.length] ?? "",
      urn: `${prefix}kubernetes:core/v1:ConfigMap::${"a-long-name-".repeat(8)}${index}`,
      provider,
      replaceReasons: ["data"],
      detailedDiff: Object.fromEntries(
        Array.from({ length: 20 }, (_, field) => [`data["file-${field}.json"]`, { kind: "update-replace" }]),
      ),
    }));
    const text = previewComment({ ...prod, engine: engineSteps({ steps }) });
    assert.ok(Buffer.byteLength(text) < maximumBytes, String(Buffer.byteLength(text)));
    assert.match(text, /\*\*1000 replaced, 1000 deleted\*\*, 1000 imported, 1000 created, 1000 updated/);
    assert.ok([...text.matchAll(/^and (\d+) more$/gm)].some(([, left]) => Number(left) > 900));
    assert.equal(occurrences(text, "<details>"), occurrences(text, "</details>"));
    assert.ok(headings(text).includes("Policies"), "the other sections are still there");
  });

  it("stays below it with as many changes, findings and warnings at once", () => {
    const name = "n".repeat(253);
    const objects = Array.from(
      { length: 5000 },
      (_, index): ObjectChange => ({
        fate: index % 2 === 0 ? "replaced" : "changed",
        region: `region-${index % 12}`,
        kind: "ConfigMap",
        name: `${name}/${index}`,
        fields: Array.from({ length: 30 }, (_, field) => ({ path: `data.${name}${field}`, what: "changed" as const })),
        because: [`data.${name}0`],
        notes: [],
      }),
    );
    const figures = Array.from({ length: 5000 }, (_, index) => ({
      region: name,
      subject: `${name}${index}`,
      numbers: [{ name: "needed", before: "1", after: "2" }],
    }));
    const [object] = stackObjects(prod.run);
    assert.ok(object);
    const finding = {
      family: "f",
      rule: `f/${name}`,
      verdict: "violated",
      level: "mandatory",
      object,
      path: name,
    } as const;
    const findings = Array.from({ length: 5000 }, () => ({ ...finding, message: name, fix: name }));
    const plan = { ...prod.plan, warnings: Array.from({ length: 5000 }, (_, index) => `${name} ${index}`) };
    const judgement = { ...prod.judgement, findings, mandatory: findings.length, violated: findings.length };
    const changes = { revision: "HEAD", commit: "0".repeat(40), objects, figures, limits: [] };
    const text = previewComment({ ...prod, plan, judgement, changes });
    assert.ok(Buffer.byteLength(text) < maximumBytes, String(Buffer.byteLength(text)));
    assert.equal(occurrences(text, "<details>"), occurrences(text, "</details>"));
  });

  it("shows what a policy refuses before everything else, and again with its rule and remedy", async () => {
    const run = structuredClone(prod.run);
    const text = JSON.stringify(run).replaceAll('"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true');
    const careless: Preview = { ...prod, run: JSON.parse(text) };
    careless.judgement = judge(stackObjects(careless.run));
    const comment = previewComment(careless);
    const first = comment.slice(comment.indexOf("### Look here first"), comment.indexOf("### Capacity"));
    assert.match(
      first,
      /^- \*\*refused\*\* `pod-security\/privilege-escalation`: \w+ \S+: container .*; and \d+ more$/m,
    );
    assert.match(
      comment,
      /\| \*\*mandatory\*\* \| `pod-security\/privilege-escalation` \| `StatefulSet mmorpg-game\/game-world-servers spec\.\S+` \| eu-west, us-east, us-west \|/,
    );
    assert.doesNotMatch(first, /No mandatory rule is broken/);
  });

  it("lets no text become markup, a mention or another cell", () => {
    assert.equal(
      plain("a | b <script> @admins *x* _y_ `z`"),
      "a \\| b \\<script> @\u200badmins \\*x\\* \\_y\\_ \\`z\\`",
    );
    assert.equal(code("a`b|c\nd"), "`a'b\\|c d`");
    assert.equal(plain("x".repeat(400)).length, 300);
  });

  it("aligns columns of figures to the right, and only these", () => {
    const rows = [["a", "12 (9 %)", "1 x 2 = 2 pods, at most"]];
    const [, rule] = table(["name", "needed", "how"], rows, { rows: 5 }, (row) => row).split("\n");
    assert.equal(rule, "| --- | ---: | --- |");
  });
});

describe("npm run preview -- --markdown", () => {
  const temporary = temporaryFolder();
  const file = (name: string) => join(temporary.path, name);
  const ended: Record<string, Ended> = {};

  before(async function () {
    this.timeout(120_000);
    writeFileSync(file("engine.json"), JSON.stringify(digest).replaceAll("urn:pulumi:prod::", "urn:pulumi:dev::"));
    writeFileSync(file("prod.json"), JSON.stringify(digest));
    writeFileSync(file("text.json"), "Previewing update (prod): password hunter2");
    writeFileSync(file("other.json"), JSON.stringify({ version: 3, deployment: {} }));
    const calls: Record<string, string[]> = {
      comment: ["dev", "--markdown", "--engine", file("engine.json")],
      otherStack: ["dev", "--markdown", "--engine", file("prod.json")],
      noJson: ["dev", "--markdown", "--engine", file("text.json")],
      noPreview: ["dev", "--markdown", "--engine", file("other.json")],
      noFile: ["dev", "--markdown", "--engine", file("nowhere.json")],
      twoForms: ["dev", "--markdown", "--json"],
      engineAlone: ["dev", "--engine", file("engine.json")],
      noValue: ["dev", "--html", ""],
    };
    for (const [name, args] of Object.entries(calls)) ended[name] = await runTool("preview", args);
  });

  after(() => temporary.remove());

  function call(name: string): Ended {
    const found = ended[name];
    assert.ok(found, name);
    return found;
  }

  it("prints the comment and nothing else", () => {
    const { code: exit, stdout, stderr } = call("comment");
    assert.deepEqual([exit, stderr], [0, ""]);
    assert.match(stdout, /^<!-- realmgrid preview dev -->\n\n## Preview of `dev`\n/);
    assert.match(stdout, /\*\*1 replaced, 1 deleted\*\*/);
    assert.match(stdout, /\n### Warnings\n\n- us-west: one zone only/);
  });

  it("refuses the preview of another stack", () => {
    const { code: exit, stdout, stderr } = call("otherStack");
    assert.deepEqual([exit, stdout], [1, ""]);
    assert.match(stderr, /prod\.json: it is a preview of stack prod, not of dev\n$/);
  });

  it("says what it wants for a file that is something else, without repeating what is in it", () => {
    for (const [name, why] of [
      ["noJson", /text\.json: it is no JSON document; want the output of pulumi preview --json\n$/],
      ["noPreview", /other\.json: want the output of pulumi preview --json\n$/],
      ["noFile", /nowhere\.json: ENOENT/],
    ] as const) {
      const { code: exit, stdout, stderr } = call(name);
      assert.deepEqual([exit, stdout], [1, ""], name);
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /hunter2|^\s+at /m);
    }
  });

  it("says in one sentence which options contradict each other, and ends with 2", () => {
    for (const [name, why] of [
      ["twoForms", /^--json and --markdown are two forms of one output: give one of them\n\n/],
      ["engineAlone", /^--engine FILE is shown by --markdown alone: give both\n\n/],
      ["noValue", /^--html has no value\n\n/],
    ] as const) {
      const { code: exit, stdout, stderr } = call(name);
      assert.deepEqual([exit, stdout], [2, ""], name);
      assert.match(stderr, why);
    }
  });
});
