/** An `up` is killed at moments spread over its whole length; recovery and one more `up` must lead to the same stack. */
import { setTimeout as sleep } from "node:timers/promises";
import { recover } from "../../tools/recovery.ts";
import type { Engine } from "../engine.ts";
import { summary } from "../operation-result.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  openProgram,
  ownedObjects,
  present,
  startUp,
  table,
} from "./support/deployment.ts";

const defaultMoments = 10;

/** When to kill: as a step begins, or a share of the way from the first step to the end. */
type Moment = { step: number } | { share: number };

async function run(context: DeployContext): Promise<void> {
  const moments = Number(context.args[0] ?? defaultMoments);
  const engine = await openProgram(context);
  // A run to its end says how many steps there are and what must be there in the end.
  let steps = 0;
  let begun = 0;
  await startUp(context, ({ done, op }) => {
    if (!done && op === "create") steps += 1;
    if (steps === 1 && begun === 0) begun = Date.now();
  }).done;
  const length = Date.now() - begun;
  const wanted = await idsOf(engine);
  context.onProgress(`provider: ${engine.provider}; an undisturbed up has ${steps} steps and ${wanted.length} objects`);
  context.onProgress(summary(await engine.destroy()));
  const rows: (string | number)[][] = [];
  for (let moment = 0; moment < moments; moment += 1) {
    context.signal.throwIfAborted();
    // Steps come in a burst and then there is waiting, so half of the moments go by steps and half by the clock.
    // The last tenth is left out, since an up that is done cannot be killed.
    const share = (0.9 * (moment + 0.5)) / moments;
    const when: Moment = moment % 2 === 0 ? { step: Math.ceil(share * steps) } : { share };
    const name = "step" in when ? `step ${when.step} begins` : `${Math.round(share * 100)} % of the time`;
    const started = Date.now();
    const wasKilled = await killAt(context, when, length);
    const { operations, removedLocks } = await recover(engine);
    const pending = operations.length;
    const adopted = operations.filter(({ action }) => action === "adopt").length;
    const rest = await engine.up();
    expectOnly(rest, ["created", "updated"]);
    expectOnly(await engine.up({ expectNoChanges: true }), []);
    await expectWhole(context, engine, wanted);
    rows.push([
      name,
      wasKilled ? "yes" : "no, it was done",
      removedLocks.length,
      pending,
      adopted,
      rest.created.length,
      ((Date.now() - started) / 1000).toFixed(1),
    ]);
    context.onProgress(`killed when ${name}: ${pending} pending, ${adopted} adopted, ${summary(rest)}`);
    await engine.destroy();
  }
  table(context, ["moment", "killed", "locks", "pending", "adopted", "created after", "seconds"], rows);
  const kills = rows.filter(([, killed]) => killed === "yes").length;
  context.onProgress(`${kills} kills: 0 objects lost, 0 twice, every last up without change`);
}

// True when the kill came before the end of the up.
async function killAt(context: DeployContext, when: Moment, length: number): Promise<boolean> {
  let begun = 0;
  const child = startUp(context, ({ done, op }) => {
    if (done || op !== "create") return;
    begun += 1;
    if ("step" in when && begun === when.step) child.kill();
    if ("share" in when && begun === 1) void sleep(when.share * length).then(() => child.kill());
  });
  return (await child.done) === undefined;
}

async function idsOf(engine: Engine): Promise<string[]> {
  return (await ownedObjects(engine)).map(({ urn, id }) => `${urn} ${id}`).sort();
}

async function expectWhole(context: DeployContext, engine: Engine, wanted: string[]): Promise<void> {
  const { pending_operations: pending = [] } = await engine.exportState();
  expect(pending.length === 0, () => `${pending.length} operations are still pending`);
  const ids = await idsOf(engine);
  expect(new Set(ids).size === ids.length, () => "an object is in the state twice");
  const lost = wanted.filter((id) => !ids.includes(id));
  expect(lost.length === 0, () => `lost: ${lost.join(", ")}`);
  const strange = ids.filter((id) => !wanted.includes(id));
  expect(strange.length === 0, () => `not in an undisturbed up: ${strange.join(", ")}`);
  const owned = await ownedObjects(engine);
  const there = await present(context, owned);
  expect(
    there.length === owned.length,
    () => `${owned.length - there.length} objects of the state are not in the cluster`,
  );
}

export default {
  name: "recover",
  summary: "an up killed at ten moments is recovered each time (argument: moments)",
  run,
};
