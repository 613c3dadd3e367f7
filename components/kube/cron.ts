/** Cron schedules as a CronJob takes them. */

/** Smallest and largest number of each field, and the names that stand for numbers. */
const fields = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { from: 0, to: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

function isPart(part: string, { from, to, names }: (typeof fields)[number]): boolean {
  const [range = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false;
  if (range === "*") return true;
  const number = (text: string) => {
    const name = (names as readonly string[]).indexOf(text.toLowerCase());
    if (name >= 0) return name + from;
    return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  const [first, last = first, ...rest] = range.split("-").map(number);
  return rest.length === 0 && first !== undefined && last !== undefined && from <= first && first <= last && last <= to;
}

/**
 * Whether a text is a schedule of five fields: minute, hour, day, month, day of the week; each `*`, numbers, ranges, steps
 * and lists of them. The API server refuses every other (kubernetes.io, "Schedule syntax"); its macros such as `@daily`
 * are not taken, one way to write it is enough.
 */
export function isCron(schedule: string): boolean {
  const parts = schedule.split(" ");
  return (
    parts.length === fields.length &&
    fields.every((field, index) => (parts[index] ?? "").split(",").every((part) => isPart(part, field)))
  );
}
