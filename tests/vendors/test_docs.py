"""docs/vendor-api.md says what the code does."""

import hmac
import re
from hashlib import sha256
from pathlib import Path

from bot.providers.sts_signature import signature
from domain.vendors.capabilities import EVERYTHING
from sandbox.vendor import faults
from tests.vendors.emulator import Emulator

PAGE = (Path(__file__).parents[2] / "docs" / "vendor-api.md").read_text(encoding="utf-8")


def test_the_worked_example_is_right() -> None:
    block = re.search(r"```\nsecret +(\S+)\nbody +(.+)\n\n(.+\n.+\n.+\n.+\n.+)\n\nsignature +(\S+)\n```", PAGE)
    assert block is not None
    secret, body, text, wanted = block.groups()
    method, target, timestamp, nonce, digest = text.split("\n")
    assert sha256(body.encode()).hexdigest() == digest
    assert hmac.new(secret.encode(), text.encode(), "sha256").hexdigest() == wanted
    assert signature(secret, method, target, timestamp, nonce, body.encode()) == wanted


def test_every_call_code_fault_and_capability_is_described(box: Emulator) -> None:
    folder = Path(faults.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    said = set(re.findall(r"`([a-z_0-9]+)`", PAGE))
    refused = set(re.findall(r'ApiError\(\s*\d+,\s*"([a-z_]+)"', code)) - {"internal", "key"}
    assert refused <= said
    assert set(faults.KINDS) | set(faults.OPERATIONS) <= said
    assert {capability.value for capability in EVERYTHING} <= said
    rules = {re.sub(r"<\w+>", "", rule) for rule in box.paths()}
    assert all(rule.rstrip("/") in re.sub(r"<\w+>", "", PAGE) for rule in rules)
