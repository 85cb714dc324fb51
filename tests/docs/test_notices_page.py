import importlib.util
from pathlib import Path

from noonward.views.notices import NoticeCode

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("notices_page", DOCS / "generate" / "notices.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_program_says():
    made = generator()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python docs/generate/notices.py"


def test_every_notice_is_on_the_page_with_its_sentences():
    page = generator().page()
    for code in NoticeCode:
        _, _, section = page.partition(f"## `{code.value}`\n")
        assert "\n- " in section.partition("What to do: ")[0], code
