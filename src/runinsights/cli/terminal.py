"""What every command shows: its parser, its messages, its progress and its exit codes."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from typing import NoReturn

FINE, FOUND, COULD_NOT_RUN, USAGE = 0, 1, 4, 64


class Parser(argparse.ArgumentParser):
    """Ends with 64 on a usage error, so that a typo never looks like a failed check; proposes the nearest option."""

    def error(self, message: str) -> NoReturn:
        """Print the message and end with 64."""
        self.print_usage(sys.stderr)
        raise SystemExit(say(f"{self.prog}: {message}", USAGE))

    def nearest(self, unknown: str) -> str:
        """A hint at the option that an unknown word may mean."""
        near = get_close_matches(unknown.split("=")[0], list(self._option_string_actions), 1, 0.5)
        return f"; did you mean {near[0]}?" if near else ""


def say(text: str, code: int = FINE) -> int:
    """Tell the person at the terminal; stdout stays for results."""
    print(text, file=sys.stderr, flush=True)
    return code


class Progress:
    """One line that is rewritten on a terminal; on anything else a line a step."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        """Show the state of long work."""
        print(
            f"\r\x1b[K{text}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def done(self) -> None:
        """End the line."""
        if self._terminal:
            print(file=sys.stderr)
