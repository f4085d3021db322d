#!/bin/bash
# Harbor's verifier in the agent's own container: the hidden tests judge the work tree; the reward is 1 or 0.
here="$(cd "$(dirname "$0")" && pwd)"
work="${WORKSPACE:-/workspace}"
logs="${LOGS:-/logs/verifier}"
mkdir -p "$logs" "$work/tests"
rm -rf "$work/tests/hidden" "$logs/report.xml"
cp -R "$here/hidden" "$work/tests/hidden"
cd "$work" || exit 1
python3 -m pytest -p no:cacheprovider --junitxml="$logs/report.xml" tests/hidden tests/test_assets.py tests/test_book.py tests/test_documents.py tests/test_foundations.py tests/test_records.py tests/test_year.py
python3 "$here/verdict.py" "$here/ids.json" "$logs/report.xml" > "$logs/reward.txt"
