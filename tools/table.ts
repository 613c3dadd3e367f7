/** Plain text tables and figures for people. */
import { styleText } from "node:util";

/** Text styles; colour only where standard output is a terminal and NO_COLOR is not set. */
export function paint(style: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** A table with a header line; columns of figures (short cells that begin with a digit) are aligned to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], indent = "  "): string {
  const numeric = header.map((_, column) => rows.every((row) => /^(\d[\w./ %]{0,14}|-|)$/.test(row[column] ?? "")));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    indent +
    header
      .map((_, column) => {
        const cell = cells[column] ?? "";
        return numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return [paint("dim", line(header)), ...rows.map(line)].join("\n");
}

/** Seconds as people say them: 95 -> "95 s", 600 -> "10 min", 5100 -> "1 h 25 min". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** "1 region", "3 regions". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
