from noonward.views.notices import NoticeCode
from support.docpage import generator


def test_the_page_is_what_the_program_says():
    made = generator("notices")
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run: python docs/generate/notices.py"


def test_every_notice_is_on_the_page_with_its_sentences():
    page = generator("notices").page()
    for code in NoticeCode:
        _, _, section = page.partition(f"## `{code.value}`\n")
        assert "\n- " in section.partition("What to do: ")[0], code
