#!/bin/bash
# Harbor's verifier in the agent's own container: hidden and existing tests judge the work tree; the reward is 1 or 0.
here="$(cd "$(dirname "$0")" && pwd)"
work="${WORKSPACE:-/workspace}"
logs="${LOGS:-/logs/verifier}"
mkdir -p "$logs"
rm -rf "$work/tests/hidden" "$logs/report.xml"
mkdir -p "$work/tests/hidden"
cp -R "$here/hidden/." "$work/tests/hidden"
cd "$work" || exit 1
python3 -m pytest -p no:cacheprovider --junitxml="$logs/report.xml" tests/hidden tests/test_util tests/test_extensions/test_ext_todo.py tests/test_extensions/test_ext_math.py tests/test_domains/test_domain_std.py tests/test_builders/test_build_text.py tests/test_events.py tests/test_project.py
python3 "$here/verdict.py" "$here/ids.json" "$logs/report.xml" > "$logs/reward.txt"
