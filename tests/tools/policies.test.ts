import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Ended, runTool, temporaryFolder } from "../support/programs.ts";

const good = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
automountServiceAccountToken: false
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: shop }
spec:
  maxUnavailable: 1
  selector: { matchLabels: { app: web } }
---
# a document without anything
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      automountServiceAccountToken: false
      serviceAccountName: web
      securityContext:
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: web
          image: shop/web:1.2.3
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /ready, port: 8080 } }
          livenessProbe: { httpGet: { path: /live, port: 8080 } }
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { cpu: 200m, memory: 256Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
`;

/** The same with three mistakes; each stands on a line that says so. */
const bad = good
  .replace("shop/web:1.2.3", "shop/web:latest # wrong: images/fixed-tag")
  .replace(
    "allowPrivilegeEscalation: false",
    "allowPrivilegeEscalation: true # wrong: pod-security/privilege-escalation",
  )
  .replace("runAsNonRoot: true", "runAsNonRoot: false # wrong: pod-security/run-as-non-root");

/** Rule and line of each mistake. */
function wrongLines(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => {
      const rule = /# wrong: (\S+)/.exec(line)?.[1];
      return rule === undefined ? [] : [`${rule} ${index + 1}`];
    })
    .sort();
}

/** The documents of a file as one List. */
function asList(text: string): string {
  const items = text.split("---\n").filter((one) => one.startsWith("apiVersion"));
  const indented = items.map((one) => `  - ${one.trimEnd().replaceAll("\n", "\n    ")}\n`);
  return `apiVersion: v1\nkind: List\nitems:\n${indented.join("")}`;
}

interface JsonFinding {
  rule: string;
  level: string;
  file: string;
  line: number;
}

interface Sarif {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } };
    results: {
      ruleId: string;
      level: string;
      message: { text: string };
      locations: {
        physicalLocation?: { artifactLocation: { uri: string }; region: { startLine: number } };
        logicalLocations: { fullyQualifiedName: string }[];
      }[];
    }[];
  }[];
}

describe("npm run policies", () => {
  const temporary = temporaryFolder();
  const file = (name: string) => join(temporary.path, name);
  const files: Record<string, string> = {
    "good.yaml": good,
    "bad.yaml": bad,
    "list.yaml": asList(bad),
    "folder/bad.yml": bad,
    "folder/bad.json": JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "bare", namespace: "shop" } }),
    "folder/README.md": "apiVersion: v1\nkind: Pod\n",
    "sp ace/bad 1.yaml": bad,
    "broken.yaml": "kind: [",
    "unknown-family.json": JSON.stringify({ "pod-securty": { enforcementLevel: "advisory" } }),
    "advisory.json": JSON.stringify({ all: "advisory" }),
    "no-json.json": "{",
  };
  const calls = {
    good: [[file("good.yaml")]],
    bad: [[file("bad.yaml")]],
    badJson: [[file("bad.yaml"), "--format", "json"]],
    listJson: [[file("list.yaml"), "--format", "json"]],
    sarif: [[file("bad.yaml"), "--format", "sarif"]],
    sarifSpace: [[file("sp ace"), "--format", "sarif"]],
    folder: [[file("folder"), "--format", "json"]],
    input: [["-", "--format", "json"], bad],
    inputGood: [["-"], good],
    unknownFamily: [[file("bad.yaml"), "--config", file("unknown-family.json")]],
    noJson: [[file("bad.yaml"), "--config", file("no-json.json")]],
    advisory: [[file("bad.yaml"), "--config", file("advisory.json")]],
    broken: [[file("broken.yaml"), file("bad.yaml")]],
    noFile: [[file("nowhere.yaml")]],
    nothing: [[]],
    both: [[file("good.yaml"), "--stack", "dev"]],
    format: [[file("good.yaml"), "--format", "xml"]],
    stack: [["--stack", "dev"]],
    noStack: [["--stack", "nowhere"]],
    help: [["--help"]],
  } satisfies Record<string, [string[], string?]>;
  const ended: Partial<Record<keyof typeof calls, Ended>> = {};

  before(async function () {
    this.timeout(120_000);
    for (const folder of ["folder", "sp ace"]) mkdirSync(file(folder));
    for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text);
    const started = (Object.keys(calls) as (keyof typeof calls)[]).map(async (name) => {
      const [args = [], input] = calls[name] as [string[], string?];
      ended[name] = await runTool("policies", args, input === undefined ? {} : { input });
    });
    await Promise.all(started);
  });

  after(() => temporary.remove());

  function call(name: keyof typeof calls): Ended {
    const found = ended[name];
    assert.ok(found, name);
    return found;
  }

  function mandatory(name: keyof typeof calls): JsonFinding[] {
    const { findings } = JSON.parse(call(name).stdout) as { findings: JsonFinding[] };
    return findings.filter((one) => one.level === "mandatory");
  }

  function placed(list: readonly JsonFinding[]): string[] {
    return list.map(({ rule, line }) => `${rule} ${line}`).sort();
  }

  it("takes a good manifest, and ends with 0", () => {
    const { code, stdout, stderr } = call("good");
    assert.deepEqual([code, stderr], [0, ""], stdout);
    assert.match(stdout, /^ok {2}policies: \d+ rules over 4 objects: /m);
    assert.doesNotMatch(stdout, /mandatory/);
    assert.match(stdout, /; 1 document without a kind skipped$/m);
  });

  it("refuses a bad one with rule, remedy, place and reason, and ends with 1", () => {
    const { code, stdout, stderr } = call("bad");
    assert.deepEqual([code, stderr], [1, ""]);
    for (const one of wrongLines(bad)) {
      const [rule = "", line = ""] = one.split(" ");
      const [, text = ""] = stdout.split(`mandatory ${rule}  fix: `);
      assert.match(text, new RegExp(`^\\w.*\n +\\S+/bad\\.yaml:${line} {2}Deployment shop/web spec\\.\\S+: \\w`), rule);
    }
    assert.match(stdout, /^refused {2}policies: \d+ rules over 4 objects: .*; 3 findings would stop an up/m);
    assert.equal(stdout.includes("\u001b"), false);
  });

  it("says the same as JSON, with the line of each mistake", () => {
    assert.equal(call("badJson").code, 1);
    const { objects, mandatory: count } = JSON.parse(call("badJson").stdout);
    assert.deepEqual([objects, count], [4, 3]);
    assert.deepEqual(placed(mandatory("badJson")), wrongLines(bad));
    for (const one of mandatory("badJson")) assert.equal(one.file, file("bad.yaml"));
  });

  it("looks into a List, item by item, and knows the lines in it", () => {
    const lines = wrongLines(asList(bad));
    assert.notDeepEqual(lines, wrongLines(bad));
    assert.deepEqual(placed(mandatory("listJson")), lines);
  });

  it("reads every manifest of a folder, YAML and JSON, and nothing else", () => {
    const found = new Set(mandatory("folder").map((one) => one.file));
    assert.deepEqual([...found].sort(), [file("folder/bad.json"), file("folder/bad.yml")]);
    assert.equal(JSON.parse(call("folder").stdout).objects, 5);
  });

  it("reads standard input", () => {
    assert.equal(call("input").code, 1);
    assert.deepEqual(placed(mandatory("input")), wrongLines(bad));
    assert.equal(call("inputGood").code, 0);
  });

  it("says the same as SARIF 2.1.0: rules with their texts, results with their lines", () => {
    const { code, stdout } = call("sarif");
    assert.equal(code, 1);
    const { version, $schema, runs } = JSON.parse(stdout) as Sarif;
    assert.deepEqual([version, runs.length], ["2.1.0", 1]);
    assert.match($schema, /sarif-2\.1\.0\.json$/);
    const [run] = runs;
    const ids = run?.tool.driver.rules.map((one) => one.id) ?? [];
    assert.ok(ids.length > 50 && new Set(ids).size === ids.length);
    for (const rule of run?.tool.driver.rules ?? []) assert.ok(rule.shortDescription.text.length > 0, rule.id);
    for (const { ruleId, level, message, locations } of run?.results ?? []) {
      assert.ok(ids.includes(ruleId), ruleId);
      assert.ok(["error", "warning", "note"].includes(level), level);
      assert.ok(message.text.length > 0);
      assert.equal(locations.length, 1);
    }
    const errors = run?.results.filter((one) => one.level === "error") ?? [];
    assert.deepEqual(
      errors.map((one) => `${one.ruleId} ${one.locations[0]?.physicalLocation?.region.startLine}`).sort(),
      wrongLines(bad),
    );
  });

  it("names files in SARIF by URIs, in which a space is none", () => {
    const { runs } = JSON.parse(call("sarifSpace").stdout) as Sarif;
    const uris = new Set(
      runs[0]?.results.flatMap((one) => one.locations[0]?.physicalLocation?.artifactLocation.uri ?? []),
    );
    assert.deepEqual([...uris].map(decodeURI), [file("sp ace/bad 1.yaml")]);
    for (const uri of uris) assert.doesNotMatch(uri, /\s/);
  });

  it("weakens rules by the file of settings", () => {
    const { code, stdout } = call("advisory");
    assert.equal(code, 0);
    assert.match(stdout, /advisory images\/fixed-tag/);
    assert.match(stdout, /^ok {2}policies: /m);
  });

  it("refuses settings of a family that there is not, in one message, and ends with 1", () => {
    const { code, stdout, stderr } = call("unknownFamily");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^The configuration of the policy pack is wrong:\n {2}pod-securty: is no family; want one of all, /,
    );
    assert.match(stderr, /pod-security/);
    assert.equal(stderr.trimEnd().split("\n").length, 2);
  });

  it("refuses a file of settings that is no JSON, and ends with 1", () => {
    const { code, stdout, stderr } = call("noJson");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /no-json\.json is no configuration of the policy pack: /);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  it("refuses manifests that are no YAML and judges nothing, and ends with 1", () => {
    const { code, stdout, stderr } = call("broken");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^Some manifests are no valid YAML\.\n\n\S+broken\.yaml: /);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  it("says that there is no such file or stack, and ends with 1", () => {
    const { code, stdout, stderr } = call("noFile");
    assert.deepEqual([code, stdout, stderr], [1, "", `${file("nowhere.yaml")}: there is no such file or folder\n`]);
    assert.deepEqual([call("noStack").code, call("noStack").stdout], [1, ""]);
    assert.match(call("noStack").stderr, /^There is no stack "nowhere": want one of dev, prod\.$/m);
  });

  for (const [what, name] of [
    ["nothing to judge", "nothing"],
    ["manifests and a stack", "both"],
    ["a format that there is not", "format"],
  ] as const) {
    it(`shows its help and ends with 2 when given ${what}`, () => {
      const { code, stdout, stderr } = call(name);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /npm run policies -- TARGET/);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  }

  it("judges a stack as it ships, and refuses nothing", () => {
    const { code, stdout, stderr } = call("stack");
    assert.deepEqual([code, stderr], [0, ""], stdout);
    const objects = Number(/^ok {2}policies: \d+ rules over (\d+) objects: /m.exec(stdout)?.[1]);
    assert.ok(objects > 80);
  });

  it("explains itself and its exit codes with --help", () => {
    const { code, stdout, stderr } = call("help");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /--config .*\n/);
    assert.match(stdout, /Exit codes: 0 /);
  });
});
