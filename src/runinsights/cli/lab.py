"""`runinsights lab`."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runinsights.cli.options import add_database, command, existing
from runinsights.cli.terminal import FINE, Progress, say

FIRST = "what_got_worse.ipynb"


def add_lab(commands: Any) -> None:
    """Add the command."""
    text = "Open JupyterLab on a copy of the notebooks, on your database or on demo data."
    parser = command(commands, "lab", _lab, text)
    add_database(parser)
    folder = Path("runinsights-notebooks")
    parser.add_argument("--dir", type=Path, default=folder, metavar="DIR", help=f"where the copies are ({folder})")
    parser.add_argument("--force", action="store_true", help="replace copies that you have changed")
    parser.add_argument("--port", type=int, default=8888, metavar="N", help="the first port to try (default: 8888)")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")


def _lab(options: Any) -> int:
    from runinsights.engine.url import VARIABLE

    lab = _jupyterlab()
    url = options.database or os.environ.get(VARIABLE)
    with ExitStack() as stack:
        if url:
            os.environ[VARIABLE] = _reached(url)
        else:
            _make_demo(Path(stack.enter_context(TemporaryDirectory(prefix="runinsights-"))) / "demo.sqlite")
        copy_notebooks(options.dir, force=options.force)
        _serve(lab.initialize_server(argv=_arguments(options)))
    return FINE


def _serve(server: Any) -> None:
    """Serve until Ctrl-C, which ends server and kernels in order and without a question."""

    def stop(_: int, __: object) -> None:
        server.stop(from_signal=True)

    signal.signal(signal.SIGINT, stop)
    server.start()


def _jupyterlab() -> Any:
    try:
        from jupyterlab.labapp import LabApp  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ImportError("the lab needs JupyterLab: pip install 'runinsights[notebooks]'", name=error.name) from None
    return LabApp


def _reached(url: str) -> str:
    """The URL of a database that answers and has the schema; a file's path is made absolute for the notebooks."""
    import runinsights as ri
    from runinsights.engine.url import parse_url

    with ri.connect(existing(url), deadline=10.0, min_size=1, max_size=1) as db:
        db.count_threads("nobody")
    target = parse_url(url)
    file = target.backend == "sqlite" and not target.in_memory
    return f"sqlite:///{Path(target.address).resolve()}" if file else url


def _make_demo(path: Path) -> None:
    """A file of demo data that goes with the lab, so that no notebook has to make its own."""
    import runinsights as ri
    from runinsights.demo import seed_demo
    from runinsights.notebook import DEMO_FILE, DEMO_RUNS

    progress = Progress()
    with ri.connect(f"sqlite:///{path}") as db:
        db.migrate()
        seed_demo(db, DEMO_RUNS, progress=lambda done: progress(f"{done:,} of {DEMO_RUNS:,} demo runs made"))
    progress.done()
    os.environ[DEMO_FILE] = str(path)


def copy_notebooks(folder: Path, *, force: bool) -> None:
    """Copy the package's notebooks; one that is there and differs stays unless `force`."""
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted(notebooks_root().iterdir(), key=lambda path: path.name):
        copy, ours = folder / notebook.name, notebook.read_bytes()
        if copy.suffix != ".ipynb" or (copy.exists() and copy.read_bytes() == ours):
            continue
        if copy.exists() and not force:
            say(f"kept {copy}, which is not as it was delivered; --force replaces it")
        else:
            copy.write_bytes(ours)


def notebooks_root() -> Traversable:
    """The package's notebooks: inside the wheel, or at the top of a source checkout."""
    packaged = files("runinsights").joinpath("notebooks")
    if packaged.joinpath(FIRST).is_file():
        return packaged
    checkout = Path(__file__).parents[3] / "notebooks"
    if (checkout / FIRST).is_file():
        return checkout
    raise FileNotFoundError("the package's notebooks/ folder is missing; install runinsights again")


def _arguments(options: Any) -> list[str]:
    """JupyterLab's own: on loopback, with its token."""
    return [
        f"--ServerApp.root_dir={options.dir.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={options.port}",
        f"--ServerApp.open_browser={not options.no_browser}",
        "--ServerApp.allow_root=True",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]
