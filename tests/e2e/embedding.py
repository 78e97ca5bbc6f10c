"""Pages of other people that embed the question box."""

# What a site's own style may do to every element of its page.
HOSTILE_STYLE = """
  button, textarea, h2, h3, blockquote { display: none !important; }
  * { color: red !important; background: red !important; font-size: 3px !important;
      position: static !important; }
  .panel, .log, .card, .marker { visibility: hidden !important; }
"""


def embedding_page(
    server: str, article: str, *, style: str = "", script_type: str = "module", more: str = ""
) -> str:
    """Return a page with the box for `article`; `script_type` "" is a classic script tag."""
    kind = f' type="{script_type}"' if script_type else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Somebody else's page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><style>{style}</style>
<script{kind} src="{server}/widget.js"></script></head>
<body><main><h1>Somebody else's article</h1><p>Text of the host, with a
<button class="marker">button of the host</button>.</p>
<sequitur-chat article="{article}"{more}></sequitur-chat></main></body></html>"""
