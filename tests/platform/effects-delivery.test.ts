import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { documentedFields, effectOf, said } from "../support/effects.ts";
import { comings, differences, replacements, rollingDifferences } from "../support/replacement.ts";
import { runWith } from "../support/runs.ts";
import type { Changes } from "../support/stacks.ts";

const argocd = "delivery.argocd";

const repository: Changes = {
  [`${argocd}.repository`]: { url: "https://example.com/tree.git", revision: "dev", path: "rendered/dev" },
};

/** Argo CD with everything that may be absent. */
const base: Changes = {
  ...repository,
  "delivery.mode": "argocd",
  [`${argocd}.install`]: "helm",
  [`${argocd}.syncWindow`]: {},
  [`${argocd}.sso`]: { issuer: "https://login.example.com", clientId: "argocd", secretName: "argocd-login" },
  [`${argocd}.notifications`]: { channel: "game" },
};

const inPlace: Changes = {
  "delivery.handOver": true,
  [`${argocd}.highAvailability`]: false,
  [`${argocd}.repository.url`]: "https://example.com/other.git",
  [`${argocd}.repository.path`]: "other",
  [`${argocd}.automated`]: false,
  [`${argocd}.syncWindow.startHour`]: 5,
  [`${argocd}.syncWindow.hours`]: 2,
  [`${argocd}.groups.developers`]: "developers",
  [`${argocd}.groups.operators`]: "operators",
  [`${argocd}.developersSync`]: true,
  [`${argocd}.sso.issuer`]: "https://other.example.com",
  [`${argocd}.sso.clientId`]: "other",
  [`${argocd}.sso.secretName`]: "other",
  [`${argocd}.notifications.channel`]: "other",
  [`${argocd}.notifications.secretName`]: "other",
  "regions.us-west.timeZone": "America/Los_Angeles",
};

async function change(from: Changes, changes: Changes) {
  const [before, after] = [await runWith("dev", from), await runWith("dev", { ...from, ...changes })];
  const kinds = (list: readonly string[]) => list.map((one) => one.split(" ")[0]?.split(":").at(-1) ?? "");
  const { created, deleted } = comings(before, after);
  return { before, after, created: kinds(created), deleted: kinds(deleted), changed: differences(before, after) };
}

describe("what the reference says of a change to delivery", () => {
  it("is tried with another value for every field", () => {
    const others = [
      "mode",
      "argocd.install",
      "argocd.namespace",
      "argocd.hub",
      "argocd.waves",
      "argocd.repository.revision",
    ];
    const tried = [...Object.keys(inPlace), ...others.map((key) => `delivery.${key}`)];
    const fields = documentedFields("delivery");
    assert.ok(fields.length > 18);
    assert.deepEqual(
      fields.filter((path) => !tried.includes(path)),
      [],
    );
  });

  it("holds where objects change in place: no pod restarts", async () => {
    for (const path of Object.keys(inPlace)) assert.equal(effectOf(path), "in place", path);
    const { before, after, created, deleted, changed } = await change(base, inPlace);
    assert.deepEqual(said(rollingDifferences(before, after)), []);
    assert.deepEqual(replacements(before, after), []);
    assert.deepEqual([created, deleted], [[], []]);
    const kinds = new Set(changed.map(({ resource }) => resource.type.split(":").at(-1)));
    assert.deepEqual([...kinds].sort(), ["AppProject", "Application", "Release", "kubernetes"]);
  });

  it("holds where Argo CD is installed beside what runs", async () => {
    assert.equal(effectOf(`${argocd}.install`), "in place");
    const existing = { ...base, [`${argocd}.install`]: "existing" };
    const { created, deleted, changed } = await change(existing, { [`${argocd}.install`]: "helm" });
    assert.deepEqual([created, deleted, said(changed)], [["Release"], [], []]);
  });

  it("holds for the order of regions, which only the ApplicationSets of the hub know", async () => {
    const path = `${argocd}.waves`;
    assert.equal(effectOf(path), "in place");
    const hub = { ...base, [`${argocd}.hub`]: "us-west" };
    const [before, after] = await Promise.all(
      [hub, { ...hub, [path]: [["us-east"], ["eu-west", "us-west"]] }].map((changes) => runWith("prod", changes)),
    );
    assert.ok(before && after);
    const kinds = differences(before, after).map(({ resource }) => resource.type.split(":").at(-1));
    assert.deepEqual([...new Set(kinds)], ["ApplicationSet"]);
    assert.deepEqual(comings(before, after), { created: [], deleted: [] });
  });

  it("holds for the revision, by which Argo CD rolls what its tree changes: the engine itself rolls nothing", async () => {
    const path = `${argocd}.repository.revision`;
    assert.equal(effectOf(path), "rolling");
    const { before, after, changed } = await change(base, { [path]: "other" });
    assert.deepEqual([...new Set(changed.map((one) => one.path))], ["spec.source.targetRevision"]);
    assert.deepEqual(replacements(before, after), []);
  });

  it("holds for the namespace of Argo CD: its objects are made again, and what they delivered stays", async () => {
    const path = `${argocd}.namespace`;
    assert.equal(effectOf(path), "replace");
    const { before, after, created, deleted } = await change(base, { [path]: "cd" });
    const replaced = replacements(before, after);
    assert.ok(replaced.length >= 4);
    assert.ok(
      replaced.every((one) => /^us-west-argocd-\S+: metadata\.namespace$/.test(one)),
      replaced.join("\n"),
    );
    assert.deepEqual([created, deleted], [[], []]);
  });

  it("holds for the owner of workloads: the engine would delete every world, server and service", async () => {
    assert.equal(effectOf("delivery.mode"), "data at risk");
    const { created, deleted } = await change(repository, { "delivery.mode": "argocd" });
    for (const kind of ["StatefulSet", "Deployment", "ScaledObject", "Service"])
      assert.ok(deleted.includes(kind), kind);
    for (const kind of ["AppProject", "Application"]) assert.ok(created.includes(kind), kind);
    // Secrets and stores are the engine's in both.
    for (const kind of ["Secret", "InnoDBCluster", "Namespace"]) assert.ok(!deleted.includes(kind), kind);
  });

  it("holds for the hub: Applications of one Argo CD go, ApplicationSets of another come", async () => {
    const path = `${argocd}.hub`;
    assert.equal(effectOf(path), "data at risk");
    const { created, deleted } = await change(base, { [path]: "us-west" });
    assert.deepEqual([[...new Set(created)], [...new Set(deleted)]], [["ApplicationSet"], ["Application"]]);
  });
});
