/** Backups as the dump scripts leave them, made without a store, and places where they are kept. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Programs } from "./programs.ts";

/** SHA-256 in hexadecimal digits. */
export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Name of a backup of a moment: its time, UTC. */
export function stampOf(time: Date): string {
  const [date = "", clock = ""] = time.toISOString().split("T");
  return `${date.replaceAll("-", "")}-${clock.slice(0, 8).replaceAll(":", "")}`;
}

/** A moment so many hours ago. */
export function hoursAgo(hours: number): Date {
  return new Date(Date.now() - hours * 3_600_000);
}

/** Writes lines as a manifest, with their sum at the end. */
export function writeManifest(folder: string, lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join("");
  writeFileSync(join(folder, "manifest"), `${text}end ${sha256(text)}\n`);
}

/** Lines of a manifest without its end. */
export function manifestLines(folder: string): string[] {
  return readFileSync(join(folder, "manifest"), "utf8").trimEnd().split("\n").slice(0, -1);
}

/** Replaces the dump in a folder by one of that moment with these files. */
export function writeDump(folder: string, time: Date, files: Readonly<Record<string, string | Buffer>>): string {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  const stamp = stampOf(time);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeManifest(folder, [
    "format 1",
    "store mysql",
    `stamp ${stamp}`,
    `time ${Math.floor(time.getTime() / 1000)}`,
    "server 8.4.10",
    "count 3 mmorpg.players",
    ...Object.entries(files).map(([name, content]) => `file ${sha256(content)} ${Buffer.byteLength(content)} ${name}`),
  ]);
  return stamp;
}

/** Environment of rclone for a folder of this machine as the place of backups. */
export function localTarget(programs: Programs, name: string, store = "mysql"): Record<string, string> {
  return { RCLONE_CONFIG_BACKUP_TYPE: "local", REMOTE_PATH: programs.room(name), STORE: store };
}
