/** Every family of the pack, in the order in which people read about them. */
import type { Family } from "../core/rule.ts";
import { access } from "./access/family.ts";
import { autoscaling } from "./autoscaling/family.ts";
import { availability } from "./availability/family.ts";
import { dataProtection } from "./data-protection/family.ts";
import { images } from "./images/family.ts";
import { naming } from "./naming/family.ts";
import { network } from "./network/family.ts";
import { ownership } from "./ownership/family.ts";
import { podSecurity } from "./pod-security/family.ts";
import { quotas } from "./quota/family.ts";
import { removedApis } from "./removed-apis/family.ts";
import { resources } from "./resources/family.ts";
import { secrets } from "./secrets/family.ts";

/** All families. */
export const families: readonly Family[] = [
  podSecurity,
  images,
  ownership,
  access,
  secrets,
  availability,
  autoscaling,
  naming,
  resources,
  quotas,
  removedApis,
  dataProtection,
  network,
];
