/** A preview as the comment of a pull request: what is dangerous first, never a value, never longer than a comment. */
import { quotaFigure } from "../../components/capacity/checks.ts";
import type { QuotaLine } from "../../components/capacity/quota.ts";
import { plannedTotal } from "../../components/data/mysql-connections.ts";
import { type SharedFinding, sharedFindings } from "../policies/formats.ts";
import type { Changes } from "./change.ts";
import { changeHeader, detailsOf, fateCounts, figureRows, type SharedChange, sharedChanges } from "./change-rows.ts";
import { engineComment } from "./engine-comment.ts";
import { code, counted, details, type Limits, list, plain, table } from "./markdown.ts";
import { mergedRows, type NamespacePlace, placesOf } from "./merged-rows.ts";
import { calm, type Danger, dangersOf, type Preview, totals } from "./preview.ts";
import {
  byHandNotes,
  connectionRows,
  lossRows,
  percent,
  postgresRows,
  promiseRows,
  quotaRows,
  type Rows,
  recoveryRows,
  rolloutRows,
} from "./tables.ts";

/** Bytes that a comment may have: GitHub refuses more than 65,536 characters, and bots add lines of their own. */
export const maximumBytes = 60_000;

/** Rows of each list, tried from the first; the last is short enough whatever a stack holds. */
const rowLimits = [200, 100, 50, 25, 12, 6, 3, 1];

function section(title: string, ...parts: readonly string[]): string {
  const body = parts.filter((part) => part !== "").join("\n\n");
  return body === "" ? "" : `### ${title}\n\n${body}`;
}

/** A table of a plan: names in the first columns as code, the rest as text. */
function tableOf({ header, rows }: Rows, limits: Limits, names = 1): string {
  const cells = (row: readonly string[]) =>
    row.map((cell, column) => (column < names ? code : plain)(cell, limits.cell));
  return table(header, rows, limits, cells);
}

/** What the same preview says in any number of rows. */
interface Prepared {
  dangers: Danger[];
  changes: SharedChange[];
  findings: SharedFinding[];
}

function dangerSection(preview: Preview, { dangers }: Prepared, limits: Limits): string {
  const text = ({ what, subject, why }: Danger) =>
    `**${what}** ${code(subject, limits.cell)}: ${plain(why, limits.cell * 2)}`;
  return section("Look here first", dangers.length === 0 ? calm(preview) : list(dangers, limits, text));
}

function changesSection(changes: Changes, { changes: shared }: Prepared, limits: Limits): string {
  const row = (change: SharedChange) => [
    change.fate === "replaced" || change.fate === "removed" ? `**${change.fate}**` : change.fate,
    code(`${change.kind} ${change.name}`, limits.cell),
    plain(change.regions.join(", "), limits.cell),
    detailsOf(change)
      .map(({ path, text }) => [code(path, limits.cell), plain(text, limits.cell)].filter(Boolean).join(" "))
      .join("<br>"),
  ];
  const objects = table(changeHeader, shared, limits, row);
  const figures = tableOf(figureRows(changes), limits, 2);
  return section(
    `What changes against ${code(changes.revision)}`,
    `${fateCounts(changes.objects)} (commit ${code(changes.commit.slice(0, 9))}). Values of secrets are not compared.`,
    ...changes.limits.map((one) => `_${plain(one)}_`),
    shared.length > 15 ? details(counted(shared, "change"), objects) : objects,
    changes.figures.length > 15 ? details(counted(changes.figures, "number"), figures) : figures,
  );
}

function quotaCell(lines: readonly QuotaLine[], resource: QuotaLine["resource"]): string {
  const line = lines.find((one) => one.resource === resource);
  if (line === undefined) return "";
  const { need, granted } = line;
  return `${quotaFigure(resource, need)} / ${quotaFigure(resource, granted)} (${percent(need, granted)})`;
}

