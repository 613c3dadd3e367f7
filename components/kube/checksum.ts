/** Checksums that roll pods when something changes that they read at their start only. */
import { createHash } from "node:crypto";

/** Checksum of plain content; `generations` stand for Secrets, whose content is not plain. */
export function contentChecksum(content: unknown, ...generations: readonly number[]): string {
  return createHash("sha256")
    .update(JSON.stringify([content, ...generations]))
    .digest("hex")
    .slice(0, 16);
}
