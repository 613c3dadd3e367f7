/** Small trees that tell one another apart, for tests of a folder that is replaced. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a folder of generated files begins with. */
export const marker = { file: "INDEX.md", text: "# Objects of stack" };

/** Files of a generation. Every one says which; one in two generations has a file that the others have not. */
export function tree(generation: number): Map<string, string> {
  const names = ["us-west/game/Service-a.yaml", "us-west/game/Service-b.yaml", "eu-west/ads/Deployment-c.yaml"];
  const files = new Map([[marker.file, `${marker.text} dev\n\n${generation}\n`]]);
  for (const name of generation % 2 === 0 ? names : [...names, "us-west/game/Service-odd.yaml"]) {
    files.set(name, `generation: ${generation}\n`);
  }
  return files;
}

/** Files below a folder by their paths. */
export function filesBelow(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const paths = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path), "utf8")]));
}

/** The generation whose tree is there as a whole; undefined where it is none. */
export function wholeGeneration(files: ReadonlyMap<string, string>): number | undefined {
  const generation = Number(/\n(\d+)\n$/.exec(files.get(marker.file) ?? "")?.[1]);
  if (!Number.isInteger(generation)) return undefined;
  const wanted = tree(generation);
  const same = wanted.size === files.size && [...wanted].every(([path, text]) => files.get(path) === text);
  return same ? generation : undefined;
}
