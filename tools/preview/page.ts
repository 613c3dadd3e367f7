/** A preview as one page that needs nothing else: no script, no font, no picture from elsewhere. */
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { sharedFindings } from "../policies/formats.ts";
import { count } from "../table.ts";
import { capacitySection } from "./capacity-page.ts";
import type { Changes } from "./change.ts";
import { changeHeader, detailsOf, fateCounts, figureRows, sharedChanges } from "./change-rows.ts";
import { escaped, folded, htmlSection, htmlTable } from "./html.ts";
import { mergedRows, placesOf } from "./merged-rows.ts";
import { pictureRows, pictureSvg } from "./picture.ts";
import { calm, dangersOf, type Preview, totals } from "./preview.ts";
import { style } from "./style.ts";
import {
  byHandNotes,
  byHandText,
  lossRows,
  promiseRows,
  recoveryRows,
  rolloutRows,
  scalingRows,
  workloadRows,
} from "./tables.ts";

const colours: Readonly<Record<string, string>> = {
  replaced: "bad",
  removed: "bad",
  refused: "bad",
  unprotected: "bad",
  mandatory: "bad",
  "too small": "warn",
  advisory: "warn",
  added: "good",
};

function tag(text: string): string {
  return `<span class="tag ${colours[text] ?? "same"}">${escaped(text)}</span>`;
}

function code(text: string): string {
  return text === "" ? "" : `<code>${escaped(text)}</code>`;
}

function tiles({ plan, run, judgement }: Preview): string {
  const pods = placesOf(plan)
    .flatMap(({ namespace }) => namespace.workloads)
    .reduce((whole, workload) => whole + podsAtPeak(workload).total, 0);
  const nodes = plan.regions.flatMap(({ pools }) => pools).reduce((whole, { nodesNeeded }) => whole + nodesNeeded, 0);
  const { violated, undecidable, rules } = judgement;
  const shown: [number, string][] = [
    [plan.regions.length, "regions"],
    [run.resources.length, "resources"],
    [pods, "pods at peak"],
    [nodes, "nodes needed at peak"],
    [violated, `violations of ${rules} policy rules${undecidable > 0 ? `, ${undecidable} undecidable` : ""}`],
    [plan.warnings.length, plan.warnings.length === 1 ? "warning" : "warnings"],
  ];
  return `<ul class="tiles">${shown.map(([number, what]) => `<li><b>${number}</b><span>${escaped(what)}</span></li>`).join("")}</ul>`;
}

