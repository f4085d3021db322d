#!/bin/bash
# Applies the known solution to the repository in /workspace.
set -e
here="$(cd "$(dirname "$0")" && pwd)"
cd "${WORKSPACE:-/workspace}"
patch --strip=1 --no-backup-if-mismatch --input="$here/fix.patch"
