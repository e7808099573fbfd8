"""The commands of pages that start no service run; those that do are in ``test_page_services``: two files, two processes."""

from pathlib import Path

import pytest
from doc_samples import ROOT, pages_with_commands, run_commands


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with_commands(that_serve=False), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_run_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    run_commands(page, tmp_path)
