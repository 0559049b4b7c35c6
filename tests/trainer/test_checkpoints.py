"""Tests of checkpoints: one that is damaged or incomplete is not used."""

from pathlib import Path

import numpy as np
import pytest

from trainer.storage.checkpoints import Checkpoint, Unsound, load, newest_sound, save


def _flip(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def _checkpoint(step: int) -> Checkpoint:
    arrays = {"weights/a": np.arange(6, dtype=np.float32).reshape(2, 3) + step, "count": np.array(step)}
    return Checkpoint(step, arrays, {"seconds": 0.1 * step, "best": None})


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    found = load(save(tmp_path, _checkpoint(7)))
    assert (found.step, found.training_state) == (7, {"seconds": 0.1 * 7, "best": None})
    np.testing.assert_array_equal(found.arrays["weights/a"], _checkpoint(7).arrays["weights/a"])
    assert found.arrays["count"] == 7


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (1, 9, 10, 11):
        save(tmp_path, _checkpoint(step))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-000000010", "step-000000011"]


def test_those_of_later_steps_are_forgotten_when_a_training_has_gone_back(tmp_path: Path) -> None:
    for step in (1, 9, 10, 5):
        save(tmp_path, _checkpoint(step))
    found = newest_sound(tmp_path)
    assert found is not None and found.step == 5


@pytest.mark.parametrize("name", ["state.safetensors", "manifest.json"])
@pytest.mark.parametrize("damage", [lambda data: data[:-3], _flip, lambda data: b""])
def test_the_one_before_a_damaged_one_is_used(name: str, damage: object, tmp_path: Path) -> None:
    save(tmp_path, _checkpoint(1))
    newest = save(tmp_path, _checkpoint(2))
    data = (newest / name).read_bytes()
    (newest / name).write_bytes(damage(data))  # type: ignore[operator]
    with pytest.raises(Unsound):
        load(newest)
    found = newest_sound(tmp_path)
    assert found is not None and found.step == 1


def test_a_half_written_one_has_another_name(tmp_path: Path) -> None:
    save(tmp_path, _checkpoint(1))
    (tmp_path / ".writing-step-000000002").mkdir()
    found = newest_sound(tmp_path)
    assert found is not None and found.step == 1


def test_one_that_cannot_be_written_leaves_the_others(tmp_path: Path) -> None:
    save(tmp_path, _checkpoint(1))
    (tmp_path / ".writing-step-000000002").write_text("in the way")
    with pytest.raises(OSError):
        save(tmp_path, _checkpoint(2))
    found = newest_sound(tmp_path)
    assert found is not None and found.step == 1


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert newest_sound(tmp_path / "nowhere") is None
