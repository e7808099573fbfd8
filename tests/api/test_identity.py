"""Whom a browser may speak for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from identity_tokens import sign
from storefronts import Spy, Tokens, make_app, opened

from recommender.api.identity import Identities, new_secret
from recommender.api.problems import Refusal
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.errors import SettingsError
from recommender.domain.keys import KeyClass

NOW = 1_800_000_000
HOUR = 3600
SECRET, OLDER = "a" * 32, "b" * 32
BOTH = Identities.parse(f"new:{SECRET};old:{OLDER}")


def token(customer: str = "c1", *, key_id: str = "new", secret: str = SECRET, expires: int = NOW + HOUR) -> str:
    return sign(customer, key_id=key_id, secret=secret, expires=expires)


def test_a_token_proves_its_customer_until_it_expires() -> None:
    assert BOTH.verify(token(), NOW) == "c1"
    assert BOTH.verify(token(), NOW + HOUR - 1) == "c1"
    assert BOTH.examine(token(), NOW + HOUR).failure == "expired"


def test_two_secrets_are_believed_while_one_replaces_the_other() -> None:
    assert BOTH.verify(token(key_id="old", secret=OLDER), NOW) == "c1"
    after = Identities.parse(f"new:{SECRET}")
    assert after.verify(token(), NOW) == "c1"
    assert after.verify(token(key_id="old", secret=OLDER), NOW) is None


def test_any_customer_id_survives_the_journey() -> None:
    for customer in ("żółw", "a.b:c", "0" * 128, "x y"):
        assert BOTH.verify(token(customer), NOW) == customer


@pytest.mark.parametrize(
    "false",
    [
        "",
        "v1",
        token()[:-1],
        token() + "0",
        token() + "\n",
        token().upper(),
        token().replace("v1.", "v2.", 1),
        token().replace(".new.", ".old.", 1),
        token().replace(".new.", ".gone.", 1),
        token().replace("6331", "6332", 1),
        token().replace(str(NOW + HOUR), str(NOW + HOUR + 1)),
        token(secret=OLDER),
        token(expires=NOW + 25 * HOUR),
        token().replace(str(NOW + HOUR), "١" * 10),
        "v1.new.zz.1800000000." + "0" * 64,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjMSJ9.",
    ],
)
def test_a_token_that_is_not_exactly_ours_proves_nobody(false: str) -> None:
    found = BOTH.examine(false, NOW)
    assert (found.customer_id, found.failure) == (None, "invalid")


def test_without_secrets_no_proof_holds() -> None:
    assert Identities({}).verify(token(), NOW) is None


def test_a_proof_of_one_customer_beside_the_name_of_another_proves_nobody() -> None:
    assert BOTH.examine(token("c1"), NOW, claimed="c2").failure == "mismatch"
    assert BOTH.examine(token("c1"), NOW, claimed="c1").customer_id == "c1"


@pytest.mark.parametrize(
    "text", ["short:abc", "noid", f"a:{SECRET};a:{OLDER}", f"a:{SECRET};b:{OLDER};c:{'c' * 32}", f"ż:{SECRET}"]
)
def test_secrets_that_are_weak_or_unreadable_are_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Identities.parse(text)
    assert text.partition(":")[2] not in str(caught.value) or ":" not in text


def test_a_new_secret_is_one_the_setting_takes() -> None:
    made = new_secret()
    key_id, _, secret = made.partition(":")
    assert Identities.parse(made).verify(token(key_id=key_id, secret=secret), NOW) == "c1"


def test_the_python_sample_of_the_page_makes_a_token_we_believe() -> None:
    page = (Path(__file__).parents[2] / "docs/identity.md").read_text(encoding="utf-8")
    sample = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    code = sample + f'\nprint(identity("żółw", "new:{SECRET}"))'
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    import time

    assert BOTH.verify(made, time.time()) == "żółw"


IDS = VisitorIds(b"k" * 32)
CALLERS = Callers(identities=BOTH, visitors=IDS, wall=lambda: NOW)


def who(key_class: KeyClass, **said: str | None) -> tuple[str | None, str | None, str | None]:
    found = CALLERS.of(key_class, **{"visitor_id": None, "customer_id": None, "identity": None, **said})
    return found.person.customer_id, found.person.visitor_id, found.notice


def test_a_public_key_sees_the_proven_customer_and_no_other() -> None:
    assert who(KeyClass.PK, visitor_id="v7", customer_id="c2") == (None, "v7", None)
    assert who(KeyClass.PK, visitor_id="v7", identity=token()) == ("c1", "v7", None)
    assert who(KeyClass.PK, visitor_id="v7", customer_id="c2", identity=token()) == (None, "v7", "mismatch")
    assert who(KeyClass.PK, visitor_id="v7", identity=token(expires=NOW)) == (None, "v7", "expired")
    assert who(KeyClass.PK, identity="forged") == (None, None, "invalid")


def test_a_servers_key_may_name_anybody() -> None:
    assert who(KeyClass.SK, visitor_id="v7", customer_id="c2") == ("c2", "v7", None)


def test_an_id_that_cannot_be_printed_is_refused() -> None:
    with pytest.raises(Refusal):
        who(KeyClass.PK, visitor_id="a\x00b")


def test_an_id_of_ours_counts_and_a_forged_one_is_nobody() -> None:
    made = IDS.issue()
    other = made[:-1] + ("0" if made[-1] != "0" else "1")
    assert IDS.accept(made, KeyClass.PK) == made
    assert IDS.accept(other, KeyClass.PK) is None
    assert VisitorIds(b"x" * 32).accept(made, KeyClass.PK) is None
    assert IDS.accept(other, KeyClass.SK) == other


def test_ids_of_the_shops_own_making_count_unless_only_signed_ones_do() -> None:
    strict = VisitorIds(b"k" * 32, signed_only=True)
    assert IDS.accept("v7", KeyClass.PK) == "v7"
    assert strict.accept("v7", KeyClass.PK) is None
    assert strict.accept("v7", KeyClass.SK) == "v7"
    assert strict.accept(IDS.issue(), KeyClass.PK) is not None


def test_a_browser_gets_an_id_it_did_not_choose_and_no_two_are_equal(tmp_path: Path) -> None:
    with opened(tmp_path) as stores:
        tokens = Tokens(stores)
        client = make_app(keys=tokens.ring, callers=CALLERS, recommend=Spy()).test_client()
        first = client.post(f"/v1/visitors?key={tokens.pk}", json={"visitor_id": "mine"})
        second = client.post(f"/v1/visitors?key={tokens.pk}")
        assert (first.status_code, sorted(first.get_json())) == (201, ["expires", "visitor_id"])
        assert first.get_json()["visitor_id"] != second.get_json()["visitor_id"]
        assert IDS.accept(first.get_json()["visitor_id"], KeyClass.PK)
