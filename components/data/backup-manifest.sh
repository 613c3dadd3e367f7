# What the backup scripts share: the manifest, which says what a backup holds. Read with ".", never run by itself.
# A manifest is a text of lines, written last; a backup without one does not count:
#   format 1
#   store mysql                      kind of the store
#   stamp 20261125-031500            name of the backup: its time, UTC
#   time 1795576500                  the same in seconds since 1970
#   server 8.4.10                    version of the server
#   position ...                     GTID set or place in the log; absent where a store has none
#   database FILE NAME, slots FILE RANGES, dbsize FILE KEYS    about single files, where a store has it
#   count ROWS NAME                  rows of a table, keys of a file: what a restore must bring back
#   objects NUMBER NAME              the same for what has no rows: views, routines, triggers, events
#   file SHA256 BYTES NAME           every file beside the manifest
#   end SHA256                       sum of all lines before, so that a cut manifest is noticed

manifest_format=1

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }
bytes_of() { echo $(($(wc -c <"$1"))); }

# manifest_begin FOLDER STORE: empties the folder of what a run before has left, and takes the time of the backup.
manifest_begin() {
  backup=$1
  mkdir -p "$backup" || fail "cannot write to $backup"
  rm -rf "${backup:?}"/*
  now=$(date -u '+%Y%m%d-%H%M%S %s')
  printf 'format %s\nstore %s\nstamp %s\ntime %s\n' "$manifest_format" "$2" "${now% *}" "${now#* }" \
    >"$backup/manifest.part" || fail "cannot write to $backup"
}

manifest_add() { printf '%s\n' "$*" >>"$backup/manifest.part" || fail "cannot write to $backup"; }

# manifest_file NAME: a file that is complete.
manifest_file() {
  [ -s "$backup/$1" ] || fail "$1 is empty"
  manifest_add "file $(sum_of "$backup/$1") $(bytes_of "$backup/$1") $1"
}

manifest_end() {
  manifest_add "end $(sum_of "$backup/manifest.part")"
  mv "$backup/manifest.part" "$backup/manifest" || fail "cannot write to $backup"
  bytes=$(awk '$1 == "file" { sum += $3 } END { printf "%.0f\n", sum }' "$backup/manifest")
  echo "dumped $(manifest_value "$backup" store) $(manifest_value "$backup" stamp):" \
    "$(manifest_total "$backup") rows or keys, $bytes bytes"
}

# manifest_value FOLDER KEY: the rest of the first line with that key.
manifest_value() { sed -n "s/^$2 //p" "$1/manifest" | head -n 1; }
manifest_total() { awk '$1 == "count" { sum += $2 } END { printf "%.0f\n", sum }' "$1/manifest"; }
manifest_counts() { grep '^count \|^objects ' "$1/manifest"; }

# manifest_whole FOLDER: refuses a manifest that is cut, changed, or of a format that this script does not know.
manifest_whole() {
  [ -f "$1/manifest" ] || fail "$1 has no manifest, so it is no complete backup"
  ending=$(tail -n 1 "$1/manifest")
  [ "${ending%% *}" = end ] || fail "the manifest of $1 is cut: it has no end"
  [ "$(sed '$d' "$1/manifest" | sha256sum | cut -d ' ' -f 1)" = "${ending#end }" ] ||
    fail "the manifest of $1 is changed: its own sum is another"
  found=$(manifest_value "$1" format)
  [ "$found" = "$manifest_format" ] || fail "the manifest of $1 has format $found, want $manifest_format"
  # Names come from a place that others may write to.
  if sed -n 's/^file [0-9a-f]* [0-9]* //p' "$1/manifest" | grep -q '/\|^\.'; then
    fail "the manifest of $1 names files outside of its folder"
  fi
}

# manifest_verify FOLDER: every file that the manifest names is there, whole and unchanged.
manifest_verify() {
  manifest_whole "$1"
  grep -q '^file ' "$1/manifest" || fail "the manifest of $1 names no file"
  sed -n 's/^file //p' "$1/manifest" >"$1/manifest.files" || fail "cannot write to $1"
  while read -r sum bytes name; do
    [ -f "$1/$name" ] || fail "$name is missing from $1"
    [ "$(bytes_of "$1/$name")" = "$bytes" ] || fail "$name has $(bytes_of "$1/$name") bytes, its manifest says $bytes"
    [ "$(sum_of "$1/$name")" = "$sum" ] || fail "$name is changed: its sum is not that of its manifest"
  done <"$1/manifest.files"
  rm -f "$1/manifest.files"
}

# manifest_same FOLDER FILE: the lines "count ROWS NAME" of a restored store are those of the manifest.
manifest_same() {
  manifest_counts "$1" | LC_ALL=C sort >"$2.wanted"
  LC_ALL=C sort "$2" >"$2.found"
  [ "$(sum_of "$2.wanted")" != "$(sum_of "$2.found")" ] || return 0
  # Lines of both sides by what they count, so that a difference reads as one.
  awk '{ name = substr($0, length($1) + length($2) + 3) }
    FNR == NR { wanted[name] = $2; next }
    { found[name] = $2 }
    END {
      for (name in wanted) if (!(name in found)) print name ": missing, want " wanted[name]
      for (name in found) if (!(name in wanted)) print name ": not in the backup"
      else if (wanted[name] != found[name]) print name ": " found[name] ", want " wanted[name]
    }' "$2.wanted" "$2.found" | LC_ALL=C sort | head -n 20 >&2
  fail "the restored store does not hold what its manifest says"
}

# checks_pass FOLDER SUFFIX COMMAND...: runs the command with each check's file; a check passes when it prints nothing.
checks_pass() {
  folder=$1 suffix=$2
  shift 2
  checks=0
  for check in "$folder"/*".$suffix"; do
    [ -f "$check" ] || continue
    "$@" "$check" >"$TMPDIR/check" 2>&1 || fail "check ${check##*/} did not run: $(head -n 3 "$TMPDIR/check")"
    if grep -q . "$TMPDIR/check"; then fail "check ${check##*/} found: $(head -n 3 "$TMPDIR/check")"; fi
    checks=$((checks + 1))
  done
}

# proof FOLDER WHERE STARTED: the one line that a restore is reported with.
proof() {
  finished=$(date -u +%s)
  echo "restored $(manifest_value "$1" store) backup $(manifest_value "$1" stamp) into $2:" \
    "$(((finished - $(manifest_value "$1" time)) / 60)) min old, $(manifest_total "$1") rows or keys in" \
    "$(manifest_counts "$1" | grep -c '^count ') tables or files as in the manifest, $checks checks," \
    "$((finished - $3)) s"
}

# secret_value NAME: a value of the mounted Secret in SECRET_FOLDER; it must stay out of arguments.
secret_value() { cat "$SECRET_FOLDER/$1" || fail "the Secret has no $1"; }
