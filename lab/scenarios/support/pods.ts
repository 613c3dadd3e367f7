/** Pods as scenarios see them. */
import type { V1Pod } from "@kubernetes/client-node";

/** Ready, and not on its way out. */
export function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  return ready && metadata?.deletionTimestamp === undefined;
}
