"""Identities made by the samples of docs/identity.md, each run by its own language, hold before the service's verifier."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from doc_samples import DOCS, answer, blocks, program

from recommender.api.identity import Identities, new_secret

CUSTOMERS = ["17719", "anna@example.com", "Zażółć – № 7", "o'hara\"\\$x"]
LANGUAGES = ["python", "php", "js"]
Signer = Callable[[str, str], str]
"""(customer id, ``<key id>:<secret>``) → what the sample makes of them."""


def sample(language: str) -> str:
    (found,) = [
        code for code in blocks((DOCS / "identity.md").read_text(encoding="utf-8"), language) if "identity(" in code
    ]
    return found


@pytest.fixture(params=LANGUAGES)
def sign(request: pytest.FixtureRequest, tmp_path: Path, say_missing: Callable[[str], None]) -> Signer:
    """The sample of one language, called with its arguments in files, so that nothing of them is code."""
    code = sample(request.param)
    if request.param == "python":
        command = [sys.executable, "-"]
        call = "\nprint(identity(open('customer', encoding='utf-8').read(), open('key').read()))\n"
    elif request.param == "php":
        command = [program("php", "php-cli", say_missing)]
        code = f"<?php declare(strict_types=1);\n{code}"
        call = "\necho identity(file_get_contents('customer'), file_get_contents('key'));\n"
    else:
        command = [program("node", "nodejs", say_missing), "--input-type=module", "-"]
        code = f'import {{ readFileSync }} from "node:fs";\n{code}'
        call = '\nconsole.log(identity(readFileSync("customer", "utf8"), readFileSync("key", "utf8")));\n'

    def signer(customer_id: str, key: str) -> str:
        (tmp_path / "customer").write_text(customer_id, encoding="utf-8")
        (tmp_path / "key").write_text(key)
        return answer(command, code + call, cwd=tmp_path)

    return signer


@pytest.mark.parametrize("customer_id", CUSTOMERS)
def test_what_a_sample_signs_proves_the_customer(sign: Signer, customer_id: str) -> None:
    key = new_secret()
    assert Identities.parse(key).verify(sign(customer_id, key), time.time()) == customer_id


def test_an_altered_identity_proves_nobody(sign: Signer) -> None:
    key = new_secret()
    token = sign("c1", key)
    identities = Identities.parse(key)
    version, key_id, _, expires, mac = token.split(".")
    altered = [
        ".".join([version, key_id, b"c2".hex(), expires, mac]),
        ".".join([version, key_id, b"c1".hex(), str(int(expires) + 60), mac]),
        token[:-1] + ("0" if token[-1] != "0" else "1"),
    ]
    assert [identities.verify(one, time.time()) for one in altered] == [None, None, None]


def test_an_identity_ends_and_another_shop_does_not_believe_it(sign: Signer) -> None:
    key = new_secret()
    token = sign("c1", key)
    assert Identities.parse(key).examine(token, time.time() + 25 * 3600).failure == "expired"
    assert Identities.parse(new_secret()).examine(token, time.time()).failure == "invalid"


def test_a_secret_with_colons_is_used_whole(sign: Signer) -> None:
    key = f"k1:{'a:b' * 12}"
    assert Identities.parse(key).verify(sign("c1", key), time.time()) == "c1"
