/** Objectives: what is left of each error budget, and how fast it is used up. */
import {
  burns,
  errorRatio,
  type ObjectiveWindow,
  objectiveDays,
  objectiveMetrics,
  objectives as objectivesOf,
} from "../alerts/objectives.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import type { PanelArgs } from "./panel.ts";
import { query, series } from "./queries.ts";

/** Where series of several regions come together, each has the budget of its own region. */
const perBudget = `/ on (region, objective) group_left () ${series(objectiveMetrics.budget)}`;

const legend = "{{namespace}} {{objective}}";

function burnRate(window: ObjectiveWindow) {
  return { expression: `${series(errorRatio(window))} ${perBudget}`, legend: `${legend} in ${window}` };
}

function burnPanel({ alert, factor, long, short, usedPercent }: (typeof burns)[number]): PanelArgs {
  return {
    title: `Burn rate in ${long}`,
    unit: "count",
    description: `At 1 the budget lasts ${objectiveDays} days. ${alert} fires when both windows are above ${factor}; ${usedPercent} % of the budget is gone by then.`,
    queries: [burnRate(long), burnRate(short)],
    lines: [{ value: factor, color: "red" }],
  };
}

/** The dashboard of objectives. */
export function objectives(watched: Watched): Dashboard {
  const { good, total } = objectiveMetrics;
  const over = (metric: string) => `sum_over_time(${series(metric)}[${objectiveDays}d])`;
  const promises = objectivesOf(watched).map((one) => `${one.name}: ${one.about}, ${one.target * 100} %`);
  return drawDashboard({
    key: "objectives",
    description: "For everybody: is what was promised kept, and may something risky be rolled out?",
    rows: [
      {
        title: "Budgets",
        panels: [
          {
            title: "Error budgets left",
            kind: "bars",
            unit: "ratio",
            description: `Of ${objectiveDays} days, or of as many as are kept. ${promises.join(". ")}.`,
            queries: query(`1 - (1 - ${over(good)} / ${over(total)}) ${perBudget}`, legend),
            base: "red",
            lines: [
              { value: 0, color: "orange" },
              { value: 0.25, color: "green" },
            ],
          },
          {
            title: "Share of bad events",
            unit: "ratio",
            description:
              "Bad events of all events over five minutes. Nothing is shown where there are too few to judge.",
            queries: query(series(errorRatio("5m")), legend),
          },
        ],
      },
      { title: "Burn rates", panels: burns.map(burnPanel) },
      {
        title: "Events",
        panels: [
          {
            title: "Events that are judged",
            unit: "count",
            description: "Good and all events: per second, or worlds at one time.",
            queries: [
              { expression: series(good), legend: `${legend} good` },
              { expression: series(total), legend: `${legend} all` },
            ],
          },
        ],
      },
    ],
  });
}
