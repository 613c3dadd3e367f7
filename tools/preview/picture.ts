/** The picture of a stack, drawn from what its program registers: regions, their namespaces, the components in them. */
import type { PlatformPlan, RegionPlan } from "../../components/plan.ts";
import type { OfflineResource, OfflineRun } from "../offline/host.ts";
import { shortName } from "../offline/inventory.ts";
import { count } from "../table.ts";
import { escaped } from "./html.ts";
import type { Rows } from "./tables.ts";

/** Objects of one component in one namespace. */
interface Part {
  /** Name below the group, for example `worlds`. */
  name: string;
  objects: number;
}

/** Parts that belong together, for example those of `game`. */
interface Group {
  name: string;
  parts: Part[];
}

/** A namespace, or what a cluster has outside of any. */
interface Box {
  name: string;
  objects: number;
  pods?: number;
  groups: Group[];
}

const outside = "cluster-wide";
const addOns = "add-ons";
/** Stands for what a component has beside its parts. */
const own = "own objects";
const regionType = "realmgrid:region:Region";

/** Names of the components between a region and a resource of it, outermost first; undefined outside of a region. */
function pathBelowRegion(
  resource: OfflineResource,
  byUrn: ReadonlyMap<string, OfflineResource>,
): { region: string; path: string[] } | undefined {
  const path: string[] = [];
  let one = byUrn.get(resource.parent ?? "");
  while (one !== undefined && one.type !== regionType) {
    const parent = byUrn.get(one.parent ?? "");
    path.unshift(shortName(one.name, parent?.name));
    one = parent;
  }
  return one === undefined ? undefined : { region: one.name, path };
}

function namespaceOf({ inputs }: OfflineResource): string {
  const { name, namespace } = (inputs["metadata"] ?? inputs) as { name?: unknown; namespace?: unknown };
  if (inputs["kind"] === "Namespace") return String(name);
  return typeof namespace === "string" ? namespace : outside;
}

/** Boxes of every region, in the order of the plan. */
function boxesOf(run: OfflineRun, plan: PlatformPlan): Map<string, Box[]> {
  const byUrn = new Map(run.resources.map((one) => [one.urn, one]));
  const planned = new Set(plan.regions.flatMap(({ namespaces }) => namespaces.map(({ namespace }) => namespace)));
  const order = [...planned, addOns, outside];
  const counts = new Map<string, Map<string, Map<string, Map<string, number>>>>();
  const inner = <T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> => {
    const found = map.get(key) ?? new Map<string, T>();
    map.set(key, found);
    return found;
  };
  for (const resource of run.resources) {
    if (!resource.type.startsWith("kubernetes:")) continue;
    const place = pathBelowRegion(resource, byUrn);
    if (place === undefined) continue;
    const namespace = namespaceOf(resource);
    // A platform that fills a namespace alone has its name; the namespaces of add-ons have one chart each.
    const path = place.path[0] === namespace ? place.path.slice(1) : place.path;
    const isPlanned = namespace === outside || planned.has(namespace);
    const [box, group, part] = isPlanned ? [namespace, path[0] ?? own, path[1] ?? own] : [addOns, namespace, own];
    const parts = inner(inner(inner(counts, place.region), box), group);
    parts.set(part, (parts.get(part) ?? 0) + 1);
  }
  const sorted = <T>(map: Map<string, T> | undefined) => [...(map ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    plan.regions.map((region) => [
      region.name,
      sorted(counts.get(region.name))
        .map(([name, groups]) => boxOf(name, sorted(groups), region))
        .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name)),
    ]),
  );
}

function boxOf(name: string, groups: [string, Map<string, number>][], region: RegionPlan): Box {
  const namespace = region.namespaces.find((one) => one.namespace === name);
  const quota = namespace?.quota.find(({ resource }) => resource === "pods");
  const shown = groups.map(([group, parts]) => ({
    name: group,
    parts: [...parts].sort().map(([part, objects]) => ({ name: part, objects })),
  }));
  const objects = shown.flatMap(({ parts }) => parts).reduce((whole, part) => whole + part.objects, 0);
  // What has no parts of its own needs no heading of its own.
  const single = shown.filter(({ parts }) => parts.length === 1 && parts[0]?.name === own);
  const rest = shown.filter((group) => !single.includes(group));
  const others = single.map((group) => ({
    name: group.name === `namespace-${name}` ? "namespace" : group.name,
    objects: group.parts[0]?.objects ?? 0,
  }));
  return {
    name,
    objects,
    pods: quota?.need,
    groups: [...(others.length > 0 ? [{ name: "", parts: others }] : []), ...rest],
  };
}

/** Sizes of the drawing, in its own units. */
const size = { width: 1080, gap: 18, pad: 14, head: 46, boxHead: 40, group: 20, chip: 24, chipGap: 6 };

