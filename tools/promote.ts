/** `npm run promote -- STACK`: writes image digests into a stack file, and nothing else. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { projectFolder, readStackFile } from "./offline/stack-file.ts";
import { imageKeys, section, wantedImages, withImages } from "./pipelines/images.ts";
import { paint, table } from "./table.ts";

await main({
  help: `npm run promote -- STACK NAME=IMAGE... [--json]
npm run promote -- STACK NAME... --from OTHER [--json]

Writes images into ${section} of Pulumi.STACK.yaml, by digest. Nothing is applied: commit the file, review it as every
change. With --from it takes what another stack has, so that prod gets exactly the image that was tested in dev.

  STACK    stack file that is written, for example dev
  NAME     one of ${imageKeys.join(", ")}
  IMAGE    name:tag@sha256:... or name@sha256:...
  --from   stack whose images are taken
  --json   what was written as JSON
`,
  options: { from: { type: "string" }, json: { type: "boolean" } },
  positionals: ["STACK", "NAME..."],
  async run({ options, positionals: [stack = "", ...requests] }) {
    if (requests.length === 0) throw new UsageError("want at least one NAME=IMAGE");
    const imagesOf = (name: string) => (readStackFile(name)[section] ?? {}) as Record<string, unknown>;
    const before = imagesOf(stack);
    const { from } = options;
    const source = typeof from === "string" ? { stack: from, images: imagesOf(from) } : undefined;
    const images = wantedImages(requests, source);
    const file = join(projectFolder, `Pulumi.${stack}.yaml`);
    writeFileSync(file, withImages(readFileSync(file, "utf8"), images));
    const rows = [...images].map(([key, image]) => [key, String(before[key] ?? "the default"), image]);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify({ stack, images: Object.fromEntries(images) }, null, 2)}\n`
        : `${table(["image", "was", "is"], rows)}\n\n${paint("green", "ok")}  Pulumi.${stack}.yaml: commit it, then npm run preview -- ${stack}\n`,
    );
    return 0;
  },
});
