#!/bin/bash
# Harbor's verifier in the agent's own container: hidden and existing tests judge the work tree; the reward is 1 or 0.
here="$(cd "$(dirname "$0")" && pwd)"
work="${WORKSPACE:-/workspace}"
logs="${LOGS:-/logs/verifier}"
mkdir -p "$logs"
rm -rf "$work/sympy/utilities/hidden" "$logs/report.xml"
mkdir -p "$work/sympy/utilities/hidden"
cp -R "$here/hidden/." "$work/sympy/utilities/hidden"
cd "$work" || exit 1
python3 -m pytest -p no:cacheprovider --junitxml="$logs/report.xml" sympy/utilities/hidden sympy/utilities/tests/test_deprecated.py sympy/utilities/tests/test_exceptions.py sympy/utilities/tests/test_decorator.py sympy/core/tests/test_containers.py sympy/core/tests/test_basic.py sympy/testing/tests/test_deprecated.py sympy/calculus/tests/test_finite_diff.py sympy/tensor/tests/test_indexed.py sympy/polys/tests/test_polyclasses.py sympy/geometry/tests/test_point.py
python3 "$here/verdict.py" "$here/ids.json" "$logs/report.xml" > "$logs/reward.txt"
