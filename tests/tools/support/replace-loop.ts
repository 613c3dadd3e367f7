/**
 * Replaces a folder by one tree and then by another until it is killed: `node replace-loop.ts FOLDER`. Says "ready" when
 * it has begun.
 */
import { replaceFolder } from "../../../tools/offline/write-files.ts";
import { marker, tree } from "./trees.ts";

const folder = process.argv[2] ?? "";
process.stdout.write("ready\n");
for (let generation = 1; ; generation++) replaceFolder(folder, tree(generation), marker);
