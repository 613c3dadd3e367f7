/** Parts of a page: escaped text, tables, folded parts, bars. */
import { byHandText, type Rows } from "./tables.ts";

/** Text that is only text, also within an attribute. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** How a table is shown. */
export interface TableOptions {
  caption: string;
  /** HTML of a cell; text alone by default. */
  cell?: (text: string, column: number) => string;
  /** Columns that name a row, counted from the left. @default 1 */
  names?: number;
  /** Rows at most. @default 500 */
  most?: number;
}

const isFigure = (text = "") => text === byHandText || /^(\d[\w./ %-]{0,14}|-|)$/.test(text);

/** A table that says what its headers are of. A long one is cut, and says how many rows are left out. */
export function htmlTable({ header, rows }: Rows, options: TableOptions): string {
  const { caption, cell = escaped, names = 1, most = 500 } = options;
  const numeric = header.map(
    (_, column) => column >= names && rows.length > 0 && rows.every((row) => isFigure(row[column])),
  );
  const kind = (column: number) => (numeric[column] ? ' class="number"' : "");
  const head = header.map((title, column) => `<th scope="col"${kind(column)}>${escaped(title)}</th>`).join("");
  const body = rows.slice(0, most).map((row) => {
    const cells = header.map((_, column) => {
      const content = cell(row[column] ?? "", column);
      return column < names ? `<th scope="row">${content}</th>` : `<td${kind(column)}>${content}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const more = rows.length > most ? `<p class="more">and ${rows.length - most} more</p>` : "";
  return `<div class="scroll"><table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>${more}`;
}

/** A part that is folded until somebody opens it. */
export function folded(summary: string, body: string): string {
  return body === "" ? "" : `<details><summary>${escaped(summary)}</summary>${body}</details>`;
}

/** A section of the page with a heading that can be linked to; empty for an empty body. */
export function htmlSection(id: string, title: string, ...body: readonly string[]): string {
  const content = body.filter(Boolean).join("\n");
  if (content === "") return "";
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(title)}</h2>\n${content}</section>`;
}

/** A bar: what is needed of what there is, with a mark at a third number. */
export interface Bar {
  needed: number;
  whole: number;
  /** Where the mark stands; none where it is not below the whole. */
  mark?: number;
  /** What the bar says, for those who do not see it. */
  label: string;
}

/** A bar as a picture of its own. */
export function barSvg({ needed, whole, mark, label }: Bar): string {
  const width = 200;
  const at = (number: number) => (whole === 0 ? 0 : Math.round(Math.min(1, number / whole) * width * 10) / 10);
  const isOver = needed > whole;
  const line =
    mark === undefined || mark >= whole ? "" : `<rect class="mark" x="${at(mark) - 1}" y="0" width="2" height="12"/>`;
  return `<svg class="bar" viewBox="0 0 ${width} 12" preserveAspectRatio="none" role="img" aria-label="${escaped(label)}"><rect class="track" y="2" width="${width}" height="8" rx="4"/><rect class="${isOver ? "over" : "fill"}" y="2" width="${at(needed)}" height="8" rx="4"/>${line}</svg>`;
}