function text(x: number, y: number, style: string, content: string, end = false): string {
  return `<text x="${x}" y="${y}" class="${style}"${end ? ' text-anchor="end"' : ""}>${escaped(content)}</text>`;
}

/** A name that fits into so many units, by the width of an average letter. */
function fitting(name: string, width: number): string {
  const most = Math.max(4, Math.floor(width / 6.4));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

function drawBox(box: Box, x: number, y: number, width: number): { svg: string; height: number } {
  const { pad, boxHead, group: groupHeight, chip, chipGap } = size;
  const half = (width - 2 * pad - chipGap) / 2;
  const parts: string[] = [];
  let top = y + boxHead;
  for (const { name, parts: chips } of box.groups) {
    if (name !== "") {
      parts.push(text(x + pad, top + 13, "label", name));
      top += groupHeight;
    }
    chips.forEach((one, index) => {
      // A lone chip at the end, such as one with a long name, takes the whole line.
      const wide = index % 2 === 0 && index === chips.length - 1;
      const [left, chipWidth] = [x + pad + (index % 2) * (half + chipGap), wide ? 2 * half + chipGap : half];
      const line = top + Math.floor(index / 2) * (chip + chipGap);
      parts.push(
        `<rect class="chip" x="${left}" y="${line}" width="${chipWidth}" height="${chip}" rx="5"/>`,
        text(left + 9, line + 16, "name", fitting(one.name, chipWidth - 38)),
        text(left + chipWidth - 9, line + 16, "count", String(one.objects), true),
      );
    });
    top += Math.ceil(chips.length / 2) * (chip + chipGap) + 4;
  }
  const height = top - y + pad - 6;
  const pods = box.pods === undefined ? "" : `, ${count(box.pods, "pod")} at peak`;
  const head = [
    text(x + pad, y + 19, "title", fitting(box.name, width - 2 * pad)),
    text(x + pad, y + 33, "label", `${count(box.objects, "object")}${pods}`),
  ];
  return {
    svg: `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>${head.join("")}${parts.join("")}`,
    height,
  };
}

function drawRegion(region: RegionPlan, boxes: readonly Box[], x: number, y: number, width: number) {
  const { pad, head, gap } = size;
  let top = y + head;
  const inner = boxes.map((box) => {
    const { svg, height } = drawBox(box, x + pad, top, width - 2 * pad);
    top += height + gap - 6;
    return svg;
  });
  const needed = region.pools.reduce((whole, one) => whole + one.nodesNeeded, 0);
  const nodes = region.pools.reduce((whole, one) => whole + one.maxNodes, 0);
  const titles = [
    text(x + pad, y + 23, "region", region.name),
    text(
      x + pad,
      y + 38,
      "label",
      `${needed} of ${count(nodes, "node")} at peak, ${count(region.region.zones.length, "zone")}`,
    ),
  ];
  return { inner: [...titles, ...inner].join(""), height: top - y + pad - (gap - 6) };
}

/** The picture. Regions stand side by side, three in a row. */
export function pictureSvg(run: OfflineRun, plan: PlatformPlan): string {
  const { width, gap } = size;
  const boxes = boxesOf(run, plan);
  const columns = Math.min(3, Math.max(1, plan.regions.length));
  const each = (width - (columns - 1) * gap) / columns;
  const drawn: string[] = [];
  let top = 1;
  for (let start = 0; start < plan.regions.length; start += columns) {
    const row = plan.regions.slice(start, start + columns).map((region, index) => {
      const x = index * (each + gap);
      return { x, ...drawRegion(region, boxes.get(region.name) ?? [], x, top, each) };
    });
    const height = Math.max(...row.map((one) => one.height));
    for (const { x, inner } of row) {
      drawn.push(
        `<g><rect class="frame" x="${x + 1}" y="${top}" width="${each - 2}" height="${height}" rx="12"/>${inner}</g>`,
      );
    }
    top += height + gap;
  }
  const names = plan.regions.map(({ name }) => name).join(", ");
  return `<svg class="picture" viewBox="0 0 ${width} ${top - gap + 2}" role="img" aria-labelledby="picture-title picture-text"><title id="picture-title">Regions of ${escaped(run.stack)}</title><desc id="picture-text">A box for each region (${escaped(names)}), in it its namespaces, in them the components with the number of their objects. The table below the picture says the same.</desc>${drawn.join("")}</svg>`;
}

/** The picture as a table. */
export function pictureRows(run: OfflineRun, plan: PlatformPlan): Rows {
  const rows = [...boxesOf(run, plan)].flatMap(([region, boxes]) =>
    boxes.flatMap((box) =>
      box.groups.flatMap((group) =>
        group.parts.map((part) => [
          region,
          box.name,
          group.name === "" ? part.name : `${group.name} / ${part.name}`,
          String(part.objects),
        ]),
      ),
    ),
  );
  return { header: ["region", "namespace", "component", "objects"], rows };
}
