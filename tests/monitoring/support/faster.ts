/**
 * Time for tests: every interval and every `for` is divided by one number, so that their order and proportions stay.
 * Ranges inside of PromQL, such as `[5m]`, stay as they are.
 */

/** A minute of production is a second of a test. */
export const speed = 60;

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration such as `2m`, as many milliseconds as the factor leaves of it. */
export function faster(duration: string, factor: number = speed): string {
  const parts = [...duration.matchAll(/(\d+)(ms|s|m|h|d)/g)];
  const sum = parts.reduce((all, [, count, unit]) => all + Number(count) * milliseconds[unit as "ms"], 0);
  return `${Math.ceil(sum / factor)}ms`;
}

/** Fields of configurations that hold a duration. */
const durations = new Set([
  ...["group_wait", "group_interval", "repeat_interval", "for", "keep_firing_for", "interval"],
  ...["scrape_interval", "evaluation_interval"],
]);

/** A configuration with every duration divided. */
export function fasterAll<T>(value: T, factor: number = speed): T {
  return JSON.parse(JSON.stringify(value), (key, one) =>
    durations.has(key) && typeof one === "string" ? faster(one, factor) : one,
  );
}
