/** Official builds, fetched by pinned address and checked against the published sum. */
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunCommand } from "./tool-cache.ts";
import type { Download } from "./tool-specs.ts";

/** A slow or unreachable server must become an error, not a wait without end. */
const timeoutMilliseconds = 300_000;

/** Fetches one file of a release into the folder. */
export async function download(item: Download, folder: string, run: RunCommand): Promise<void> {
  const body = await fetchBytes(item.url);
  if (item.sumUrl) checkSum(item, body, (await fetchBytes(item.sumUrl)).toString("utf8"));
  if (item.unpack === undefined) {
    const file = join(folder, item.file);
    writeFileSync(file, body);
    chmodSync(file, 0o755);
    return;
  }
  const archive = join(folder, basename(item.url));
  writeFileSync(archive, body);
  await run("tar", ["-xzf", archive, "-C", folder, `--strip-components=${item.unpack}`], { folder });
  rmSync(archive);
  // An archive that has changed its layout must be noticed here and not when the program is started.
  readFileSync(join(folder, item.file));
}

/** Throws unless the published list of sums has the sum of this content. The list may also be one bare sum. */
export function checkSum(item: Pick<Download, "url" | "sumUrl">, body: Buffer, published: string): void {
  const name = basename(item.url);
  const lines = published
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  const wanted = lines.length === 1 ? lines[0]?.[0] : lines.find(([, file]) => file === name)?.[0];
  const got = createHash("sha256").update(body).digest("hex");
  if (wanted === undefined) throw new Error(`${item.sumUrl} has no sum for ${name}`);
  if (got !== wanted) throw new Error(`${item.url}: SHA-256 is ${got}, want ${wanted} as ${item.sumUrl} says`);
}

/** The content behind an address. */
export async function fetchBytes(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new Error(`cannot download ${url}: ${cause instanceof Error ? cause.message : cause}`, { cause: error });
  }
}
