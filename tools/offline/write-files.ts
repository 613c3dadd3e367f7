/** Writes generated files: a folder all or nothing, stale files removed; or one file. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";

/** What a folder's content lacks to be what should be there. */
export interface FolderDifference {
  missing: string[];
  changed: string[];
  stale: string[];
}

function filesBelow(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}

/** Compares a folder with the files that should be in it. */
export function compareFolder(folder: string, files: ReadonlyMap<string, string>): FolderDifference {
  const present = existsSync(folder) ? filesBelow(folder) : [];
  const there = new Set(present);
  return {
    missing: [...files.keys()].filter((path) => !there.has(path)).sort(),
    changed: [...files]
      .filter(([path, text]) => there.has(path) && readFileSync(join(folder, path), "utf8") !== text)
      .map(([path]) => path)
      .sort(),
    stale: present.filter((path) => !files.has(path)).sort(),
  };
}

/** Beginning of the names of what a run writes beside its folder. */
function besides(target: string): string {
  return `.${basename(target)}-new-`;
}

/** What a run left that was killed or failed: half of a new folder, or the old one that it had moved out of the way. */
function putBack(target: string): void {
  if (!existsSync(dirname(target))) return;
  const prefix = besides(target);
  // Six characters are what mkdtemp adds: a folder `a` does not touch what a folder `a-new-b` left.
  const left = readdirSync(dirname(target)).filter(
    (name) => name.startsWith(prefix) && /^\w{6}(-old)?$/.test(name.slice(prefix.length)),
  );
  for (const path of left.map((name) => join(dirname(target), name))) {
    if (path.endsWith("-old") && !existsSync(target)) renameSync(path, target);
    else rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Replaces a folder by the files. They are written beside it first and then take its place by rename, so that a reader
 * or a crash never meets half of them; what a killed run left is put back by the next. A folder with other content than
 * an earlier run's is refused, so that a slip in `--out` deletes nothing: its `marker.file` must begin with
 * `marker.text`.
 */
export function replaceFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  marker: { file: string; text: string },
): FolderDifference {
  const target = resolve(folder);
  putBack(target);
  const present = existsSync(target) ? readdirSync(target) : [];
  const isOurs = () => readFileSync(join(target, marker.file), "utf8").startsWith(marker.text);
  if (present.length > 0 && !(present.includes(marker.file) && isOurs())) {
    throw new UserError(
      `${folder} has files, but no ${marker.file} that begins with "${marker.text}", so it is not an output of this command: nothing was written.`,
    );
  }
  const difference = compareFolder(target, files);
  mkdirSync(dirname(target), { recursive: true });
  const fresh = mkdtempSync(join(dirname(target), besides(target)));
  const old = `${fresh}-old`;
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), text);
    }
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    putBack(target);
  }
  return difference;
}

/** Writes one file. It takes its place by rename, so that nobody ever reads half of it. */
export function writeFile(file: string, text: string): void {
  const target = resolve(file);
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`${file} is a folder: nothing was written.`);
  }
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), besides(target)));
  try {
    writeFileSync(join(folder, "file"), text);
    renameSync(join(folder, "file"), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
