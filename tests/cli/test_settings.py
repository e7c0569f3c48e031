"""A bad environment is one clear line that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings

GOOD = {
    "DATABASE_URL": "postgres://u:p@h/d",
    "REDIS_URL": "redis://h",
    "PUBLIC_BASE_URL": "https://bot.example.com/",
    "SECRET_KEY": "0123456789abcdef",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "first, second",
}


def test_a_good_environment() -> None:
    settings = read_settings(GOOD)
    assert settings.public_base_url == "https://bot.example.com"
    assert settings.auth_tokens == ("first", "second")
    assert "u:p" not in repr(settings)
    assert "first" not in repr(settings)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({key: value for key, value in GOOD.items() if key != name})
    assert str(error.value) == f"{name} is missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://h/d"),
        ("REDIS_URL", "localhost"),
        ("PUBLIC_BASE_URL", "bot.example.com"),
        ("PUBLIC_BASE_URL", "https://bot.example.com/?a=1"),
        ("SECRET_KEY", "short"),
        ("TWILIO_ACCOUNT_SID", "SK123"),
        ("TWILIO_AUTH_TOKEN", " , "),
        ("MOYASAR_SECRET_KEY", "pk_test_publishable"),
        ("MOYASAR_API_BASE_URL", "api.moyasar.com/v1"),
        ("LOG_LEVEL", "LOUD"),
        ("RASEED_CLOCK_FILE", "clock"),
    ],
)
def test_what_is_malformed_is_named_in_one_line_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({**GOOD, name: value})
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from-the-file\n")
    given = {key: value for key, value in GOOD.items() if key != "TWILIO_AUTH_TOKEN"}
    assert read_settings({**given, "TWILIO_AUTH_TOKEN_FILE": str(secret)}).auth_tokens == ("from-the-file",)
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN_FILE"):
        read_settings({**given, "TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "nowhere")})


@pytest.mark.parametrize("command", [["-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"], ["worker.py"]])
def test_the_service_does_not_start_and_says_why(command: list[str]) -> None:
    environment = {**os.environ, **GOOD, "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode != 0
    assert "raseed: REDIS_URL is missing" in done.stderr
    assert "Traceback" not in done.stderr


HTTP_VENDOR = {
    "STS_VENDOR": "http",
    "STS_API_BASE_URL": "http://127.0.0.1:8001/vendor/",
    "STS_API_KEY": "key",
    "STS_API_SECRET": "not-to-be-shown",
    "STS_MERCHANT_ID": "noor",
}


def test_a_vendor_is_whole_or_a_line_names_what_is_missing() -> None:
    settings = read_settings({**GOOD, **HTTP_VENDOR})
    assert (settings.sts_api_timeout, settings.sts_api_base_url) == (60_000, "http://127.0.0.1:8001/vendor")
    assert "not-to-be-shown" not in repr(settings)
    with pytest.raises(SettingsError, match="STS_API_SECRET, STS_MERCHANT_ID missing: STS_VENDOR is http"):
        read_settings({**GOOD, **HTTP_VENDOR, "STS_API_SECRET": "", "STS_MERCHANT_ID": ""})


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("STS_VENDING_KEY_123456_1", "0011", "STS_VENDING_KEY_123456_1 has 2 bytes; "),
        ("STS_VENDING_KEY_123456_1", "secret", "STS_VENDING_KEY_123456_1 is not hexadecimal"),
        ("STS_VENDING_KEY_123456", "00" * 20, "STS_VENDING_KEY_123456: the name ends with"),
        ("STS_EA07_TABLES", "/nowhere", "STS_EA07_TABLES: /nowhere: No such file"),
    ],
)
def test_a_malformed_vending_key_is_named_and_not_shown(name: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({**GOOD, "STS_VENDOR": "embedded", name: value})
    assert str(error.value).startswith(complaint)
    assert "secret" not in str(error.value)