function capacity({ plan }: Preview, limits: Limits): string {
  const shown = ["requests.cpu", "requests.memory", "pods"] as const;
  const places = placesOf(plan);
  const quotaOf = ({ region, namespace: { namespace, quota } }: NamespacePlace) => {
    const used = quota.filter(({ granted }) => granted > 0);
    const [fullest] = used.sort((one, other) => other.need / other.granted - one.need / one.granted);
    return [
      code(region.name),
      code(namespace),
      ...shown.map((resource) => quotaCell(quota, resource)),
      fullest === undefined ? "" : `${code(fullest.resource)} ${percent(fullest.need, fullest.granted)}`,
    ];
  };
  const pools = plan.regions.flatMap((region) =>
    region.pools.map((line) => [
      code(region.name),
      code(line.pool),
      String(line.pods),
      `${line.nodesNeeded} / ${line.maxNodes}`,
      percent(line.nodesNeeded, line.maxNodes),
    ]),
  );
  const servers = plan.config.data.mysql.maxConnections;
  const connections = plan.regions.map(({ name, data }) => {
    const planned = plannedTotal(data.connections);
    return `${code(name)} ${planned} / ${servers} (${percent(planned, servers)})`;
  });
  const logins = plan.regions.flatMap((region) => [
    `${code(region.name)}\n\n${tableOf(connectionRows(plan, region), limits)}`,
    ...region.ads.map((ads) => `${code(`${region.name}, ${ads.namespace}`)}\n\n${tableOf(postgresRows(ads), limits)}`),
  ]);
  const quota = tableOf(mergedRows(plan, quotaRows), limits, 3);
  return section(
    "Capacity",
    "Needed at the peak / granted:",
    table(["region", "namespace", ...shown, "fullest"], places, limits, quotaOf),
    table(["region", "pool", "pods at peak", "nodes needed / maximum", "used"], pools, limits, (row) => row),
    `MySQL connections planned / accepted: ${connections.slice(0, limits.rows).join(", ")}${connections.length > limits.rows ? `, and ${connections.length - limits.rows} more` : ""}`,
    details("Every quota", quota),
    details("Connections by user", logins.slice(0, limits.rows).join("\n\n")),
  );
}

function recovery({ plan }: Preview, limits: Limits): string {
  const losses = lossRows(plan);
  const notes = byHandNotes(plan);
  return section(
    "Recovery and rollouts",
    details("Back after each kind of failure", tableOf(mergedRows(plan, recoveryRows), limits, 3)),
    details("Rollouts at the maximum", tableOf(mergedRows(plan, rolloutRows), limits, 3)),
    details(
      "By hand",
      list(notes, limits, (note) => plain(note, limits.cell * 2)),
    ),
    details("One region lost", tableOf(losses, limits)),
    details("Promises of the stores", tableOf(promiseRows(plan), limits)),
  );
}

function policies({ judgement }: Preview, { findings }: Prepared, limits: Limits): string {
  const { rules, objects, violated, undecidable } = judgement;
  const row = ({ label, rule, place, clusters, message, fix }: SharedFinding) => [
    label === "mandatory" ? `**${label}**` : label,
    code(rule, limits.cell),
    code(place, limits.cell),
    plain(clusters.join(", "), limits.cell),
    plain(`${message}. Fix: ${fix}`, limits.cell * 2),
  ];
  const found = table(["level", "rule", "object", "regions", "what"], findings, limits, row);
  return section(
    "Policies",
    `${rules} rules over ${objects} objects: ${violated} violated, ${undecidable} undecidable.`,
    findings.length > 15 ? details(counted(findings, "finding"), found) : found,
  );
}

function comment(preview: Preview, prepared: Prepared, limits: Limits): string {
  const { run, plan, changes, engine } = preview;
  const parts = [
    // Bots find the comment that they are to replace by its first line.
    `<!-- realmgrid preview ${run.stack} -->`,
    `## Preview of ${code(run.stack)}`,
    `${totals(preview).join(", ")}; ${counted(plan.warnings, "warning")}`,
    ...(engine === undefined ? [] : [section("What the engine would do", ...engineComment(engine, limits))]),
    dangerSection(preview, prepared, limits),
    ...(changes === undefined ? [] : [changesSection(changes, prepared, limits)]),
    capacity(preview, limits),
    recovery(preview, limits),
    policies(preview, prepared, limits),
    section(
      "Warnings",
      list(plan.warnings, limits, (text) => plain(text)),
    ),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** The comment, in as many rows as fit. */
export function previewComment(preview: Preview): string {
  const prepared: Prepared = {
    dangers: dangersOf(preview),
    changes: sharedChanges(preview.changes?.objects ?? []),
    findings: sharedFindings(preview.judgement.findings),
  };
  let text = "";
  for (const rows of rowLimits) {
    text = comment(preview, prepared, { rows, cell: rows > 12 ? 200 : 100 });
    if (Buffer.byteLength(text) < maximumBytes) break;
  }
  return text;
}
