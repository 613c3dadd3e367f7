import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Changes, configOf, mistakePaths, onlyMistake, type StackName } from "../support/stacks.ts";

const repository = { url: "https://github.com/your-org/realmgrid.git", revision: "production", path: "rendered/prod" };
const argocd = { "delivery.mode": "argocd", "delivery.argocd.repository": repository };
const hub = { ...argocd, "delivery.argocd.hub": "us-west" };
const login = { issuer: "https://login.example.com", clientId: "argocd", secretName: "argocd-login" };

/** Each is one mistake, found where it stands. */
const wrong: [what: string, stack: StackName, changes: Changes, path: string, want: RegExp][] = [
  [
    "Argo CD without a repository",
    "prod",
    { "delivery.mode": "argocd" },
    "argocd.repository",
    /url, revision and path/,
  ],
  [
    "a hub that is no region",
    "prod",
    { ...argocd, "delivery.argocd.hub": "ap-south" },
    "argocd.hub",
    /eu-west, us-east, us-west/,
  ],
  [
    "a hub in a region that does not run",
    "dev",
    { ...argocd, "delivery.argocd.hub": "eu-west" },
    "argocd.hub",
    /us-west/,
  ],
  [
    "waves without a hub",
    "prod",
    { ...argocd, "delivery.argocd.waves": [["us-west"]] },
    "argocd.waves",
    /none without/,
  ],
  [
    "waves that miss a region",
    "prod",
    { ...hub, "delivery.argocd.waves": [["us-west"], ["us-east"]] },
    "argocd.waves",
    /each of/,
  ],
  [
    "a region in two waves",
    "prod",
    { ...hub, "delivery.argocd.waves": [["us-west"], ["us-east", "eu-west"], ["us-west"]] },
    "argocd.waves",
    /each of/,
  ],
  [
    "a region in a wave that does not run",
    "prod",
    { ...hub, "delivery.argocd.waves": [["us-west", "us-east", "eu-west", "ap-south"]] },
    "argocd.waves",
    /each of/,
  ],
  [
    "an empty wave",
    "prod",
    { ...hub, "delivery.argocd.waves": [[], ["us-west", "us-east", "eu-west"]] },
    "argocd.waves.0",
    /./,
  ],
  ["another mode", "prod", { "delivery.mode": "flux" }, "mode", /pulumi.*argocd/],
  [
    "the revision HEAD",
    "prod",
    { ...argocd, "delivery.argocd.repository.revision": "HEAD" },
    "argocd.repository.revision",
    /not HEAD/,
  ],
  [
    "a revision with a blank",
    "prod",
    { ...argocd, "delivery.argocd.repository.revision": "my branch" },
    "argocd.repository.revision",
    /a branch, a tag or a commit/,
  ],
  [
    "a password in the address",
    "prod",
    { ...argocd, "delivery.argocd.repository.url": "https://robot:hunter2@github.com/your-org/realmgrid.git" },
    "argocd.repository.url",
    /without credentials/,
  ],
  [
    "a token in the address",
    "prod",
    { ...argocd, "delivery.argocd.repository.url": "https://ghp_abc@github.com/your-org/realmgrid.git" },
    "argocd.repository.url",
    /without credentials/,
  ],
  [
    "an address that is not encrypted",
    "prod",
    { ...argocd, "delivery.argocd.repository.url": "http://github.com/your-org/realmgrid.git" },
    "argocd.repository.url",
    /an address such as https/,
  ],
  [
    "a folder that begins with a slash",
    "prod",
    { ...argocd, "delivery.argocd.repository.path": "/rendered" },
    "argocd.repository.path",
    /a folder such as/,
  ],
  [
    "a repository without a folder",
    "prod",
    { ...argocd, "delivery.argocd.repository.path": undefined },
    "argocd.repository.path",
    /./,
  ],
  [
    "a window from hour 24",
    "prod",
    { ...argocd, "delivery.argocd.syncWindow": { startHour: 24 } },
    "argocd.syncWindow.startHour",
    /23/,
  ],
  [
    "a window of no time",
    "prod",
    { ...argocd, "delivery.argocd.syncWindow": { hours: 0 } },
    "argocd.syncWindow.hours",
    /1/,
  ],
  [
    "a window of more than a day",
    "prod",
    { ...argocd, "delivery.argocd.syncWindow": { hours: 25 } },
    "argocd.syncWindow.hours",
    /24/,
  ],
  [
    "a channel with #",
    "prod",
    { ...argocd, "delivery.argocd.notifications": { channel: "#deployments" } },
    "argocd.notifications.channel",
    /without #/,
  ],
  [
    "a login whose secret nobody names",
    "prod",
    { ...argocd, "delivery.argocd.sso": { ...login, secretName: "" } },
    "argocd.sso.secretName",
    /./,
  ],
  [
    "a login without an issuer",
    "prod",
    { ...argocd, "delivery.argocd.sso": { ...login, issuer: "login" } },
    "argocd.sso.issuer",
    /./,
  ],
  [
    "the secret itself",
    "prod",
    { ...argocd, "delivery.argocd.sso": { ...login, clientSecret: "hunter2" } },
    "argocd.sso.clientSecret",
    /./,
  ],
  [
    "a group without a name",
    "prod",
    { ...argocd, "delivery.argocd.groups": { operators: "" } },
    "argocd.groups.operators",
    /./,
  ],
  [
    "Argo CD in a namespace that it delivers to, where Git could write its settings",
    "prod",
    { ...argocd, "delivery.argocd.namespace": "mmorpg-game" },
    "argocd.namespace",
    /a namespace of its own/,
  ],
  [
    "a password in an address of ssh",
    "prod",
    { ...argocd, "delivery.argocd.repository.url": "ssh://git:hunter2@github.com/your-org/realmgrid.git" },
    "argocd.repository.url",
    /without credentials/,
  ],
  [
    "a folder above the repository",
    "prod",
    { ...argocd, "delivery.argocd.repository.path": "rendered/../.." },
    "argocd.repository.path",
    /a folder such as/,
  ],
  [
    "a group that would become two rules",
    "prod",
    { ...argocd, "delivery.argocd.groups.developers": "cn=game,ou=dev" },
    "argocd.groups.developers",
    /without comma/,
  ],
  [
    "a namespace in capitals",
    "prod",
    { ...argocd, "delivery.argocd.namespace": "ArgoCD" },
    "argocd.namespace",
    /lower-case/,
  ],
];

