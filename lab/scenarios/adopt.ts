/**
 * A cluster that somebody ran by hand is taken over as docs/runbooks/adopt.md says: objects that kubectl and Helm wrote
 * are adopted in place, one that cannot become what the program says is told before anything happens.
 */
import { type AdoptionLine, adoptions, takeFromHelm } from "../../tools/adopt/adopt.ts";
import { type PlacedObject, placedObjects } from "../../tools/offline/inventory.ts";
import { regionContexts, runWhole } from "../../tools/offline/owners.ts";
import type { ClusterObject } from "./support/argocd-objects.ts";
import { deliveryValues, stackValues } from "./support/delivery.ts";
import { type DeployContext, expect, expectOnly, openProgram, sourceOf, table } from "./support/deployment.ts";
import { clientOf, managersOf, type Place, read, remove, withObjects } from "./support/live-objects.ts";

const namespace = "mmorpg-game";

type Manifest = ClusterObject & { spec: { selector?: unknown; template?: { metadata: { labels: object } } } };

/** What somebody had: the program's own object with an older image, as manifests of years ago would have it. */
function older(placed: PlacedObject, change: (object: Manifest) => void = () => undefined): Manifest {
  const text = JSON.stringify(placed.resource.inputs).replaceAll("pulumi.com/skipAwait", "example.com/old");
  const object = JSON.parse(text.replaceAll(/(mmorpg\/[\w-]+):v[\d.]+/g, "$1:v0.9.0")) as Manifest;
  change(object);
  return object;
}

function counts(lines: readonly AdoptionLine[]): string[] {
  const of = (state: string) => String(lines.filter(({ adoption }) => adoption.state === state).length);
  return ["adopt", "blocked", "new", "ours"].map(of);
}

async function run(context: DeployContext): Promise<void> {
  const [first] = context.lab.clusters;
  expect(first !== undefined, () => "the lab has no cluster");
  const place: Place = { context, cluster: first?.context ?? "" };
  const config = stackValues(context);
  const objects = placedObjects((await runWhole(sourceOf(context).stack, { config })).run);
  const contexts = regionContexts(config);
  const client = (cluster: string) => clientOf({ context, cluster });
  const find = (kind: string, name: string): PlacedObject => {
    const found = objects.find((one) => one.kind === kind && one.name === name && one.namespace === namespace);
    if (found === undefined) throw new Error(`the program has no ${kind} ${name}`);
    return found;
  };
  const rows: string[][] = [];
  const look = async (step: string): Promise<AdoptionLine[]> => {
    const lines = await adoptions(objects, { contexts, client });
    rows.push([step, ...counts(lines)]);
    context.onProgress(`${step}: ${counts(lines)[0]} to adopt, ${counts(lines)[1]} blocked`);
    return lines;
  };

  const space: ClusterObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const byHand = ["Service", "ServiceAccount", "Deployment"].map((kind) => older(find(kind, "auth-service")));
  const byHelm = ["Service", "ServiceAccount", "Deployment"].map((kind) => older(find(kind, "guild-service")));
  const stuck = older(find("Deployment", "player-service"), (object) => {
    // The original's selector had the version in it.
    object.spec.selector = { matchLabels: { app: "player-service", version: "v1" } };
    if (object.spec.template) object.spec.template.metadata.labels = { app: "player-service", version: "v1" };
  });
  await withObjects(place, [space], "apply");
  await withObjects(place, [...byHand, stuck], "apply");
  await withObjects(place, byHelm, "apply", "--server-side", "--field-manager=helm");
  const kept = [space, ...byHand, ...byHelm];
  const before = new Map(
    (await read(place, kept)).map((one) => [`${one.kind} ${one.metadata.name}`, one.metadata.uid]),
  );

  const blocked = (await look("what somebody ran by hand")).filter(({ adoption }) => adoption.state === "blocked");
  expect(blocked.map(({ name }) => name).join() === "player-service", () => `blocked: ${JSON.stringify(blocked)}`);
  for (const { kind, name, adoption } of blocked) {
    context.onProgress(`  ${kind} ${name}: ${adoption.state === "blocked" ? adoption.because : ""}`);
  }
  await remove(place, [stuck]);
  const lines = await look("the blocked one removed by hand");
  const taken = await takeFromHelm(lines, { objects, client });
  expect(taken === byHelm.length, () => `Helm let go of ${taken} objects, it wrote ${byHelm.length}`);
  for (const object of await read(place, byHelm)) {
    expect(!managersOf(object).includes("helm"), () => `${object.metadata.name} is still written by Helm`);
  }

  const open = (handOver: boolean) => openProgram(context, deliveryValues(context, { mode: "pulumi", handOver }));
  const up = await (await open(true)).up();
  expectOnly(up, ["created"]);
  const after = await look("after an up that adopts");
  expect(
    after.every(({ adoption }) => adoption.state === "ours"),
    () => `not ours: ${after.filter(({ adoption }) => adoption.state !== "ours").map(({ name }) => name)}`,
  );
  const lasting = (await read(place, kept)).filter(
    (one) => before.get(`${one.kind} ${one.metadata.name}`) !== one.metadata.uid,
  );
  expect(lasting.length === 0, () => `another one than before: ${lasting.map(({ metadata }) => metadata.name)}`);
  context.onProgress(`${kept.length} objects adopted in place, ${up.created.length - kept.length} created`);
  const engine = await open(false);
  // The provider hears that it no longer adopts; nothing in a cluster changes.
  await engine.up();
  expectOnly(await engine.up({ expectNoChanges: true }), []);
  await engine.destroy();
  table(context, ["step", "adopt", "blocked", "new", "ours"], rows);
}

export default {
  name: "adopt",
  summary: "objects that kubectl and Helm wrote are taken over in place; what cannot be is told first",
  run,
};
