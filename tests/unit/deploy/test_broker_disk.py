"""Many may prove the same disk at the same moment."""

from concurrent.futures import ThreadPoolExecutor

from deploy.broker import disk


def test_those_who_prove_one_folder_at_once_do_not_disturb_each_other(tmp_path):
    def prove(_: int) -> None:
        for _ in range(50):
            disk.prepare(tmp_path, free_bytes=0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(prove, range(8)))
    assert not list((tmp_path / "tmp").iterdir())
