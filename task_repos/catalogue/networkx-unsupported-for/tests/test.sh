#!/bin/bash
# Harbor's verifier in the agent's own container: hidden and existing tests judge the work tree; the reward is 1 or 0.
here="$(cd "$(dirname "$0")" && pwd)"
work="${WORKSPACE:-/workspace}"
logs="${LOGS:-/logs/verifier}"
mkdir -p "$logs"
rm -rf "$work/networkx/utils/hidden" "$logs/report.xml"
mkdir -p "$work/networkx/utils/hidden"
cp -R "$here/hidden/." "$work/networkx/utils/hidden"
cd "$work" || exit 1
python3 -m pytest -p no:cacheprovider --junitxml="$logs/report.xml" networkx/utils networkx/algorithms/tests/test_wiener.py networkx/algorithms/tests/test_core.py networkx/algorithms/components networkx/algorithms/tree networkx/algorithms/operators networkx/linalg networkx/drawing/tests/test_latex.py
python3 "$here/verdict.py" "$here/ids.json" "$logs/report.xml" > "$logs/reward.txt"
