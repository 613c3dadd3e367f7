import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";

const program = fileURLToPath(new URL("../../components/data/valkey-decide.awk", import.meta.url));

/** One node as the pods know it. */
interface Node {
  /** One letter; the node's id is it, forty times. */
  letter: string;
  /** Ordinal of the pod whose name it has. */
  pod: number;
  flags: string;
  primary?: string;
  slots?: string;
  moving?: boolean;
  /** Whether its pod answers as this node. @default true */
  answers?: boolean;
  keys?: number;
  zone?: string;
  state?: string;
  /** Address from which it copies. */
  calls?: string;
  host?: string;
  /** The primary that the others have last heard of. @default the same */
  heard?: string;
  /** Letters of the nodes that it knows. @default all */
  knows?: string;
  /** Its epoch. @default 1 */
  epoch?: number;
  /** Epochs of other nodes as it has them, by letter, where they are not those that the nodes themselves have. */
  believes?: Record<string, number>;
  /** Slots of other nodes as it has them. */
  sees?: Record<string, string>;
}

const idOf = (letter: string) => letter.repeat(40);
const hosts = (count: number) => Array.from({ length: count }, (_, pod) => `redis-cluster-${pod}.nodes`);

/** What the agent of one pod would do, with ids as letters. */
function decide(me: number, nodes: Node[], options: { count?: number; replicas?: number } = {}): string[] {
  const count = options.count ?? 6;
  const lines = nodes
    .filter((one) => one.answers ?? true)
    .flatMap((viewer) => [
      `P ${viewer.pod} ${idOf(viewer.letter)} ${viewer.state ?? "ok"} ${viewer.keys ?? 0} ${viewer.zone ?? "-"} ${viewer.calls ?? "-"}`,
      ...nodes
        .filter((one) => (viewer.knows ?? "").includes(one.letter) || viewer.knows === undefined || one === viewer)
        .map((one) => {
          const alive = one.answers ?? true;
          const host = one.host ?? hosts(count)[one.pod];
          const link = alive ? "connected" : "disconnected";
          const follows = one === viewer ? one.primary : (one.heard ?? one.primary);
          const primary = follows ? idOf(follows) : "-";
          const moving = one.moving && one === viewer ? 1 : 0;
          return `N ${viewer.pod} ${idOf(one.letter)} 10.0.0.${one.letter.charCodeAt(0)} 6379 16379 ${host} ${one.flags} ${primary} ${link} ${viewer.sees?.[one.letter] ?? one.slots ?? "-"} ${moving} ${viewer.believes?.[one.letter] ?? one.epoch ?? 1}`;
        }),
    ]);
  const variables = { me, n: count, replicas: options.replicas ?? 1, peers: hosts(count).join(" ") };
  const args = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
  const { stdout, stderr } = spawnSync("awk", [...args, "-f", program], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout
    .replace(/(\w)\1{39}/g, "$1")
    .split("\n")
    .filter(Boolean);
}

const blank = (zones = ""): Node[] =>
  [..."abcdef"].map((letter, pod) => ({ letter, pod, flags: "master", state: "fail", zone: zones[pod] ?? "-" }));

const ranges = ["0-5460", "5461-10922", "10923-16383"];

const formed = (change: Record<string, Partial<Node>> = {}): Node[] =>
  [..."abcdef"].map((letter, pod) => ({
    letter,
    pod,
    ...(pod < 3 ? { flags: "master", slots: ranges[pod] ?? "" } : { flags: "slave", primary: "abc"[pod - 3] ?? "" }),
    ...change[letter],
  }));

describe("what the agent decides", () => {
  it("is nothing in a whole cluster", () => {
    for (let me = 0; me < 6; me++) assert.deepEqual(decide(me, formed()), []);
  });

  it("takes a new epoch where another has a higher one of us: it would refuse its vote to our replica", () => {
    const mistaken = formed({ a: { epoch: 0 }, c: { believes: { a: 4 } } });
    assert.deepEqual(decide(0, mistaken), ["bump redis-cluster-2 4"]);
    for (const me of [1, 2, 3, 4, 5]) assert.deepEqual(decide(me, mistaken), []);
    // A lower one is only late: it hears of ours with the next message.
    assert.deepEqual(decide(0, formed({ a: { epoch: 5 }, c: { believes: { a: 4 } } })), []);
    // Of a replica, the epoch is that of its primary.
    assert.deepEqual(decide(3, formed({ c: { believes: { d: 9 } } })), []);
  });

  it("takes no new epoch while another has other slots of us: it would win them back from whoever was promoted", () => {
    const believes = { a: 4 };
    assert.deepEqual(decide(0, formed({ a: { epoch: 0 }, c: { believes, sees: { a: "-", d: "0-5460" } } })), []);
    assert.deepEqual(decide(0, formed({ a: { epoch: 0, state: "fail" }, c: { believes } })), []);
    assert.deepEqual(decide(0, formed({ a: { epoch: 0 }, c: { believes }, b: { moving: true } })), []);
  });

  it("gives slots in the first pod only, even ones, and only when all pods hold together", () => {
    const slots = [
      "slots redis-cluster-0 10.0.0.97 0 5460",
      "slots redis-cluster-1 10.0.0.98 5461 10922",
      "slots redis-cluster-2 10.0.0.99 10923 16383",
    ];
    assert.deepEqual(decide(0, blank()), slots);
    for (let me = 1; me < 6; me++) assert.deepEqual(decide(me, blank()), []);
    const missing = blank().map((one) => (one.pod === 5 ? { ...one, answers: false } : one));
    assert.deepEqual(
      decide(0, missing).filter((line) => line.startsWith("slots")),
      [],
    );
    const apart = blank().map((one) => (one.pod === 4 ? { ...one, knows: "abcde" } : one));
    assert.deepEqual(
      decide(0, apart).filter((line) => line.startsWith("slots")),
      [],
    );
  });

  it("goes on with a forming that was broken off, and gives nothing away that a dead node owns", () => {
    const half = formed({
      b: { slots: undefined },
      c: { slots: undefined },
      e: { flags: "master", primary: undefined },
    });
    assert.deepEqual(decide(0, half), [
      "slots redis-cluster-1 10.0.0.98 5461 10922",
      "slots redis-cluster-2 10.0.0.99 10923 16383",
    ]);
    assert.deepEqual(decide(4, half), [], "an empty primary waits until all slots are given");
    const dead = [
      ...formed({ b: { letter: "x", pod: 1, slots: undefined } }),
      { letter: "b", pod: 1, flags: "master,fail", slots: ranges[1], answers: false },
    ];
    assert.ok(!decide(0, dead).some((line) => line.startsWith("slots")));
  });

  it("forms no cluster of pods that have keys, or that know a node which is none of them", () => {
    const keys = blank().map((one) => (one.pod === 2 ? { ...one, keys: 7 } : one));
    assert.match(decide(0, keys).join(), /redis-cluster-2 has keys but no slots: no cluster is formed|fewer than half/);
    const stranger = [...blank(), { letter: "s", pod: 9, flags: "master", host: "other-0.nodes", answers: false }];
    assert.ok(!decide(0, stranger).some((line) => line.startsWith("slots")));
  });

  it("touches nothing while a slot is on its way", () => {
    const moving = formed({ b: { moving: true, slots: "5461-10921" }, f: { flags: "master", primary: undefined } });
    for (let me = 0; me < 6; me++) assert.deepEqual(decide(me, moving), []);
  });

  it("gives each primary a replica of another zone, whatever the order of zones", () => {
    for (const zones of ["abcabc", "abccba", "aabbcc", "abcbca"]) {
      const nodes = formed().map(
        (one): Node => ({
          ...one,
          zone: zones[one.pod],
          ...(one.pod > 2 ? { flags: "master", primary: undefined } : {}),
        }),
      );
      const goals = [3, 4, 5].map((me) => /^replicate redis-cluster-(\d) /.exec(decide(me, nodes).join())?.[1] ?? "");
      assert.deepEqual([...goals].sort(), ["0", "1", "2"], zones);
      for (const [index, goal] of goals.entries()) assert.notEqual(zones[index + 3], zones[Number(goal)], zones);
    }
  });

  it("moves the last replica of a primary that has too many to one that has none, in one pod only", () => {
    const uneven = formed({ e: { primary: "a" } });
    assert.deepEqual(
      Array.from({ length: 6 }, (_, me) => decide(me, uneven)),
      [[], [], [], [], ["replicate redis-cluster-1 b"], []],
    );
  });

  it("sends a replica to the new address of its primary when it calls the old one", () => {
    assert.deepEqual(decide(3, formed({ d: { calls: "10.0.9.9" } })), ["again redis-cluster-0 a"]);
    assert.deepEqual(decide(3, formed({ d: { calls: "10.0.0.97" } })), []);
    assert.deepEqual(decide(4, formed({ d: { calls: "10.0.9.9" } })), []);
    assert.ok(
      !decide(3, formed({ a: { answers: false }, d: { calls: "10.0.9.9" } }))
        .join()
        .includes("again"),
    );
  });

  it("believes a replica more than what others have heard of it, or two would change places for ever", () => {
    const moved = formed({ f: { primary: "c", heard: "b" } });
    assert.deepEqual(decide(4, moved), []);
  });

  it("waits with an empty pod while a failover is due", () => {
    const due = [
      ...formed({ b: { letter: "x", pod: 1, slots: undefined } }),
      { letter: "b", pod: 1, flags: "master,fail", slots: ranges[1], answers: false },
    ];
    assert.deepEqual(decide(1, due), []);
    assert.match(decide(4, due).join(), /^later redis-cluster-4 has a copy of lost node b/);
  });

  it("keeps as many empty primaries as there are to be, for slots to come", () => {
    const wider: Node[] = [
      ...formed(),
      { letter: "g", pod: 6, flags: "master" },
      { letter: "h", pod: 7, flags: "master" },
    ];
    assert.match(decide(6, wider, { count: 8 }).join(), /^later redis-cluster-6 has no slots/);
    assert.match(decide(7, wider, { count: 8 }).join(), /^replicate redis-cluster-/);
  });

  it("forgets only a dead node without slots that had the name of this pod", () => {
    const ghost = (change: Partial<Node>): Node[] => [
      ...formed(),
      { letter: "x", pod: 5, flags: "slave,fail", primary: "c", answers: false, ...change },
    ];
    assert.deepEqual(decide(5, ghost({})), ["forget x"]);
    assert.deepEqual(decide(5, ghost({ flags: "slave,noaddr" })), ["forget x"]);
    // A suspicion alone may pass; where all pods answer as other nodes, it is nobody that could come back.
    const suspected = ghost({ flags: "slave,fail?" });
    assert.deepEqual(decide(5, suspected), ["forget x"]);
    const silent = suspected.map((one) => (one.pod === 0 ? { ...one, answers: false } : one));
    assert.ok(!decide(5, silent).includes("forget x"));
    // Known from hearsay alone, it has no name: the first pod forgets it, once all of them answer as others.
    const hearsay = ghost({ flags: "slave,fail?", host: "-" });
    assert.deepEqual(decide(0, hearsay), ["forget x"]);
    assert.deepEqual(decide(5, hearsay), []);
    assert.deepEqual(decide(0, ghost({ flags: "slave", host: "-" })), []);
    assert.deepEqual(decide(4, ghost({})), []);
    // Before the first forming too, which would wait for it without end.
    const early: Node = { letter: "x", pod: 5, flags: "master,fail?", answers: false };
    assert.ok(decide(5, [...blank(), early]).includes("forget x"));
    assert.deepEqual(decide(5, ghost({ host: "other-5.nodes" })), []);
    assert.ok(!decide(5, ghost({ flags: "master,fail", slots: "7", primary: undefined })).includes("forget x"));
  });

  it("says in the pod concerned that data is lost, unless a copy may come back", () => {
    const lost = (copy: Partial<Node>): Node[] => [
      ...formed({ b: { letter: "x", slots: undefined }, e: copy }),
      { letter: "b", pod: 1, flags: "master,fail", slots: ranges[1], answers: false },
    ];
    assert.match(
      decide(1, lost({ primary: "a" })).join(),
      /problem DATA LOST: .*redis-cluster-1 .*5462 slots.*accept-loss b$/,
    );
    assert.ok(
      !decide(1, lost({ answers: false }))
        .join()
        .includes("DATA LOST"),
    );
    assert.ok(
      !decide(0, lost({ primary: "a" }))
        .join()
        .includes("DATA LOST"),
    );
  });

  it("does nothing but say so when two pods have the same node id", () => {
    const nodes = formed();
    const copy = { ...nodes[0], pod: 5 } as Node;
    assert.match(
      decide(1, [...nodes.slice(0, 5), copy]).join(),
      /^problem redis-cluster-0 and redis-cluster-5 have the same node id/,
    );
  });

  it("meets neither of two clusters from a blank pod that is between them", () => {
    const two: Node[] = [
      ...formed()
        .slice(0, 3)
        .map((one) => ({ ...one, knows: "abc" })),
      ...[..."xy"].map(
        (letter, index): Node => ({ letter, pod: 3 + index, flags: "master", slots: ranges[index], knows: "xyz" }),
      ),
      { letter: "z", pod: 9, flags: "master", slots: ranges[2], host: "other-9.nodes", answers: false },
      { letter: "f", pod: 5, flags: "master", state: "fail", knows: "" },
    ];
    const meetings = (me: number) =>
      decide(me, two)
        .filter((line) => line.startsWith("meet"))
        .map((line) => line.split(" ")[1]);
    assert.deepEqual(meetings(5), ["redis-cluster-0", "redis-cluster-1", "redis-cluster-2"]);
    assert.deepEqual(meetings(0), ["redis-cluster-5"]);
    assert.deepEqual(meetings(3), []);
  });
});
