"""`runinsights doctor`: checks of a live database; each is a function in the list below."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from runinsights.cli.options import add_database, command, existing
from runinsights.cli.terminal import FINE, FOUND, say
from runinsights.errors import QueryFileError

if TYPE_CHECKING:
    from runinsights.findings import Finding


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether the options ask for it, and how it finds what there is to know."""

    name: str
    is_asked: Callable[[Any], bool]
    run: Callable[[Any], Iterator[Finding]]


def add_doctor(commands: Any) -> None:
    """Add the command."""
    text = "Check the database and whether the queries fit it; name what is wrong and the command that mends it."
    parser = command(commands, "doctor", _doctor, text)
    parser.add_argument(
        "--queries",
        metavar="DIR",
        nargs="?",
        const="",
        help="prepare every query of DIR (default: this package's) and compare columns and types",
    )
    parser.add_argument("--out", metavar="PATH", help="the module generated from DIR (default: looked for beside it)")
    add_database(parser)
    parser.add_argument("--json", action="store_true", help="findings as JSON")


def _doctor(options: Any) -> int:
    asked = [check for check in CHECKS if check.is_asked(options)] or CHECKS
    try:
        found = [(check.name, finding) for check in asked for finding in check.run(options)]
    except QueryFileError as error:
        return say(str(error), FOUND)
    differences = sum(finding.fails for _, finding in found)
    if options.json:
        listed = [{"check": name, **asdict(finding)} for name, finding in found]
        print(json.dumps({"differences": differences, "findings": listed}, ensure_ascii=False, indent=2))
    else:
        for _, finding in found:
            print(finding)
        say(f"{', '.join(check.name for check in asked)}: {differences or 'nothing'} to mend")
    return FOUND if differences else FINE


def _queries(options: Any) -> Iterator[Finding]:
    from runinsights.codegen.doctor import Subject, findings

    subject = Subject.of_folder(options.queries, options.out) if options.queries else Subject.own()
    return findings(subject, options.database)


def _database(options: Any) -> Iterator[Finding]:
    import runinsights as ri
    from runinsights.doctor import examine

    with ri.connect(existing(options.database), min_size=1, max_size=1) as db:
        yield from examine(db)


CHECKS = [
    Check("database", lambda _: False, _database),
    Check("queries", lambda options: options.queries is not None, _queries),
]