function plainList(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul class="plain">${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

function dangerSection(preview: Preview): string {
  const dangers = dangersOf(preview);
  const most = 200;
  const items = dangers.slice(0, most).map(({ what, subject, why }) => `${tag(what)} ${code(subject)} ${escaped(why)}`);
  const more = dangers.length > most ? `<p class="more">and ${dangers.length - most} more</p>` : "";
  const body = dangers.length === 0 ? `<p>${escaped(calm(preview))}</p>` : plainList(items) + more;
  return htmlSection("first", "Look here first", body);
}

function changeSection(changes: Changes | undefined): string {
  if (changes === undefined) return "";
  const { objects, revision, commit, limits } = changes;
  const most = 500;
  const shared = sharedChanges(objects);
  const rows = shared.slice(0, most).map((change) => {
    const what = detailsOf(change).map(({ path, text }) => [code(path), escaped(text)].filter(Boolean).join(" "));
    const cells = [tag(change.fate), code(`${change.kind} ${change.name}`), escaped(change.regions.join(", "))];
    return [...cells, what.join("<br>")];
  });
  const caption = `${fateCounts(objects)}. Values of secrets are not compared.`;
  const table = htmlTable({ header: changeHeader, rows }, { caption, cell: (html) => html, names: 0 });
  const figures = figureRows(changes);
  return htmlSection(
    "changes",
    `What changes against ${revision} (${commit.slice(0, 9)})`,
    ...limits.map((one) => `<p class="warn">${escaped(one)}</p>`),
    rows.length === 0 ? `<p>${escaped(caption)}</p>` : table,
    shared.length > most ? `<p class="more">and ${shared.length - most} more</p>` : "",
    figures.rows.length === 0 ? "" : htmlTable(figures, { caption: "Numbers of the plan that change", names: 2 }),
  );
}

function pictureSection({ run, plan }: Preview): string {
  return htmlSection(
    "picture",
    "Regions and components",
    `<div class="scroll">${pictureSvg(run, plan)}</div>`,
    folded(
      "The picture as a table",
      htmlTable(pictureRows(run, plan), { caption: "Objects by component", names: 3, most: 1000 }),
    ),
  );
}

function recoverySection({ plan }: Preview): string {
  const cell = (text: string) => (text === byHandText ? `<span class="tag warn">${byHandText}</span>` : escaped(text));
  const { warnings } = plan;
  const losses = lossRows(plan);
  return [
    htmlSection(
      "recovery",
      "Recovery",
      htmlTable(mergedRows(plan, recoveryRows), { caption: "Time until the last pod is back", cell, names: 3 }),
      folded("What a person does by hand", plainList(byHandNotes(plan).slice(0, 200).map(escaped))),
    ),
    htmlSection(
      "rollouts",
      "Rollouts and scaling",
      htmlTable(mergedRows(plan, rolloutRows), { caption: "An update of every pod, at the maximum", names: 3 }),
      folded(
        "How autoscalers follow the load",
        htmlTable(mergedRows(plan, scalingRows), { caption: "Replicas, step by step", names: 3 }),
      ),
      folded(
        "Every workload",
        htmlTable(mergedRows(plan, workloadRows), { caption: "Pods at the peak, as a sum", names: 3 }),
      ),
    ),
    htmlSection(
      "promises",
      "Promises of the stores",
      htmlTable(promiseRows(plan), { caption: "What is lost at most, and when it is back", cell, names: 3 }),
      losses.rows.length === 0
        ? ""
        : `<h3>One region lost</h3>${htmlTable(losses, { caption: "Players of all regions, and room in the others" })}`,
    ),
    htmlSection("warnings", "Warnings", plainList(warnings.map(escaped))),
  ].join("\n");
}

function policySection({ judgement }: Preview): string {
  const { rules, objects, violated, undecidable } = judgement;
  const findings = sharedFindings(judgement.findings);
  const rows = findings
    .slice(0, 500)
    .map(({ label, rule, place, clusters, message, fix }) => [
      tag(label),
      code(rule),
      code(place),
      escaped(clusters.join(", ")),
      escaped(`${message}. Fix: ${fix}.`),
    ]);
  const header = ["level", "rule", "object", "regions", "what"];
  return htmlSection(
    "policies",
    "Policies",
    `<p>${count(rules, "rule")} over ${count(objects, "object")}: ${violated} violated, ${undecidable} undecidable.</p>`,
    rows.length === 0
      ? ""
      : htmlTable({ header, rows }, { caption: "The gravest first", cell: (html) => html, names: 0 }),
    findings.length > rows.length ? `<p class="more">and ${findings.length - rows.length} more</p>` : "",
  );
}

/** The page. The same program always makes the same bytes. */
export function previewPage(preview: Preview): string {
  const { run, plan, changes } = preview;
  const sections = [
    dangerSection(preview),
    changeSection(changes),
    pictureSection(preview),
    capacitySection(plan),
    recoverySection(preview),
    policySection(preview),
  ].join("\n");
  const links = [...sections.matchAll(/<h2 id="([^"]+)">(.*?)<\/h2>/g)].map(
    ([, id, title]) => `<li><a href="#${id}">${title}</a></li>`,
  );
  const stack = escaped(run.stack);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Preview of ${stack}</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="over">Realmgrid preview</p>
<h1>${stack}</h1>
<p class="quiet">${escaped(totals(preview).join(", "))}. Computed from the program alone: no cluster was asked, and nothing was applied.</p>
${tiles(preview)}
<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>
</header>
<main>
${sections}
</main>
<footer><p>Written by npm run preview -- ${stack} --html. Values are shown only where they are numbers, switches, quantities or images.</p></footer>
</body>
</html>
`;
}
