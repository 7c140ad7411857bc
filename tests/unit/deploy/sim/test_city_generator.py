"""Invented orders: the same for the same seed, plausible, and nobody's data."""

import re
from collections import Counter
from pathlib import Path

from deploy.sim.city.generator import Ground, chance, write_order


def test_the_same_seed_and_number_give_the_same_order() -> None:
    assert write_order(Ground(), 3, 7, "HS7", 100) == write_order(Ground(), 3, 7, "HS7", 100)
    assert write_order(Ground(), 3, 7, "HS7", 100) != write_order(Ground(), 4, 7, "HS7", 100)


def test_every_telephone_number_is_invented() -> None:
    orders = [write_order(Ground(), 1, index, f"HS{index}", 0) for index in range(200)]
    assert all(re.fullmatch(r"1380000\d{4}", order.phone) for order in orders)


def test_orders_use_the_codes_of_their_ground_and_the_first_come_most() -> None:
    ground = Ground(categories=tuple((f"0101{n:02d}", f"a/b/{n}") for n in range(30)), areas=(("150123100", "城关镇"),))
    drawn = Counter(write_order(ground, 1, index, f"HS{index}", 0).category for index in range(2000))
    assert set(drawn) <= {code for code, _ in ground.categories}
    assert drawn["010100"] > 3 * drawn["010129"] > 0


def test_a_ground_survives_its_file(tmp_path: Path) -> None:
    ground = Ground(units=("城关镇",))
    ground.write(tmp_path / "ground.json")
    assert Ground.read(tmp_path / "ground.json") == ground


def test_chance_is_even_and_decided_by_its_arguments() -> None:
    drawn = [chance(1, "HS", number) for number in range(2000)]
    assert drawn == [chance(1, "HS", number) for number in range(2000)]
    assert 0.45 < sum(drawn) / len(drawn) < 0.55
    assert all(0 <= one < 1 for one in drawn)
