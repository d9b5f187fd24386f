"""The pictures of a terminal show what the recorded sessions say, and load nothing from anywhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tools import terminal_pictures as pictures


@pytest.mark.parametrize("name", pictures.PIECES)
def test_a_picture_is_that_of_its_session(name: str) -> None:
    svg = pictures.path(name).read_text(encoding="utf-8")
    assert svg == pictures.drawn(name), "run make pictures"
    root = ET.fromstring(svg)  # noqa: S314 - our own file
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    page = pictures.PIECES[name][0].read_text(encoding="utf-8")
    assert len(texts) > 10
    assert "".join(texts) in page.replace("\n", "")
    told = "".join(texts)
    assert svg.count("://") == 1 + told.count("://"), "one is the name of the format"
    assert not re.search(r"url\(|@import|href", svg)
