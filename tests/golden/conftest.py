"""The tours are those of a company that sends mails too."""

import pytest


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "no-reply@noor.example"}
