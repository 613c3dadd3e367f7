/** Cron schedules as a CronJob takes them: five fields, UTC. */

/** Smallest and largest number of each field, and the names that stand for numbers. */
const fields = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { from: 0, to: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

/** Numbers that one part of a field names; undefined when it cannot be read. */
function numbersOf(part: string, { from, to, names }: (typeof fields)[number]): number[] | undefined {
  const [range = "", step = "1", ...more] = part.split("/");
  if (more.length > 0 || !/^[1-9]\d{0,2}$/.test(step)) return undefined;
  const number = (text: string) => {
    const name = (names as readonly string[]).indexOf(text.toLowerCase());
    if (name >= 0) return name + from;
    return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  const bounds = range === "*" ? [from, to] : range.split("-").map(number);
  const [first = Number.NaN] = bounds;
  // A single number with a step goes on to the end, as in 5/10.
  const last = bounds[1] ?? (part.includes("/") ? to : first);
  if (bounds.length > 2 || !(from <= first && first <= last && last <= to)) return undefined;
  return Array.from(
    { length: Math.floor((last - first) / Number(step)) + 1 },
    (_, index) => first + index * Number(step),
  );
}

/** The five sets of numbers of a schedule; undefined when it cannot be read. */
function setsOf(schedule: string): Set<number>[] | undefined {
  const parts = schedule.split(" ");
  if (parts.length !== fields.length) return undefined;
  const sets = fields.map((field, index) => (parts[index] ?? "").split(",").map((part) => numbersOf(part, field)));
  if (sets.some((numbers) => numbers.includes(undefined))) return undefined;
  return sets.map((numbers) => new Set(numbers.flatMap((one) => one ?? [])));
}

/**
 * Whether a text is a schedule of five fields: minute, hour, day, month, day of the week; each `*`, numbers, ranges, steps
 * and lists of them. The API server refuses every other (kubernetes.io, "Schedule syntax"); its macros such as `@daily`
 * are not taken, one way to write it is enough.
 */
export function isCron(schedule: string): boolean {
  return setsOf(schedule) !== undefined;
}

/**
 * The longest time in seconds between two runs of a schedule: what is lost at most when the state of the run before is all
 * that is left. Infinity when a year has fewer than two runs; throws a RangeError for what is no schedule.
 */
export function longestGapSeconds(schedule: string): number {
  const sets = setsOf(schedule);
  if (sets === undefined) throw new RangeError(`${schedule} is no schedule`);
  const [minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const [, , day = "", , weekday = ""] = schedule.split(" ");
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
  let [last, longest, runs] = [Number.NaN, 0, 0];
  // A leap year and the one after it, so that the gap over the end of a year and the 29th of February are seen.
  for (let today = Date.UTC(2028, 0, 1); today < Date.UTC(2030, 0, 1); today += 86_400_000) {
    const date = new Date(today);
    const [inDays, inWeek] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    // With both given, either is enough (crontab(5)).
    const comes = day.startsWith("*") || weekday.startsWith("*") ? inDays && inWeek : inDays || inWeek;
    if (!comes || !months.has(date.getUTCMonth() + 1)) continue;
    for (const time of times) {
      const now = today / 1000 + time * 60;
      if (now - last > longest) longest = now - last;
      last = now;
      runs += 1;
    }
  }
  return runs < 2 ? Number.POSITIVE_INFINITY : longest;
}
