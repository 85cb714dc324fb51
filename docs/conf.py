"""Sphinx settings: Markdown by MyST, the Furo theme, no request to the network."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "engine"), str(ROOT / "drivers")]

project = "Noonward"
author = "The Noonward developers"
copyright = "the Noonward developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "generate"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
napoleon_use_ivar = True
python_maximum_signature_line_length = 100
autodoc_member_order = "bysource"
html_theme = "furo"
html_title = "Noonward"
html_static_path = ["_static"]
html_css_files = ["noonward.css"]
html_theme_options = {"source_repository": "", "footer_icons": []}
highlight_language = "text"
