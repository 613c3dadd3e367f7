/** Receivers of `realmgrid:monitoring`: who is told of alerts. */
import { z } from "zod";
import { field, objectName } from "./fields.ts";

/** A value that is read from a Secret of yours in the monitoring namespace. */
const secretKey = (what: string) => ({
  secretName: field(objectName.min(1), {
    description: `Name of an existing Secret in the monitoring namespace with ${what}`,
    effect: "rolling",
    source: "your accounts",
  }),
  key: field(
    z
      .string()
      .regex(/^[-._a-zA-Z0-9]+$/, { error: "a key of a Secret" })
      .default("value"),
    {
      description: "Key of that Secret",
      effect: "in place",
      source: "judgement",
    },
  ),
});

const receiverKind = <T extends string>(value: T) =>
  field(z.literal(value), {
    description: "Who is told: webhook, slack or pagerduty",
    effect: "in place",
    source: "your accounts",
  });

/** Who is told, by kind. */
export const Receiver = z.discriminatedUnion("kind", [
  z.strictObject({ kind: receiverKind("webhook"), ...secretKey("the address that is called") }),
  z.strictObject({
    kind: receiverKind("slack"),
    ...secretKey("the address of the incoming webhook"),
    channel: field(z.string().regex(/^#[^\s]+$/, { error: "a channel such as #game-alerts" }), {
      description: "Channel",
      effect: "in place",
      source: "your accounts",
    }),
  }),
  z.strictObject({ kind: receiverKind("pagerduty"), ...secretKey("the integration key (Events API v2)") }),
]);

/** A receiver that may be absent; `what`: who that is, and what they hear. */
export const receiver = (what: string) =>
  field(Receiver.optional(), { description: what, effect: "rolling", source: "your accounts" });

/** Who is told of alerts. */
export type ReceiverConfig = z.output<typeof Receiver>;
