/** How often a cron schedule can come round, at most. */

const macros: Readonly<Record<string, number>> = {
  "@hourly": 3600,
  "@daily": 86_400,
  "@midnight": 86_400,
  "@weekly": 604_800,
  // The shortest February, and a year without a leap day.
  "@monthly": 28 * 86_400,
  "@yearly": 365 * 86_400,
  "@annually": 365 * 86_400,
};

const hour = 60;
// Far more than any schedule needs; each part is read once.
const maximumLength = 200;

/** Minutes of a schedule's first field; undefined for what it does not read. */
function minutesOf(field: string): Set<number> | undefined {
  const minutes = new Set<number>();
  for (const part of field.split(",")) {
    const match = /^(?:(\*|\?)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return undefined;
    const [, every, from, to, stepText] = match;
    const step = Number(stepText ?? 1);
    const first = every === undefined ? Number(from) : 0;
    const last = every !== undefined || (to === undefined && stepText !== undefined) ? hour - 1 : Number(to ?? from);
    if (step === 0 || first > last || last >= hour) return undefined;
    for (let minute = first; minute <= last; minute += step) minutes.add(minute);
  }
  return minutes;
}

/**
 * Shortest time in seconds between two runs of a schedule, by its minutes alone: hours and days can only make it longer.
 * Undefined for what is no schedule.
 */
export function shortestInterval(schedule: string): number | undefined {
  if (schedule.length > maximumLength) return undefined;
  const text = schedule.replace(/^(CRON_)?TZ=\S+ +/, "").trim();
  const macro = macros[text];
  if (macro !== undefined) return macro;
  const fields = text.split(/\s+/);
  const minutes = fields.length === 5 ? minutesOf(fields[0] ?? "") : undefined;
  if (minutes === undefined) return undefined;
  const sorted = [...minutes].sort((one, other) => one - other);
  const [first = 0] = sorted;
  const gaps = sorted.map((minute, index) => (sorted[index + 1] ?? first + hour) - minute);
  return Math.min(...gaps) * 60;
}
