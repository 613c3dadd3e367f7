/** Building blocks of the configuration schema: documented fields, quantities, names. */
import { z } from "zod";
import { isCron } from "../kube/cron.ts";
import { isName } from "../kube/names.ts";
import { isBytes, isCpu } from "../kube/quantities.ts";

/** What a change of a field does to running systems. */
export const effects = {
  none: "Nothing running changes: only reports, checks or generated files.",
  "in place": "Objects are updated, no pod restarts but those of Prometheus, whose size follows from what it scrapes.",
  rolling: "Pods are replaced step by step under their disruption budget; players are drained.",
  replace: "Objects are deleted and created again; what they serve is away in between.",
  "data at risk": "Player data can become unreachable or be lost: plan a migration.",
} as const;

/** Key of `effects`. */
export type Effect = keyof typeof effects;

/** What docs/configuration.md says about a field besides its type, default and range. */
export interface About {
  /** One sentence, without the unit. */
  description: string;
  /** What a change does in a running stack. */
  effect: Effect;
  /** Where the default or the limit comes from: the original design, an upstream document, arithmetic, judgement. */
  source: string;
  /** Unit of a number, when it has one. */
  unit?: string;
  /** What goes wrong with a value out of range; shown in the error. */
  why?: string;
}

/** Attaches the documentation to a field; the last call in a chain, so that it belongs to the outermost type. */
export function field<T extends z.ZodType>(type: T, about: About): T {
  return type.meta({ ...about });
}

const cpuText = 'a CPU quantity as text, such as "500m" or "2"';
const sizeText = 'a binary size such as "512Mi" or "2Gi" (not "2G" or "2GB")';

/** A CPU quantity such as "500m" or "2". */
export const cpu = z.string({ error: cpuText }).refine(isCpu, { error: cpuText });

/** A binary size such as "512Mi" or "2Gi". */
export const binarySize = z.string({ error: sizeText }).refine(isBytes, { error: sizeText });

/** A cron schedule of five fields, UTC. */
export const cron = z
  .string()
  .refine(isCron, { error: "five cron fields within their ranges, for example 15 */6 * * *" });

/** A lower-case DNS label of at most `limit` characters. */
export function dnsName(limit = 63): z.ZodString {
  return z.string().max(limit).refine(isName, {
    error: 'a name of lower-case letters, digits and "-" that starts and ends with one of the former',
  });
}

/** An address of a web service. */
export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s"']+$/, { error: "an address such as https://example.com/path" });

/** A host name with its domain. */
export const hostName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/, { error: "a host name such as api.example.com" });

/** Name of an object that is not ours: a DNS subdomain of at most 253 characters; empty where that means the default. */
export const objectName = z
  .string()
  .max(253)
  .regex(/^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: 'the name of an object: lower-case letters, digits, "-" and "."',
  });

/** CPU and memory of a container, as `["500m", "1Gi"]`. */
export interface ResourceDefaults {
  requests: [cpu: string, memory: string];
  limits: [cpu: string, memory: string];
}

/** Requests and limits of a container; `effect` where a change does not roll the pods. */
export function resources(defaults: ResourceDefaults, source: string, effect: Effect = "rolling") {
  const size = (which: string, [cpuDefault, memoryDefault]: [string, string]) =>
    z
      .strictObject({
        cpu: field(cpu.default(cpuDefault), { description: `CPU ${which} of a container`, effect, source }),
        memory: field(binarySize.default(memoryDefault), {
          description: `Memory ${which} of a container`,
          effect,
          source,
        }),
      })
      .prefault({});
  return z
    .strictObject({ requests: size("request", defaults.requests), limits: size("limit", defaults.limits) })
    .prefault({});
}
