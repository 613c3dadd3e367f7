/** Rules in the hands of the real promtool: are they valid, and when do their alerts fire? */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, it } from "mocha";
import { stringify } from "yaml";
import { isAlert, type RuleGroup, ruleFile } from "../../../components/monitoring/alerts/alert.ts";
import { type DebianServer, debianServer } from "../../../lab/toolchain/debian-packages.ts";
import { temporaryFolder } from "../../support/programs.ts";

/** An alert that must fire. */
export interface FiringAlert {
  /** All labels but `alertname`, `severity` among them. */
  labels: Readonly<Record<string, string>>;
  /** The text as people get it. Not looked at when absent. */
  summary?: string;
}

/** One situation, and what the rules make of it. */
export interface RuleCase {
  /** Sentence of behaviour: the title of the test. */
  title: string;
  /** Series and their values in promtool's notation: `{ 'up{job="a"}': "1x10 0x5" }`; the first value is at 0 s. */
  series: Readonly<Record<string, string>>;
  /** Seconds between two values. @default 60 */
  step?: number;
  /** Seconds between two evaluations; longer for cases that span days. @default 15 */
  evaluation?: number;
  /** Name of the alert that `at` is about. */
  alert?: string;
  /** What fires at a time such as "5m", nothing else does; an empty list: the alert is silent. */
  at?: Readonly<Record<string, readonly FiringAlert[]>>;
  /** What queries answer: series as `name{label="value"}` or `{}`, and their values. */
  answers?: readonly { query: string; at: string; samples: Readonly<Record<string, number>> }[];
}

interface Finished {
  code: number | null;
  /** Both outputs in the order in which they were written. */
  output: string;
}

const url = "https://example.com/runbooks";

let found: Promise<DebianServer | undefined> | undefined;

/** promtool; undefined, with the reason printed once, where it cannot be had. */
function promtool(): Promise<DebianServer | undefined> {
  found ??= debianServer("prometheus").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : error;
    console.warn(`    SKIPPED: no tests with the real promtool, because ${reason}`);
    return undefined;
  });
  return found;
}

function run(server: DebianServer, folder: string, args: readonly string[]): Promise<Finished> {
  const file = join(folder, "output");
  // One file for both outputs: promtool names a test on one of them and says what is wrong with it on the other.
  const output = openSync(file, "a");
  const child = spawn(server.programs["tool"] ?? "", args, {
    cwd: folder,
    env: { ...process.env, ...server.environment },
    stdio: ["ignore", output, output],
  });
  return new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: readFileSync(file, "utf8") }));
  }).finally(() => closeSync(output));
}

/** A series of `metric` in promtool's notation. */
export function series(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${metric}{${pairs.join(",")}}`;
}

/** Makes one test: every rule of these groups is one that Prometheus would load. */
export function checkRules(groups: readonly RuleGroup[]): void {
  it("has rules that promtool accepts", async function () {
    this.timeout(300_000);
    const server = await promtool();
    if (server === undefined) return this.skip();
    const folder = temporaryFolder();
    try {
      writeFileSync(join(folder.path, "rules.yaml"), stringify(ruleFile(groups, url)));
      const { code, output } = await run(server, folder.path, ["check", "rules", "rules.yaml"]);
      assert.equal(code, 0, output);
      const count = groups.reduce((sum, { rules }) => sum + rules.length, 0);
      assert.match(output, new RegExp(`SUCCESS: ${count} rules found`));
    } finally {
      folder.remove();
    }
  });
}

/** Makes one test of each case. All of them run in one promtool, before the first. */
export function ruleCases(groups: readonly RuleGroup[], cases: readonly RuleCase[]): void {
  let results: readonly string[] | undefined;

  before(async function () {
    this.timeout(600_000);
    const server = await promtool();
    if (server === undefined) return;
    const folder = temporaryFolder();
    try {
      // promtool compares all annotations of an alert or none: so there are files with those that a case asks for.
      for (const name of ["none", "summary"]) {
        writeFileSync(join(folder.path, `rules-${name}.yaml`), stringify(withAnnotation(groups, name)));
      }
      const files = cases.map((one, index) => {
        const file = `case-${index}.yaml`;
        writeFileSync(join(folder.path, file), stringify(testFile(one)));
        return file;
      });
      const { output } = await run(server, folder.path, ["test", "rules", ...files]);
      results = files.map((file) => resultOf(file, output));
    } finally {
      folder.remove();
    }
  });

  cases.forEach((one, index) => {
    it(one.title, function () {
      if (results === undefined) return this.skip();
      assert.ok(results[index] === "SUCCESS", results[index]);
    });
  });
}

/**
 * What `cases` leave unproven, in words: an alert without a case in which it fires with its text, without one in which
 * it is silent, or whose texts name a label that a firing one does not have.
 */
export function unproven(groups: readonly RuleGroup[], cases: readonly RuleCase[]): string[] {
  return groups
    .flatMap(({ rules }) => rules)
    .filter(isAlert)
    .flatMap(({ alert, severity, summary, description }) => {
      const seen = cases.filter((one) => one.alert === alert).flatMap(({ at = {} }) => Object.values(at));
      const firing = seen.flat();
      const named = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
      const strange = named.filter((label) => firing.some(({ labels }) => !(label in labels)));
      return [
        ...(firing.some((one) => one.summary !== undefined) ? [] : [`${alert} never fires with its text`]),
        ...(seen.some((one) => one.length === 0) ? [] : [`${alert} is never silent`]),
        ...(severity === "none" || /\$labels\./.test(summary) ? [] : [`the summary of ${alert} does not say where`]),
        ...strange.map((label) => `${alert} names the label ${label}, which it does not have`),
      ];
    });
}

function withAnnotation(groups: readonly RuleGroup[], name: string) {
  return {
    groups: ruleFile(groups, url).groups.map((group) => ({
      ...group,
      rules: group.rules.map(({ annotations, ...rule }) => ({
        ...rule,
        ...(name === "summary" && annotations ? { annotations: { summary: annotations.summary } } : {}),
      })),
    })),
  };
}

function testFile({ series, step = 60, evaluation = 15, alert, at = {}, answers = [] }: RuleCase) {
  const texts = Object.values(at)
    .flat()
    .map((one) => one.summary !== undefined);
  assert.ok(new Set(texts).size < 2, `${alert}: a case states the summary of all that fire or of none`);
  return {
    rule_files: [`rules-${texts[0] ? "summary" : "none"}.yaml`],
    evaluation_interval: `${evaluation}s`,
    tests: [
      {
        interval: `${step}s`,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: Object.entries(at).map(([time, fires]) => ({
          eval_time: time,
          alertname: alert,
          exp_alerts: fires.map(({ labels, summary }) => ({
            exp_labels: { ...labels },
            ...(summary === undefined ? {} : { exp_annotations: { summary } }),
          })),
        })),
        promql_expr_test: answers.map(({ query, at: time, samples }) => ({
          expr: query,
          eval_time: time,
          exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
        })),
      },
    ],
  };
}

/** What promtool says of one file: from its line `Unit Testing:  FILE` to that of the next. */
function resultOf(file: string, output: string): string {
  const [, rest] = output.split(`Unit Testing:  ${file}\n`);
  if (rest === undefined) return `promtool never came to it:\n${output}`;
  return (rest.split("Unit Testing:  ")[0] ?? "").trim();
}
