"""The daemon as its user starts it: a process of its own, on the example site."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

START = "from noonward.cli.main import main; main()"
POLICIES = Path(__file__).parents[2] / "policies"


def noonward(*arguments, state, check=True, **more):
    """Run a command to its end."""
    environ = {**os.environ, "NOONWARD_STATE": str(state), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", START, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=check,
        timeout=60,
        **more,
    )


class Daemon:
    """A running daemon; ``url`` is its page's."""

    def __init__(self, process, log):
        self.process = process
        self.log = log
        self.url = ""

    def wait_for_url(self):
        for line in self.process.stderr:
            self.log.append(line)
            if found := re.search(r"url=(http://\S+)", line):
                self.url = found[1]
                return
        raise AssertionError("the daemon ended: " + "".join(self.log))

    def stop(self, number=signal.SIGTERM):
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=20)
        self.log.append(rest)
        return self.process.returncode


@contextmanager
def daemon(folder, state, *, cwd=None):
    """Start a daemon on any free port; it is gone when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, "run", str(folder), "--state", str(state), "--http", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
    )
    running = Daemon(process, [])
    try:
        running.wait_for_url()
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        if not process.stderr.closed:
            process.communicate()
