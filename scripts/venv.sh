# Sourced by the scripts beside it. `use_venv FILE` makes .venv if needed and installs FILE's packages into it
# if they changed. Says in one line what is missing and exits with 3 if it cannot.

missing() {
    echo "$1" >&2
    exit 3
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    missing "Repaint needs Python 3.11 or newer, and there is none here: install python3 (Debian, Ubuntu: apt install python3 python3-venv)."
}

use_venv() {
    local requirements=$1 python stamp wanted
    stamp=.venv/.installed-$(basename "$requirements")
    wanted=$(cat requirements.txt "$requirements" | cksum)
    if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    python=$(find_python) || exit 3
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            missing "Python's venv module is missing: install it (Debian, Ubuntu: apt install python3-venv) and run this again."
        rm -rf .venv
        "$python" -m venv .venv >.venv.log 2>&1 || missing "The virtual environment could not be made: $(tail -n 1 .venv.log)"
        rm -f .venv.log
    fi
    echo "Installing what $requirements lists into .venv (only the first time, or when it has changed) …" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >.venv/pip.log 2>&1 ||
        missing "Packages could not be installed (is the network there?): $(grep -i error .venv/pip.log | tail -n 1 || true)
The whole story is in .venv/pip.log."
    echo "$wanted" >"$stamp"
}
