"""The deployment file that `make lab` prints, without its hosts."""

from pathlib import Path

import pytest
from lab.__main__ import specs
from lab.lab import Lab
from lab.namespaces import Shell

from checker.inputs import deployment_file


@pytest.mark.parametrize("count", range(1, 12))
def test_the_deployment_of_a_lab_of_any_size_is_one_that_the_command_takes(count: int, tmp_path: Path) -> None:
    there = Lab(tmp_path, Shell.__new__(Shell), specs(count))  # no host is started
    path = tmp_path / "deployment.yaml"
    path.write_text(there.deployment_yaml())
    assert len(deployment_file.load(path).servers) == count
