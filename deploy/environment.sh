#!/bin/sh
# Builds .venv out of requirements.txt, every package checked against its hash. Called by `make env`.
set -eu
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "Python 3.11 or newer is needed: install the system package python3.11 (or newer), or set PYTHON to one." >&2
    exit 1
fi

# Debian splits venv off Python. It is a piece of Python itself, so it is installed where that is allowed.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! sh deploy/install.sh "python$version-venv"; then
        echo "Python's venv is missing: install the system package python$version-venv." >&2
        exit 1
    fi
fi

rm -rf .venv
"$python" -m venv .venv
.venv/bin/pip --disable-pip-version-check --quiet install --require-hashes --requirement requirements.txt
.venv/bin/pip --disable-pip-version-check --quiet install --no-deps --editable .
touch .venv/complete
