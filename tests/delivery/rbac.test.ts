import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { argocdValues } from "../../components/delivery/values.ts";
import { configOf } from "../support/stacks.ts";
import { projects } from "./support/argo-objects.ts";
import { delivering } from "./support/delivered.ts";
import { judgeOf, type Person } from "./support/rbac.ts";

const developer = { groups: ["your-org:developers"] };
const operator = { groups: ["your-org:sre-team"] };
const nobody = { groups: [] };
const stranger = { groups: ["your-org:sales", "proj", "role"] };
/** Groups of an identity provider may have any name, that of a role too; none may be one of Argo CD's own. */
const people = { developer, operator, nobody, stranger };

const game = "mmorpg-game/mmorpg-game-us-west";
const ads = "ad-platform/ad-platform-us-west";

/** What is wanted, and which of the people may. */
const table: [what: string, resource: string, action: string, object: string, may: (keyof typeof people)[]][] = [
  ["look at an Application", "applications", "get", game, ["developer", "operator"]],
  ["look at an Application of the ads", "applications", "get", ads, ["developer", "operator"]],
  ["look at the project", "projects", "get", "mmorpg-game", ["developer", "operator"]],
  ["read logs, a right of its own since Argo CD 3", "logs", "get", game, ["developer", "operator"]],
  ["sync", "applications", "sync", game, ["operator"]],
  ["sync local files instead of what Git says", "applications", "override", game, ["operator"]],
  ["change the Application, as a roll-back does", "applications", "update", game, ["operator"]],
  ["restart a Deployment", "applications", "action/apps/Deployment/restart", game, ["operator"]],
  ["delete a pod that hangs", "applications", "delete//Pod/mmorpg-game/game-server-abc", game, ["operator"]],
  ["pause a Deployment", "applications", "action/apps/Deployment/pause", game, []],
  ["restart a world", "applications", "action/apps/StatefulSet/restart", game, []],
  ["delete a world", "applications", "delete/apps/StatefulSet/mmorpg-game/world-0", game, []],
  ["delete the Application", "applications", "delete", game, []],
  ["change an object past Git", "applications", "update/apps/Deployment/mmorpg-game/auth-service", game, []],
  ["create an Application", "applications", "create", "mmorpg-game/another", []],
  ["open a shell in a pod", "exec", "create", game, []],
  ["create an ApplicationSet", "applicationsets", "create", "mmorpg-game/another", []],
  ["delete an ApplicationSet", "applicationsets", "delete", "mmorpg-game/mmorpg-game", []],
  ["look into another project", "applications", "get", "default/guestbook", []],
  ["sync in another project", "applications", "sync", "default/guestbook", []],
  ["sync in a project whose name begins alike", "applications", "sync", "mmorpg-game-old/app", []],
  ["change the project", "projects", "update", "mmorpg-game", []],
  ["read clusters", "clusters", "get", "https://kubernetes.default.svc", []],
  ["add a repository", "repositories", "create", "mmorpg-game/https://example.com/other.git", []],
  ["make an account", "accounts", "update", "admin", []],
];

describe("rights in Argo CD", function () {
  this.timeout(120_000);
  let judge: Awaited<ReturnType<typeof judgeOf>>;
  let syncing: Awaited<ReturnType<typeof judgeOf>>;
  const values = argocdValues(configOf("prod", delivering()).delivery.argocd) as {
    configs: { rbac: Record<string, string> };
  };

  before(async () => {
    const role = values.configs.rbac["policy.default"] ?? "role:readonly";
    const hub = { "delivery.argocd.hub": "us-west" };
    judge = await judgeOf(await projects("prod", delivering(hub)), role);
    const sync = delivering({ ...hub, "delivery.argocd.developersSync": true });
    syncing = await judgeOf(await projects("prod", sync), role);
  });

  for (const [what, resource, action, object, may] of table) {
    it(`let ${may.length === 0 ? "nobody" : may.map((one) => `${one}s`).join(" and ")} ${what}`, async () => {
      const allowed: string[] = [];
      for (const [name, person] of Object.entries(people)) {
        if (await judge(person, { resource, action, object })) allowed.push(name);
      }
      assert.deepEqual(allowed, may);
    });
  }

  it("let developers sync only where the stack says so, and nothing more", async () => {
    for (const [what, resource, action, object] of table) {
      const wish = { resource, action, object };
      const more = action === "sync" && (object === game || object === ads);
      assert.equal(await syncing(developer, wish), more || (await judge(developer, wish)), what);
      assert.equal(await syncing(nobody, wish), false, what);
    }
  });

  it("are none by default: whoever is logged in could read everything with a default role", async () => {
    assert.equal(values.configs.rbac["policy.default"], "");
    const open = await judgeOf([], "role:readonly");
    assert.equal(await open(nobody, { resource: "applications", action: "get", object: "default/guestbook" }), true);
  });

  it("are those of a person's groups and not of others': a developer who is an operator too may do both", async () => {
    const both: Person = { groups: [...developer.groups, ...operator.groups] };
    assert.equal(await judge(both, { resource: "applications", action: "sync", object: game }), true);
    assert.equal(await judge(both, { resource: "exec", action: "create", object: game }), false);
  });

  it("follow the groups of the stack file", async () => {
    const changes = delivering({ "delivery.argocd.groups": { developers: "players-team", operators: "night-shift" } });
    const renamed = await judgeOf(await projects("dev", changes), "");
    const sync = { resource: "applications", action: "sync", object: game };
    assert.equal(await renamed({ groups: ["night-shift"] }, sync), true);
    assert.equal(await renamed(operator, sync), false);
    assert.equal(await renamed({ groups: ["players-team"] }, { ...sync, action: "get" }), true);
  });
});
