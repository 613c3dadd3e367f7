/** Findings as text for people, as JSON, and as SARIF for code review tools. */

import type { Finding } from "../../policy-pack/core/finding.ts";
import { findingText } from "../../policy-pack/core/text.ts";
import { describe, nameOf, namespaceOf, origin } from "../../policy-pack/kube/objects.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { count, paint } from "../table.ts";
import type { Judgement } from "./judgement.ts";
import { type Place, standardInput } from "./manifests.ts";

/** Finds the line of a finding; undefined for what comes from no file. */
export type Locate = (finding: Finding) => Place | undefined;

const colours = { mandatory: "red", advisory: "yellow", undecidable: "cyan" } as const;

/** How a finding is told: undecidable, or by its level. */
function labelOf(finding: Finding): keyof typeof colours {
  if (finding.level === "mandatory") return "mandatory";
  return finding.verdict === "undecidable" ? "undecidable" : "advisory";
}

const order = ["mandatory", "advisory", "undecidable"];

/** A finding that is the same in each of the clusters. */
export interface SharedFinding extends Pick<Finding, "rule" | "message" | "fix"> {
  label: string;
  /** Object and path. */
  place: string;
  clusters: string[];
}

/** Findings with the word for each, the gravest first; the same object of several regions is said once. */
export function sharedFindings(findings: readonly Finding[]): SharedFinding[] {
  const shared = new Map<string, SharedFinding>();
  for (const finding of findings) {
    const { rule, message, fix, object, path } = finding;
    const place = [describe(object), path].filter(Boolean).join(" ");
    const key = [labelOf(finding), rule, place, message].join("\u0000");
    const one = shared.get(key) ?? { label: labelOf(finding), rule, message, fix, place, clusters: [] };
    if (object.cluster !== "") one.clusters.push(object.cluster);
    shared.set(key, one);
  }
  return [...shared.values()].sort((one, other) => order.indexOf(one.label) - order.indexOf(other.label));
}

/** The numbers in one line. */
export function judgementSummary(judgement: Judgement): string {
  const { objects, rules, mandatory, violated, undecidable } = judgement;
  const state = mandatory > 0 ? paint("red", "refused") : paint("green", "ok");
  const over = `${count(rules, "rule")} over ${count(objects, "object")}`;
  const stops = mandatory > 0 ? `; ${count(mandatory, "finding")} would stop an up` : "";
  return `${state}  policies: ${over}: ${violated} violated, ${undecidable} undecidable${stops}`;
}

/** Findings grouped by rule, the gravest first; each rule's reason and remedy are said once. */
export function findingsText(judgement: Judgement, locate: Locate = () => undefined): string {
  const groups = new Map<string, Finding[]>();
  for (const finding of judgement.findings) {
    const key = `${labelOf(finding)} ${finding.rule} ${finding.fix}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const sorted = [...groups.values()].sort((one, other) => rank(one) - rank(other));
  return sorted
    .map((group) => {
      const [first] = group;
      if (first === undefined) return "";
      const label = labelOf(first);
      // The same object of several regions is said once.
      const lines = new Map<string, Set<string>>();
      for (const finding of group) {
        const place = locate(finding);
        const where = place === undefined ? "" : `${paint("dim", `${place.file}:${place.line}`)}  `;
        const path = finding.path === "" ? "" : ` ${paint("dim", finding.path)}`;
        const line = `${where}${describe(finding.object)}${path}: ${finding.message}`;
        lines.set(line, (lines.get(line) ?? new Set<string>()).add(finding.object.cluster));
      }
      const said = [...lines].map(([line, clusters]) => {
        const names = [...clusters].filter((cluster) => cluster !== "").join(", ");
        return `    ${names === "" ? "" : `${paint("dim", names)}  `}${line}`;
      });
      return `  ${paint(colours[label], label)} ${paint("bold", first.rule)}  fix: ${first.fix}\n${said.join("\n")}`;
    })
    .join("\n");
}

function rank([first]: readonly Finding[]): number {
  return first === undefined ? 0 : order.indexOf(labelOf(first));
}

/** Findings as plain data. */
export function findingsJson({ findings, ...counts }: Judgement, locate: Locate = () => undefined): object {
  return {
    ...counts,
    findings: findings.map((finding) => ({
      rule: finding.rule,
      verdict: finding.verdict,
      level: finding.level,
      kind: finding.object.kind,
      namespace: namespaceOf(finding.object),
      name: nameOf(finding.object),
      source: origin(finding.object).source,
      path: finding.path,
      ...locate(finding),
      message: finding.message,
      fix: finding.fix,
    })),
  };
}

/** Findings as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), with every rule's documentation. */
export function findingsSarif({ findings }: Judgement, locate: Locate): object {
  const rules = families.flatMap((family) =>
    family.rules.map((rule) => ({
      id: `${family.name}/${rule.id}`,
      shortDescription: { text: rule.title },
      fullDescription: { text: rule.why },
      help: { text: `Fix: ${rule.fix}.` },
      defaultConfiguration: { level: rule.level === "mandatory" ? "error" : "warning" },
    })),
  );
  const levels = { mandatory: "error", advisory: "warning", undecidable: "note" } as const;
  const results = findings.map((finding) => {
    const place = locate(finding);
    // Standard input is no file that anybody could open.
    const uri = place === undefined ? "" : encodeURI(place.file.replaceAll("\\", "/"));
    const physical = place !== undefined &&
      place.file !== standardInput && {
        physicalLocation: { artifactLocation: { uri }, region: { startLine: place.line } },
      };
    const fullyQualifiedName = [describe(finding.object), finding.path].filter(Boolean).join(" ");
    return {
      ruleId: finding.rule,
      level: levels[labelOf(finding)],
      message: { text: findingText(finding) },
      locations: [{ ...physical, logicalLocations: [{ fullyQualifiedName, kind: "object" }] }],
    };
  });
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "realmgrid-policies", rules } }, results }],
  };
}
