"""The storage of files by keys, in a folder and on a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from django.test import override_settings

from tests.support.s3_server import ACCESS_KEY, SECRET_KEY, s3_server
from webapp import files
from webapp.operations import backup


@pytest.fixture(scope="module")
def s3_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        client = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="files")
        yield address


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    if request.param == "folder":
        backend: dict[str, object] = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "stored"},
        }
    else:
        backend = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "files",
                "endpoint_url": request.getfixturevalue("s3_address"),
                "access_key": ACCESS_KEY,
                "secret_key": SECRET_KEY,
                "region_name": "us-east-1",
                "file_overwrite": True,
            },
        }
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={"default": backend, "staticfiles": static}):
        yield
        files.delete_tree("here")


@pytest.mark.usefixtures("storage")
def test_a_folder_goes_out_and_comes_in_again(tmp_path: Path) -> None:
    (tmp_path / "out" / "below").mkdir(parents=True)
    (tmp_path / "out" / "one.txt").write_text("one")
    (tmp_path / "out" / "below" / "two.bin").write_bytes(b"\x00two")
    files.copy_tree_out(tmp_path / "out", "here/1-1")
    assert files.keys("here") == ["here/1-1/below/two.bin", "here/1-1/one.txt"]
    files.copy_tree_in("here/1-1", tmp_path / "in")
    assert (tmp_path / "in" / "one.txt").read_text() == "one"
    assert (tmp_path / "in" / "below" / "two.bin").read_bytes() == b"\x00two"


@pytest.mark.usefixtures("storage")
def test_a_file_stored_again_is_replaced(tmp_path: Path) -> None:
    for text in ("old", "new"):
        (tmp_path / "file").write_text(text)
        files.copy_out(tmp_path / "file", "here/file")
    assert files.read("here/file") == b"new"


@pytest.mark.usefixtures("storage")
def test_a_file_has_a_size_and_one_that_is_not_there_has_none() -> None:
    assert files.size_of(files.add("here", "file", b"1234")) == 4
    with pytest.raises(FileNotFoundError):
        files.size_of("here/nothing")


@pytest.mark.usefixtures("storage")
def test_a_back_up_has_what_is_stored(tmp_path: Path) -> None:
    key = files.add("here", "file", b"1234")
    assert backup._copy_files(tmp_path) == 0
    assert (tmp_path / key).read_bytes() == b"1234" and key in backup._contents(tmp_path)


@pytest.mark.usefixtures("storage")
def test_deleting_a_tree_leaves_its_neighbours() -> None:
    files.add("here/1", "a", b"a")
    files.add("here/1/b", "c", b"c")
    neighbour = files.add("here/10", "d", b"d")
    assert files.delete_tree("here/1") == 2
    assert files.keys("here") == [neighbour]


@pytest.mark.usefixtures("storage")
def test_a_tree_that_is_not_there_is_empty() -> None:
    assert files.keys("here/nothing") == []
    assert files.delete_tree("here/nothing") == 0


@pytest.mark.usefixtures("storage")
def test_a_part_of_a_text_is_read_by_its_characters() -> None:
    key = files.add("here", "text.txt", "é🕯\nbrief\n".encode())
    assert [files.read_text(key, start, 3) for start in (0, 1, 3, 8, 99)] == ["é🕯\n", "🕯\nb", "bri", "\n", ""]


@pytest.mark.usefixtures("storage")
def test_a_part_of_a_text_that_is_not_there_is_an_oserror() -> None:
    with pytest.raises(OSError):
        files.read_text("here/nothing.txt", 0, 3)
