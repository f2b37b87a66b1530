"""The keeper of an embedded server: its parent process, which stops it when the last user is gone.

Every user of a server holds a shared lock on the file `watched`. Locks die with their process, however it
ends, so the keeper only has to wait for the exclusive lock. Run as a script, by path, with nothing but the
standard library: it must start fast and must not depend on the environment of whoever came first.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_GRACE = 30.0
_started: list[subprocess.Popen[bytes]] = []

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    class _Overlapped(ctypes.Structure):
        _fields_ = (
            ("internal", ctypes.c_void_p),
            ("internal_high", ctypes.c_void_p),
            ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD),
            ("event", wintypes.HANDLE),
        )

    def lock(fd: int, *, shared: bool = False, wait: bool = True) -> bool:
        """Lock an open file until it is closed; False where `wait` is off and somebody else has it."""
        handle, kernel = wintypes.HANDLE(msvcrt.get_osfhandle(fd)), ctypes.windll.kernel32
        flags = (0 if shared else 2) | (0 if wait else 1)
        kernel.UnlockFileEx(handle, 0, 1, 0, ctypes.byref(_Overlapped()))
        return bool(kernel.LockFileEx(handle, flags, 0, 1, 0, ctypes.byref(_Overlapped())))

else:
    import fcntl

    def lock(fd: int, *, shared: bool = False, wait: bool = True) -> bool:
        """Lock an open file until it is closed; False where `wait` is off and somebody else has it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(fd, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def open_lock(path: Path) -> int:
    """The descriptor of a lock file, made where it is missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def start_keeper(place: Path, spec: dict[str, Any], env: dict[str, str]) -> None:
    """Start a keeper for the server in `place`; it is on duty, or has given up, when this returns."""
    command = [sys.executable, "-I", "-S", __file__, str(place), json.dumps(spec)]
    with (place / "log").open("ab") as log:
        if sys.platform == "win32":
            flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
            _started.append(subprocess.Popen(command, stdout=log, stderr=log, env=env, creationflags=flags))
        else:
            null = subprocess.DEVNULL
            subprocess.run(command, stdin=null, stdout=log, stderr=log, env=env, start_new_session=True)


def keep(place: Path, spec: dict[str, Any]) -> None:
    """Run the server until it ends by itself or nobody uses it any more."""
    identity: dict[str, Any] = spec["identity"]
    server = subprocess.Popen(spec["command"], stdin=subprocess.DEVNULL, **identity)

    def stop(*_: object) -> None:
        subprocess.run(spec["stop"], stdin=subprocess.DEVNULL, timeout=_GRACE, **identity)

    deserted = threading.Event()

    def watch() -> None:
        lock(open_lock(place / "watched"))
        deserted.set()
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            stop()
            server.wait(_GRACE)
        server.kill()

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=watch, daemon=True).start()
    server.wait()
    if deserted.is_set():
        for path in spec["remove"]:
            shutil.rmtree(path, ignore_errors=True)


def main(place: Path, spec: dict[str, Any]) -> None:
    """Take the keeper's lock, let the starter go on, and keep."""
    os.chdir(os.path.abspath(os.sep))
    if lock(open_lock(place / "keeper"), wait=False) and (sys.platform == "win32" or os.fork() == 0):
        keep(place, spec)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
