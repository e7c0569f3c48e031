"""What an operator is told of an error: one line that names the cause."""

import re


def one_line(error: BaseException) -> str:
    """Return `error` in one line, without passwords."""
    text = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return re.sub(r"://[^@/\s]+@", "://…@", first)
