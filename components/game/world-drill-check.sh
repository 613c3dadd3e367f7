#!/bin/sh
# Reads a restored volume of a world and says whether it is whole.
# Environment: WORLD_FOLDER.
# A world that writes `world.manifest` (lines "SHA256  PATH", as sha256sum prints them) is compared with it. Without one
# every file must be readable, and one at least must not be empty.
set -u

cd "$WORLD_FOLDER" || exit 1
list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT

# lost+found is the file system's own and belongs to root.
find . -path ./lost+found -prune -o -type f -print >"$list" || { echo "the volume cannot be read" >&2 && exit 1; }
files=$(wc -l <"$list")
[ "$files" -gt 0 ] || { echo "the volume holds no file" >&2 && exit 1; }

if [ -e world.manifest ]; then
  [ -s world.manifest ] || { echo "world.manifest is empty" >&2 && exit 1; }
  sha256sum -c world.manifest >"$list" 2>&1 || {
    echo "the volume is not what world.manifest says:" >&2
    grep -v ': OK$' "$list" | head -n 10 >&2
    exit 1
  }
  echo "world whole: $(grep -c . world.manifest) files as in world.manifest"
  exit 0
fi

bytes=0
while IFS= read -r file; do
  cat "$file" >/dev/null || { echo "$file cannot be read" >&2 && exit 1; }
  bytes=$((bytes + $(wc -c <"$file")))
done <"$list"
[ "$bytes" -gt 0 ] || { echo "every file of the volume is empty" >&2 && exit 1; }
echo "world readable: $((files)) files, $bytes bytes; it writes no world.manifest to compare with"
