"""Starts a PgBouncer in transaction mode in front of a server, as the user that the machine has for it."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """\
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
admin_users = postgres
ignore_startup_parameters = extra_float_digits
logfile = {folder}/log
"""


def programs() -> list[str]:
    """The PgBouncers of this machine: those that RUNINSIGHTS_PGBOUNCER names, else the one on PATH."""
    named = os.environ.get("RUNINSIGHTS_PGBOUNCER", "")
    found = [path for path in named.split(os.pathsep) if path]
    return found or [path for path in [shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")] if path]


def version(program: str) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"[\d.]+", shown)[0]


@contextmanager
def running(program: str, socket_folder: str, extra: str = "") -> Iterator[int]:
    """The port of a PgBouncer that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="runinsights-pgb-") as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder = Path(name)
        port = free.getsockname()[1]
        free.close()
        config = folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(host=socket_folder, port=port, folder=folder) + extra)
        command = [program, str(config)]
        if os.geteuid() == 0:  # it refuses to run as root
            user = pwd.getpwnam("nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            command[1:1] = ["-u", "nobody"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(log.read_text() if log.exists() else "PgBouncer did not start") from None
            time.sleep(0.05)
