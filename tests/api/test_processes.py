"""A service follows the ``make`` that started it, and nobody else."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc, which only Linux has")

FOLLOWER = """
import sys, time
from recommender.api.processes import follow_make
follow_make()
print("following", flush=True)
sys.stdin.readline()
time.sleep(1.0)
print("alive", flush=True)
"""
PARENT = """
import ctypes, signal, subprocess, sys
follower, name = sys.argv[1:]
PR_SET_NAME = 15
ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())
signal.signal(signal.SIGINT, lambda *_: None)  # as a shell does while it waits for a command
child = subprocess.Popen([sys.executable, "-c", follower], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert child.stdout.readline() == "following\\n"
signal.signal(signal.SIGINT, signal.SIG_DFL)  # and no longer once that has ended
said, _ = child.communicate("\\n")
print(said.strip(), child.returncode)
"""


@pytest.mark.parametrize(("parent", "outcome"), [("bash", "alive 0"), ("make", f"{-signal.SIGINT}")])
def test_only_a_make_that_drops_its_handler_ends_its_service(parent: str, outcome: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT, FOLLOWER, parent],
        env={**os.environ, "MAKELEVEL": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == outcome
