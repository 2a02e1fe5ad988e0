"""`python -m partners.sandbox` as an operator starts and stops it."""

import re
import signal
import subprocess
import sys

import httpx


def test_the_sandbox_starts_says_where_it_is_and_stops_cleanly():
    command = [sys.executable, "-m", "partners.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = re.search(r"http://\S+", process.stdout.readline()).group()
            contents = httpx.get(url).json()
        finally:
            process.send_signal(signal.SIGTERM)

    assert process.returncode == 0
    assert "banque-exemple" in contents["lenders"]


def test_a_taken_port_is_told_with_what_to_do(sandbox):
    port = sandbox.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "partners.sandbox", "--port", port]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr == f"Port {port} is taken: stop what uses it or choose --port.\n"
