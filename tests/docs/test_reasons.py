import importlib.util
from pathlib import Path

from noonward.core.model import ReasonCode

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("reasons_page", DOCS / "generate" / "reasons.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_program_says():
    made = generator()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python docs/generate/reasons.py"


def test_every_code_is_on_the_page():
    page = generator().page()
    assert [code.value for code in ReasonCode if f"## `{code.value}`" not in page] == []
