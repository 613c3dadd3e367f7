/**
 * Schedules of CronJobs as Kubernetes reads them: five fields, or `@daily` and the like (robfig/cron v3, ParseStandard).
 */

interface Unit {
  name: string;
  from: number;
  to: number;
  names: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const units: readonly Unit[] = [
  { name: "minute", from: 0, to: 59, names: [] },
  { name: "hour", from: 0, to: 23, names: [] },
  { name: "day of the month", from: 1, to: 31, names: [] },
  { name: "month", from: 1, to: 12, names: months },
  // Unlike in other crons, 7 is no Sunday.
  { name: "day of the week", from: 0, to: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const shortcuts = new Set(["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]);
const every = /^@every (?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h))+$/;

/** Longest schedule that is read. */
const longest = 500;

// Longest length of each month: 29 February comes, 30 February does not.
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function numberOf(text: string, unit: Unit): number | undefined {
  const named = unit.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + unit.from;
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/** The values that one part of a list stands for; undefined for what cannot be read. */
function valuesOf(part: string, unit: Unit): number[] | undefined {
  const [range = "", step, ...rest] = part.split("/");
  if (rest.length > 0) return undefined;
  const each = step === undefined ? 1 : /^\d{1,4}$/.test(step) ? Number(step) : 0;
  if (each === 0) return undefined;
  const [low = "", high, ...more] = range.split("-");
  if (more.length > 0) return undefined;
  const open = low === "*" || low === "?";
  if (open && high !== undefined) return undefined;
  const from = open ? unit.from : numberOf(low, unit);
  const single = step === undefined ? from : unit.to;
  const to = open ? unit.to : high === undefined ? single : numberOf(high, unit);
  if (from === undefined || to === undefined || from < unit.from || to > unit.to || from > to) return undefined;
  return Array.from({ length: Math.floor((to - from) / each) + 1 }, (_, index) => from + index * each);
}

function isOpen(field: string): boolean {
  return field.split(",").some((part) => /^[*?](?:\/1)?$/.test(part));
}

/** What is wrong with a schedule that can be read and yet never runs anything. */
export const neverComes = "names a day that never comes";

/** What is wrong with a schedule; undefined when it can be read and some day comes. */
export function scheduleMistake(schedule: string): string | undefined {
  if (schedule.length > longest) return "is too long to be a schedule";
  if (schedule.includes("TZ=")) return "the API server refuses a time zone in the schedule; use timeZone";
  const text = schedule.trim();
  if (text.startsWith("@"))
    return shortcuts.has(text) || every.test(text) ? undefined : "is no shortcut that Kubernetes knows";
  const fields = text.split(/\s+/);
  if (fields.length !== units.length) return `has ${text === "" ? 0 : fields.length} fields, not five`;
  const read = units.map((unit, index) => (fields[index] ?? "").split(",").map((part) => valuesOf(part, unit)));
  const broken = units.find((_, index) => read[index]?.includes(undefined));
  if (broken !== undefined) return `cannot be read: ${broken.name}`;
  const [days = [], chosenMonths = []] = [read[2], read[3]].map((parts) =>
    (parts ?? []).flatMap((values) => values ?? []),
  );
  // With a day of the week beside it, either of the two is enough.
  if (!isOpen(fields[4] ?? "")) return undefined;
  const comes = chosenMonths.some((month) => days.some((day) => day <= (longestMonths[month - 1] ?? 0)));
  return comes ? undefined : neverComes;
}
