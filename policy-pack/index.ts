/** The pack as the engine starts it: the only place with a `PolicyPack`, since making one starts a server. */
import { type Policies, PolicyPack } from "@pulumi/policy";
import { familyPolicy } from "./host.ts";
import { families } from "./rules/families.ts";

const today = new Date().toISOString().slice(0, 10);

new PolicyPack("realmgrid", {
  enforcementLevel: "mandatory",
  policies: families.map((family) => familyPolicy(family, today)) as Policies,
});
