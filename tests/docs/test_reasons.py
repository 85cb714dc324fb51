from noonward.core.model import ReasonCode
from support.docpage import generator


def test_the_page_is_what_the_program_says():
    made = generator("reasons")
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python docs/generate/reasons.py"


def test_every_code_is_on_the_page():
    page = generator("reasons").page()
    assert [code.value for code in ReasonCode if f"## `{code.value}`" not in page] == []