describe("the configuration of delivery", () => {
  for (const [what, stack, changes, path, want] of wrong) {
    it(`has one mistake, where it stands: ${what}`, () => {
      const mistake = onlyMistake(stack, changes);
      assert.equal(mistake.path, `delivery.${path}`);
      assert.match(mistake.want, want);
      assert.doesNotMatch(JSON.stringify({ ...mistake, got: "" }), /hunter2|ghp_abc/);
    });
  }

  it("has one mistake, in the region: a time zone that nobody knows", () => {
    const mistake = onlyMistake("prod", { "regions.us-west.timeZone": "Mars/Olympus_Mons" });
    assert.deepEqual(
      [mistake.path, mistake.want],
      ["regions.us-west.timeZone", "a time zone such as America/Los_Angeles"],
    );
  });

  it("says what would happen, for each region that a wave forgets or repeats", () => {
    const { why = "" } = onlyMistake("prod", {
      ...hub,
      "delivery.argocd.waves": [["us-west"], ["us-west", "ap-south"]],
    });
    assert.match(why, /eu-west would never get a change; us-east would never get a change/);
    assert.match(why, /us-west would be in two waves; ap-south does not run/);
  });

  it("says how to mend a missing repository, and a hub that the waves need", () => {
    assert.match(onlyMistake("dev", { "delivery.mode": "argocd" }).fix ?? "", /npm run render.*delivery\.mode: pulumi/);
    const waves = { ...argocd, "delivery.argocd.waves": [["us-west"]] };
    assert.match(onlyMistake("dev", waves).fix ?? "", /name a hub.*syncWindow/);
  });

  it("has none where everything is named, with a hub and without", () => {
    for (const changes of [
      argocd,
      hub,
      { ...hub, "delivery.argocd.waves": [["eu-west"], ["us-east", "us-west"]] },
      { ...argocd, "delivery.argocd.sso": login, "delivery.argocd.notifications": { channel: "deployments" } },
      { ...argocd, "delivery.argocd.syncWindow": {} },
      { "delivery.argocd.repository": repository },
    ]) {
      assert.deepEqual(mistakePaths("prod", changes), [], JSON.stringify(changes));
    }
  });

  for (const url of [
    "https://github.com/your-org/realmgrid.git",
    "https://gitlab.example.com:8443/group/realmgrid",
    "ssh://git@github.com/your-org/realmgrid.git",
    "git@github.com:your-org/realmgrid.git",
  ]) {
    it(`takes the address ${url}`, () => {
      assert.deepEqual(mistakePaths("prod", { ...argocd, "delivery.argocd.repository.url": url }), []);
    });
  }

  it("is the engine's alone where a stack says nothing, as both stacks ship", () => {
    for (const stack of ["dev", "prod"] as const) {
      const { mode, handOver, argocd: own } = configOf(stack).delivery;
      assert.deepEqual([mode, handOver, own.hub, own.repository], ["pulumi", false, undefined, undefined], stack);
    }
  });
});
