import pytest

from noonward.html import Html, tag, together

HOSTILE = "<script>alert('x')</script>&\"'"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (tag("p", "a < b"), "<p>a &lt; b</p>"),
        (tag("p", tag("b", "x"), " & y", None), "<p><b>x</b> &amp; y</p>"),
        (tag("p", class_="why", hidden=True, id=None, title=False), '<p class="why" hidden></p>'),
        (tag("p", title='"><script>'), '<p title="&quot;&gt;&lt;script&gt;"></p>'),
        (tag("meta", name="a", http_equiv="b"), '<meta name="a" http-equiv="b">'),
        (together("<", Html("<br>")), "&lt;<br>"),
    ],
)
def test_text_becomes_markup_only_through_tag(made, text):
    assert made == text
    assert isinstance(made, Html)


def test_what_is_joined_by_hand_is_text_again():
    joined = tag("b", "x") + HOSTILE
    assert "<script>" not in tag("p", joined)
