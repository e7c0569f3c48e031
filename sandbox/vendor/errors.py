"""What the API refuses."""


class ApiError(Exception):
    """A refusal: an HTTP status, a code for machines and a sentence for people."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
