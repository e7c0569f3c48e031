"""`raseed sts` as an operator runs it: no variables, no database, no Redis."""

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import raseed
from tests.sts.vectors import KEY, TABLES, VECTORS

KEY_OPTIONS = [part for name, value in KEY.items() for part in (f"--{name}", str(value))]
CREDIT = ["--cls", "0", "--sub", "0", "--rnd", "5", "--when", "2014-03-01T13:00", "--amount-kwh", "0.1"]
TOKEN = "58625789986991357486"


@pytest.mark.parametrize("command", [["issue"], ["decode"]])
def test_help_has_examples(command: list[str]) -> None:
    done = raseed("sts", *command, "--help")
    assert done.returncode == 0
    assert b"Examples" in done.stdout


def test_lines_are_answered_in_order() -> None:
    given = "".join(json.dumps(vector) + "\n" for vector in VECTORS) + "no json\n"
    lines = [json.loads(line) for line in raseed("sts", "issue", given=given.encode()).stdout.splitlines()]
    for vector, said in zip(VECTORS, lines[:-1], strict=True):
        assert said.get("token") == vector["token"] or (vector["ea"] == "07" and said["error"] == "tables")
    assert lines[-1]["error"] == "json"


def test_one_token_by_options() -> None:
    done = raseed("sts", "issue", *CREDIT, *KEY_OPTIONS)
    assert json.loads(done.stdout) == {"token": TOKEN}
    done = raseed("sts", "decode", "5862", "5789", "9869", "9135", "7486", *KEY_OPTIONS)
    assert json.loads(done.stdout)["amount_kwh"] == 0.1
    assert json.loads(raseed("sts", "decode", "00000000000201328896").stdout)["control"] == "0x4"


def test_the_vending_key_from_the_environment() -> None:
    without = KEY_OPTIONS[: KEY_OPTIONS.index("--vk")] + KEY_OPTIONS[KEY_OPTIONS.index("--vk") + 2 :]
    done = raseed("sts", "issue", *CREDIT, *without, environment={"STS_VENDING_KEY_201457_1": str(KEY["vk"])})
    assert json.loads(done.stdout) == {"token": TOKEN}


def test_a_key_change_by_options() -> None:
    done = raseed("sts", "issue", "--cls", "2", *KEY_OPTIONS, "--new-krn", "2")
    assert len(json.loads(done.stdout)["tokens"]) == 4


def test_a_refusal_of_one_token_is_one_line() -> None:
    done = raseed("sts", "decode", "58625789986991357487", *KEY_OPTIONS)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().startswith("raseed: crc: ")
    assert len(done.stderr.splitlines()) == 1


def test_ea07_with_the_operators_tables(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    file.write_text(json.dumps({"S1": TABLES.first, "S2": TABLES.second, "P": TABLES.permutation}))
    options = [option if option != "11" else "07" for option in KEY_OPTIONS]
    issued = raseed("sts", "issue", *CREDIT, *options, environment={"STS_EA07_TABLES": str(file)})
    read = raseed("sts", "decode", json.loads(issued.stdout)["token"], *options, "--ea07-tables", str(file))
    assert json.loads(read.stdout)["tid"] == 85740


@pytest.mark.parametrize("content", [None, "{}", "\udcff"])
def test_tables_that_are_none_are_one_line(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    if content is not None:
        file.write_bytes(content.encode(errors="surrogateescape"))
    done = raseed("sts", "issue", environment={"STS_EA07_TABLES": str(file)})
    assert done.returncode == 1
    assert done.stderr.decode().startswith("raseed: STS_EA07_TABLES: ")
    assert len(done.stderr.splitlines()) == 1
