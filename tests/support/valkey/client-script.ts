/** The client that the agent finds on its PATH in tests. */

/**
 * Stands for the client in front of the real one: resolves names as the cluster's DNS would, refuses calls across a cut,
 * and writes down every argument.
 */
export const clientScript = `#!/bin/sh
echo "\${POD_NAME:-} $*" >> "$TEST_FOLDER/argv"
before=
count=$#
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  if [ "$before" = -h ]; then
    if [ -e "$TEST_FOLDER/hosts/$word" ]; then word=$(cat "$TEST_FOLDER/hosts/$word"); fi
    if grep -qsx "\${POD_NAME:-} $word" "$TEST_FOLDER/cut"; then
      echo "Could not connect to $word: cut" >&2
      exit 1
    fi
  fi
  set -- "$@" "$word"
  before=$word
  count=$((count - 1))
done
LD_LIBRARY_PATH=$TEST_LIBRARIES exec "$TEST_CLIENT" "$@"
`;
