#!/bin/bash
set -e
cd "${WORKSPACE:-/workspace}"
python3 "$(dirname "$0")/codemod.py" .
