"""Without its extra, a door says which one to install; and the core opens none of them."""

from __future__ import annotations

import subprocess
import sys

import pytest


def fresh(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("door", "missing"),
    [("fastapi", "fastapi"), ("fastapi", "pydantic"), ("langgraph", "langgraph"), ("langgraph", "langchain_core")],
)
def test_a_missing_package_is_one_import_error_that_names_the_install_line(door: str, missing: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
try:
    import runinsights.integrations.{door}
except ImportError as error:
    assert error.__suppress_context__
    print(error)
"""
    assert fresh(code).endswith(f"pip install 'runinsights[{door}]'")


def test_compat_and_functions_as_messages_need_no_extra() -> None:
    code = """
import sys
sys.modules["langgraph"] = sys.modules["langchain_core"] = sys.modules["fastapi"] = None
import runinsights.compat as compat
async def messages(owner, thread_id): return []
compat.configure(messages=messages)
print("fine")
"""
    assert fresh(code) == "fine"
