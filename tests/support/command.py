"""The command line inside this process: as an operator's, without the price of starting an interpreter."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from deploy import cli


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    returncode: int
    stdout: str
    stderr: str


def paidan(*words: str, **environment: str) -> Done:
    """`paidan WORDS` with these variables laid over the environment."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with patch.dict("os.environ", environment), redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main(list(words))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Done(code, out.getvalue(), err.getvalue())
