/** What the nodes of a cluster say about each other, and when a cluster is whole. */
import assert from "node:assert/strict";

/** One line of CLUSTER NODES. */
export interface NodeLine {
  id: string;
  address: string;
  host: string;
  flags: string[];
  /** Whether it is the node that was asked. */
  myself: boolean;
  primary: string;
  epoch: number;
  connected: boolean;
  slots: [first: number, last: number][];
  /** Slots on their way to or from the node, as it says them. */
  moving: string[];
}

/** The lines of one answer of CLUSTER NODES, by host name and then by id, so that two answers compare. */
export function parseNodes(text: string): NodeLine[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", where = "", flags = "", primary = "", , , epoch, link, ...slots] = line.split(" ");
      const [place = "", host = ""] = where.split(",");
      return {
        id,
        address: place.replace(/:\d+@\d+$/, ""),
        host,
        flags: flags.split(",").filter((flag) => flag !== "myself"),
        myself: flags.split(",").includes("myself"),
        primary,
        epoch: Number(epoch),
        connected: link === "connected",
        slots: slots.filter((one) => !one.startsWith("[")).map(range),
        moving: slots.filter((one) => one.startsWith("[")),
      };
    })
    .sort((one, other) => (one.host + one.id < other.host + other.id ? -1 : 1));
}

function range(text: string): [number, number] {
  const [first = 0, last = first] = text.split("-").map(Number);
  return [first, last];
}

/** The owner's id of each of the 16384 slots in one view; fails where a slot has two. */
export function slotMap(view: readonly NodeLine[]): string[] {
  const owners = new Array<string>(16384).fill("");
  for (const { id, slots } of view) {
    for (const [first, last] of slots) {
      for (let slot = first; slot <= last; slot++) {
        assert.equal(owners[slot], "", `slot ${slot} has two owners`);
        owners[slot] = id;
      }
    }
  }
  return owners;
}

/** Nodes that are none of the pods, as each pod sees them. */
function strangers(views: readonly (readonly NodeLine[])[]): string {
  const pods = new Set(views.map((view) => view.find((one) => one.myself)?.id));
  return views
    .flatMap((view) => {
      const pod = view.find((one) => one.myself)?.host;
      return view.filter((one) => !pods.has(one.id)).map((one) => `${pod} sees ${JSON.stringify(one)}`);
    })
    .join("; ");
}

/** What is not as it should be in a cluster of that many pods, each with its view; undefined when all is well. */
export function flaw(
  views: readonly (readonly NodeLine[])[],
  primaries: number,
  replicasPerPrimary: number,
): string | undefined {
  const [first = []] = views;
  const owners = slotMap(first);
  if (owners.includes("")) return `slot ${owners.indexOf("")} has no owner`;
  for (const view of views) {
    if (view.length !== views.length) {
      return `a node knows ${view.length} nodes instead of ${views.length}, beside the pods: ${strangers(views)}`;
    }
    const bad = view.find(
      (one) => !one.connected || one.flags.some((flag) => !/^(master|slave|nofailover)$/.test(flag)),
    );
    if (bad) return `${bad.host} is ${bad.flags} and ${bad.connected ? "" : "not "}connected`;
    if (view.some((one) => one.moving.length > 0)) return "a slot is on its way";
    if (slotMap(view).join() !== owners.join()) return "two nodes have different maps";
    for (const [index, one] of view.entries()) {
      const same = first[index];
      // Who knows another epoch of a primary refuses its vote to the replica.
      if (one.slots.length > 0 && same?.epoch !== one.epoch) return `two nodes know different epochs of ${one.host}`;
      if (same?.id !== one.id || same.address !== one.address || same.primary !== one.primary)
        return `two nodes see ${one.host} differently`;
    }
  }
  const serving = first.filter((one) => one.slots.length > 0);
  if (serving.length !== primaries) return `${serving.length} nodes serve slots instead of ${primaries}`;
  if (new Set(serving.map((one) => one.epoch)).size !== primaries) return "two primaries have the same epoch";
  for (const { id, host } of serving) {
    const replicas = first.filter((one) => one.primary === id).length;
    if (replicas !== replicasPerPrimary) return `${host} has ${replicas} replicas instead of ${replicasPerPrimary}`;
  }
  return undefined;
}
