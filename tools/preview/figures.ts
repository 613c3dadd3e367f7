/** The numbers of a plan by name, so that those of two revisions can be held against each other. */
import { quotaFigure } from "../../components/capacity/checks.ts";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { plannedTotal } from "../../components/data/mysql-connections.ts";
import type { NamespacePlan, PlatformPlan, RegionPlan } from "../../components/plan.ts";
import { duration } from "../table.ts";
import { replicaRange } from "./tables.ts";

/** One number of a plan. */
export interface Figure {
  region: string;
  /** What it is a number of, for example `mmorpg-game: requests.cpu` or `pool sessions`. */
  subject: string;
  /** Which one, for example `needed`. */
  name: string;
  text: string;
}

/** One thing of a region whose numbers differ. */
export interface FigureChange {
  region: string;
  subject: string;
  /** Empty text where one of both has no such number. */
  numbers: { name: string; before: string; after: string }[];
}

function namespaceFigures(region: string, { namespace, workloads, quota, rollouts }: NamespacePlan): Figure[] {
  const figure = (what: string, name: string, text: string) => ({
    region,
    subject: `${namespace}: ${what}`,
    name,
    text,
  });
  return [
    ...workloads.flatMap((plan) => [
      figure(plan.name, "pods", replicaRange(plan)),
      figure(plan.name, "pods at peak", String(podsAtPeak(plan).total)),
    ]),
    ...rollouts.map(({ plan, rollout }) => figure(plan.name, "rollout", duration(rollout.seconds))),
    // What nothing needs is granted for nothing: a new namespace would bring a line of zeros for each.
    ...quota
      .filter(({ need }) => need > 0)
      .flatMap(({ resource, need, granted }) => [
        figure(resource, "needed", quotaFigure(resource, need)),
        figure(resource, "granted", quotaFigure(resource, granted)),
      ]),
  ];
}

function regionFigures({ name: region, region: config, pools, namespaces, data }: RegionPlan): Figure[] {
  return [
    ...pools.flatMap(({ pool, pods, nodesNeeded, maxNodes }) => {
      const numbers = {
        "pods at peak": pods,
        "nodes needed": nodesNeeded,
        minimum: config.pools[pool].minNodes,
        maximum: maxNodes,
      };
      return Object.entries(numbers).map(([name, number]) => ({
        region,
        subject: `pool ${pool}`,
        name,
        text: String(number),
      }));
    }),
    { region, subject: "MySQL", name: "connections", text: String(plannedTotal(data.connections)) },
    ...namespaces.flatMap((one) => namespaceFigures(region, one)),
  ];
}

/** Every number of a plan that a change of it should show. */
export function planFigures({ regions }: PlatformPlan): Figure[] {
  return regions.flatMap(regionFigures);
}

/** The numbers that differ, by region and subject, in the order of the newer plan. */
export function figureChanges(before: readonly Figure[], after: readonly Figure[]): FigureChange[] {
  const keyOf = ({ region, subject, name }: Figure) => [region, subject, name].join("\u0000");
  const [old, fresh] = [before, after].map((list) => new Map(list.map((one) => [keyOf(one), one.text])));
  const changes = new Map<string, FigureChange>();
  for (const figure of new Map([...after, ...before].map((one) => [keyOf(one), one])).values()) {
    const [was = "", is = ""] = [old?.get(keyOf(figure)), fresh?.get(keyOf(figure))];
    if (was === is) continue;
    const { region, subject, name } = figure;
    const change = changes.get(`${region}\u0000${subject}`) ?? { region, subject, numbers: [] };
    change.numbers.push({ name, before: was, after: is });
    changes.set(`${region}\u0000${subject}`, change);
  }
  return [...changes.values()];
}
