"""What an operator is told of an error: one line that names the cause."""

import re
import traceback


def one_line(error: BaseException) -> str:
    """Return `error` in one line, without passwords."""
    text = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return re.sub(r"://[^@/\s]+@", "://…@", first)


def where(error: BaseException) -> str:
    """Return where in the code `error` arose: what the log of an error needs that may name nobody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
