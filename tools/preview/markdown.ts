/** GitHub and GitLab flavoured Markdown: text that stays text, tables and lists that end. */
import { count } from "../table.ts";

/** How much of each list and cell is shown. */
export interface Limits {
  rows: number;
  /** Characters of one cell. */
  cell: number;
}

function cut(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Text in which nothing is markup, and which calls nobody: a name after an "@" would be told of it. */
export function plain(text: string, most = 300): string {
  return cut(text, most)
    .replace(/[\\`*_{}[\]<|~$&]|^[>#+-]/g, "\\$&")
    .replaceAll("@", "@\u200b");
}

/** A name as code. Nothing ends it early, not even a "|" in a table. */
export function code(text: string, most = 160): string {
  return text === "" ? "" : `\`${cut(text, most).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** What a cut list leaves out; empty for a list that was not cut. */
function more(all: number, shown: number): string {
  return all > shown ? `\n\nand ${all - shown} more` : "";
}

/** A table with one row for each item; its cells are Markdown already. Columns of figures are aligned to the right. */
export function table<T>(
  header: readonly string[],
  items: readonly T[],
  { rows: most }: Pick<Limits, "rows">,
  rowOf: (item: T) => readonly string[],
): string {
  if (items.length === 0) return "";
  const rows = items.slice(0, most).map(rowOf);
  const isFigure = (cell = "") => /^\d[\w./ ()%-]{0,30}$|^-?$/.test(cell);
  const rule = header.map((_, column) =>
    rows.some((row) => row[column] !== "") && rows.every((row) => isFigure(row[column])) ? "---:" : "---",
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `${[line(header), line(rule), ...rows.map(line)].join("\n")}${more(items.length, rows.length)}`;
}

/** A list; what `textOf` answers is Markdown already. */
export function list<T>(
  items: readonly T[],
  { rows: most }: Pick<Limits, "rows">,
  textOf: (item: T) => string,
): string {
  if (items.length === 0) return "";
  const shown = items.slice(0, most).map(textOf);
  return `${shown.map((item) => `- ${item}`).join("\n")}${more(items.length, shown.length)}`;
}

/** A part that is folded until somebody opens it; empty for an empty part. */
export function details(summary: string, body: string): string {
  return body === "" ? "" : `<details><summary>${summary.replace(/[&<>]/g, "")}</summary>\n\n${body}\n\n</details>`;
}

/** "3 objects" for a summary line. */
export function counted(items: readonly unknown[], one: string): string {
  return count(items.length, one);
}
