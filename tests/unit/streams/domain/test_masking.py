"""Masking: what looks like a number of a person goes, what does not stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dispatch import Caller
from streams.domain.masking import MASK, identity, numbers

CALLER = Caller(name="欧阳示例", phone="138 0000 0001", contact_phone="7190123")

GONE = [
    "13800000001", "138-0000-0001", "138 0000 0001", "+8613800000001", "86 13800000001", "１３８０００００００１",
    "0471-7190123", "(0471)7190123", "04717190123", "010-12345678", "150123199001011234", "15012319900101123X",
    "someone@mail.example", "7190123", "13800000001",
]  # fmt: skip
STAYS = [
    "HS20260302000123", "150123100", "2026-03-02 09:30", "三号楼 1 单元 301", "12345", "水表 10086 号", "第 138 号",
    "1380000000", "身份证", "G6 高速 K471+100",
]  # fmt: skip


@pytest.mark.parametrize("text", GONE)
def test_a_number_of_a_person_goes(text: str) -> None:
    assert numbers(f"电话{text}，请回", CALLER) == f"电话{MASK}，请回"


@pytest.mark.parametrize("text", STAYS)
def test_another_number_stays(text: str) -> None:
    assert numbers(f"见{text}，请回", CALLER) == f"见{text}，请回"


@pytest.mark.parametrize("text", ["欧阳示例", "欧阳先生", "欧阳女士", "欧阳某"])
def test_the_caller_goes(text: str) -> None:
    assert identity(f"{text}反映", CALLER) == f"{MASK}反映"


def test_a_name_of_one_character_is_left_because_it_is_in_every_other_word() -> None:
    assert identity("水管", Caller(name="水")) == "水管"


def test_without_a_caller_only_what_looks_like_a_number_goes() -> None:
    assert identity("王先生 13800000001", None) == f"王先生 {MASK}"


@given(st.text(), st.text(alphabet="0123456789 -", min_size=5, max_size=20))
def test_the_callers_own_number_never_survives(text: str, phone: str) -> None:
    digits = "".join(filter(str.isdigit, phone))
    if len(digits) >= 5:
        masked = numbers(f"{text}{digits}{text}", Caller(phone=phone))
        assert digits not in masked.replace(MASK, "") or digits in text * 2
