"""Pages of many makes, written for the tests: what of each is text and what stands beside it."""

# ruff: noqa: E501 - markup is not wrapped for our sake

from dataclasses import dataclass

from corpus.records import Article, Document
from ingest.drafts import SourceFile
from ingest.html import HtmlParser

COOKIES = """<div id="cookie-banner" class="cookie-consent"><p>We use cookies to make this site work
and to understand how it is used; you may accept or refuse them at any time in your settings.</p>
<button>Accept</button></div>"""
NAV = """<nav><ul><li><a href="/">Home</a></li><li><a href="/topics">Topics</a></li></ul></nav>"""
FOOTER = """<footer><p>© 2024 Joint Pages. All rights are reserved by the site and its owners.</p>
</footer>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A page: phrases that must be kept and dropped, last word and numbers of each citation."""

    name: str
    html: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    cited: tuple[tuple[str, tuple[int, ...]], ...]
    references: int
    title: str
    encoding: str = "utf-8"

    @property
    def source(self) -> SourceFile:
        """The page as a file."""
        return SourceFile(name=f"{self.name}.html", data=self.html.encode(self.encoding))


def article_of(html: str, name: str = "page.html") -> Article:
    """Parse the one article of a page."""
    source = SourceFile(name=name, data=html.encode())
    (article,) = HtmlParser().parse(source).articles
    return article


def body_of(body: str) -> Document:
    """Parse what stands in a page's main part."""
    return article_of(f"<html><body><main><h1>A page</h1>{body}</main></body></html>").document


def blocks_of(document: Document) -> list[tuple[str, int, str, str]]:
    """Return kind, depth, marker and text of every block."""
    return [(b.kind, b.depth, b.marker, document.text[b.start : b.end]) for b in document.blocks]


def cited(document: Document) -> list[tuple[str, tuple[int, ...]]]:
    """Return each callout as the last word before it and its numbers."""
    return [(document.text[: c.at].split()[-1], c.numbers) for c in document.callouts]


PUBLISHER = Example(
    name="publisher",
    title="Gout flares in adults",
    html=f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Gout flares in adults | Joint Journal</title>
<meta name="citation_title" content="Gout flares in adults">
<meta property="article:modified_time" content="2023-05-06T10:00:00Z">
<script type="application/ld+json">{{"@graph": [{{"@type": "ScholarlyArticle",
"dateModified": "2024-02-03", "headline": "Gout flares in adults"}}]}}</script>
<style>.x {{ color: red }}</style></head><body>{COOKIES}{NAV}
<main><article><header><h1 class="c-article-title">Gout flares in adults</h1>
<ul class="c-article-author-list"><li>Ann Example</li><li>Ben Sample</li></ul></header>
<section aria-labelledby="Abs1"><h2 id="Abs1">Abstract</h2>
<p>Gout flares are painful and short, and they come back in most adults who are not treated.</p>
</section><section><h2 id="Sec1">Introduction</h2>
<p>Flares last for a week or two in most patients [<a href="#ref-CR1">1</a>,
<a href="#ref-CR2">2</a>,<a href="#ref-CR3">3</a>]. Serum urate is high between the flares
[<a href="#ref-CR2">2</a>–<a href="#ref-CR4">4</a>], but it can be normal during one.</p>
<h3>Doses</h3><p>The clearance was 30 ml/min/1.73 m<sup>2</sup> in the trial, and 10<sup>9</sup>
cells were counted<sup><a href="#ref-CR4">4</a></sup>.</p>
<figure><img src="a.png" alt="x"><figcaption><b>Fig. 1</b> Urate over a year of treatment
[<a href="#ref-CR1">1</a>]</figcaption></figure></section>
<aside class="c-recommendations"><h3>Similar content being viewed by others</h3>
<p>Another paper about tophi in the elderly that you may want to read after this one.</p></aside>
<section><h2 id="Bib1">References</h2>
<ol class="c-article-references"><li class="c-article-references__item" data-counter="1.">
<p class="c-article-references__text" id="ref-CR1">Doe J, Roe R. How long flares last.
J Joints. 2019;1:2–3.</p><p><a href="https://doi.org/10.1000%2FS0140-6736(05)17709-5">Article</a>
<a href="http://www.ncbi.nlm.nih.gov/entrez/query.fcgi?cmd=Retrieve&amp;list_uids=12345678">PubMed
</a><a href="http://scholar.google.com/scholar_lookup?&amp;title=x&amp;doi=10.1000%2Fwrong">Google
Scholar</a></p></li>
<li data-counter="2."><p id="ref-CR2">Roe R. Urate between flares. J Joints. 2020.
https://doi.org/10.1000/two</p></li>
<li data-counter="3."><p id="ref-CR3">Three T. Pain. 2021.</p>
<a href="https://pmc.ncbi.nlm.nih.gov/articles/PMC3333/">PubMed Central</a></li>
<li data-counter="4."><p id="ref-CR4">Four F. Doses. 2022.</p></li></ol></section>
<section><h2>Funding</h2><p>The work was paid for by nobody at all, as it was invented.</p></section>
<section><h2>Rights and permissions</h2><p>Reprints may be ordered from the publisher.</p></section>
</article></main>{FOOTER}</body></html>""",
    kept=("Gout flares are painful", "Doses", "1.73 m2 in the trial", "10⁹", "Fig. 1 Urate over"),
    dropped=("cookies", "Home", "Ann Example", "Another paper", "invented", "Reprints", "©"),
    cited=(("patients", (1, 2, 3)), ("flares", (2, 3, 4)), ("counted", (4,)), ("treatment", (1,))),
    references=4,
)

WIKIPEDIA = Example(
    name="wikipedia",
    title="Tophus",
    html=f"""<!DOCTYPE html><html lang="en"><head><title>Tophus - Wiki of Joints</title></head>
<body class="mediawiki skin-vector">{NAV}<div id="content" class="mw-body" role="main">
<h1 id="firstHeading" class="firstHeading">Tophus</h1><div id="siteSub">From the wiki of joints</div>
<div class="mw-parser-output"><div role="note" class="hatnote navigation-not-searchable">For the
stone, see another page.</div>
<table class="infobox"><caption>Tophus</caption><tr><th>Specialty</th><td>Rheumatology</td></tr>
</table>
<p>A <b>tophus</b> is a lump of urate<sup id="cite_ref-1" class="reference"><a
href="#cite_note-1"><span class="cite-bracket">[</span>1<span>]</span></a></sup><sup
class="reference"><a href="#cite_note-Roe-2">[2]</a></sup><sup class="reference nowrap"><span>:
23</span></sup> under the skin of people with long-standing gout.<sup class="reference"><a
href="#cite_note-3">[a]</a></sup></p>
<div id="toc" class="toc" role="navigation"><h2>Contents</h2><ul><li><a href="#S">Signs</a></li></ul>
</div>
<div class="mw-heading mw-heading2"><h2 id="S">Signs</h2><span class="mw-editsection">[<a
href="/edit">edit</a>]</span></div>
<ul><li>Lumps that do not hurt</li><li>Stiff joints<sup class="reference"><a
href="#cite_note-Roe-2">[2]</a></sup><ul><li>of the hand</li></ul></li></ul>
<p>Urate is less soluble below 37&nbsp;°C.<sup class="noprint Inline-Template">[citation
needed]</sup></p>
<div class="mw-heading mw-heading2"><h2 id="References">References</h2><span
class="mw-editsection">[edit]</span></div>
<div class="reflist"><ol class="references">
<li id="cite_note-1"><span class="mw-cite-backlink"><b><a href="#cite_ref-1">^</a></b></span>
<span class="reference-text"><cite class="citation journal">Doe J (2018). "Lumps". <i>Joints</i>.
<a href="https://doi.org/10.1000%2Flumps">10.1000/lumps</a>. PMID <a
href="https://pubmed.ncbi.nlm.nih.gov/111/">111</a>.</cite></span></li>
<li id="cite_note-Roe-2"><span class="mw-cite-backlink">^ <a href="#cite_ref-Roe_2-0"><sup><i><b>a</b>
</i></sup></a> <a href="#cite_ref-Roe_2-1"><sup><i><b>b</b></i></sup></a></span> <span
class="reference-text">Roe R. <i>Hands</i>. 2017.</span></li>
<li id="cite_note-3"><span class="reference-text">Three T. <i>Skin</i>. 2016.</span></li></ol></div>
<h2>External links</h2><ul><li><a href="https://x.example">A site about lumps</a></li></ul>
<div role="navigation" class="navbox"><ul><li><a href="/gout">Gout</a></li></ul></div>
</div></div><div id="catlinks" class="catlinks"><a href="/c">Category: joints</a></div></body></html>""",
    kept=("A tophus is a lump of urate", "Rheumatology", "Lumps that do not hurt", "37 °C."),
    dropped=(
        "see another",
        "Contents",
        "edit",
        "A site about",
        "Category",
        ": 23",
        "citation needed",
    ),
    cited=(("urate", (1, 2)), ("gout.[a]", (3,)), ("joints", (2,))),
    references=3,
)

WORDPRESS = Example(
    name="wordpress",
    title="Why does cold hurt?",
    html=f"""<html><head><title>Why does cold hurt? – Nerve Blog</title>
<meta property="og:title" content="Why does cold hurt? – Nerve Blog"></head>
<body class="post-template-default single has-sidebar">{COOKIES}<div id="page" class="site">
<header id="masthead" class="site-header"><p class="site-title"><a href="/">Nerve Blog</a></p>
<div class="main-navigation"><ul class="menu"><li><a href="/about">About</a></li></ul></div></header>
<div id="primary" class="content-area"><div id="main" class="site-main">
<div id="post-1" class="post hentry"><h1 class="entry-title">Why does cold hurt?</h1>
<div class="entry-meta">Posted by <span class="author vcard">Ann</span> on
<time class="entry-date published" datetime="2022-01-02T00:00:00+00:00">January 2, 2022</time>
<time class="updated" datetime="2023-03-04T00:00:00+00:00">March 4, 2023</time></div>
<div class="entry-content"><p>Cold hurts because some nerve endings open channels when it gets cold,
and these send a signal that the brain reads as pain.<sup>1</sup> Vitamin B<sub>12</sub> has no part
in it.<sup>2,3</sup></p><h2>What helps</h2><ol><li>Gloves</li><li>Warm drinks<sup>3</sup></li></ol>
<p>Some trials gave 5&#215;10<sup>6</sup> cells per m<sup>2</sup> to mice, which is a lot.</p>
<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li>Mail</li></ul>
</div><div id="jp-relatedposts" class="jp-relatedposts"><h3>Related</h3><p>Why is ice slippery when
it melts under the weight of a person who stands on it for long?</p></div>
<p><strong>References:</strong></p><ol><li>Doe J. Cold. Nerves. 2019. doi:10.1000/cold</li>
<li>Roe R. B12. <a href="https://pubmed.ncbi.nlm.nih.gov/222">PubMed</a></li>
<li>Three T. Gloves. 2020.</li></ol></div></div>
<div id="comments" class="comments-area"><h2>3 thoughts on “Why does cold hurt?”</h2>
<ol class="comment-list"><li class="comment"><p>I have always had cold hands and nobody could ever
tell me why it was so, until I read what is written on this page.</p></li></ol></div>
</div></div><div id="secondary" class="widget-area"><p>Sign up for more of this every week.</p></div>
</div></body></html>""",
    kept=("Cold hurts because", "Vitamin B12", "Gloves", "5×10⁶ cells per m2 to mice"),
    dropped=("Share", "ice slippery", "cold hands", "Sign up", "Posted by", "About"),
    cited=(("pain.", (1,)), ("it.", (2, 3)), ("drinks", (3,))),
    references=3,
)

GUIDELINE = Example(
    name="guideline",
    title="Fever in children: assessment",
    html=f"""<html><head><title>Fever in children: assessment</title></head><body>
<a class="skip-link" href="#m">Skip to content</a>{NAV}<main id="m">
<div class="breadcrumbs"><a href="/">Home</a> / Guidelines</div>
<h1>Fever in children: assessment</h1><p>Last updated: 4 March 2024</p>
<p><a href="https://example.org/policy">Editorial policy</a></p>
<div class="accordion"><h2><button aria-expanded="true">Recommendations</button></h2>
<div class="panel"><section><h3>1.1 Measuring</h3><p>1.1.1 Measure the temperature in the armpit of
babies under the age of 4 weeks. [2013]</p><p>1.1.2 Do not use forehead strips.
[<a href="#nice">1</a>]</p></section></div></div>
<details><summary>Why the committee made the recommendations</summary><p>Strips were less accurate
than thermometers in the studies that were found.<a href="#r2"><sup>2</sup></a></p></details>
<aside class="key-points"><h3>Key points</h3><ul><li>Look at the child first.</li></ul></aside>
<div hidden><h3>For parents</h3><p>This part is closed on the page and nobody who reads it sees
these words unless a button is pressed to open them.</p></div>
<section role="doc-bibliography"><h2>References</h2><h3>Guidelines</h3>
<ol><li id="nice">Institute of Fever. Feverish illness. 2019.
<a href="https://www.fever.example/ng1">Link</a></li></ol><h3>Research</h3>
<ol start="2"><li id="r2">Doe J. Strips. 2018.</li></ol></section>
<section class="disclaimer"><h2>Disclaimer</h2><p>This guideline does not replace judgement.</p>
</section></main>{FOOTER}</body></html>""",
    kept=("Recommendations", "1.1.1 Measure", "[2013]", "Why the committee", "Look at the child"),
    dropped=("Skip", "Breadcrumb", "nobody who reads", "does not replace", "Institute"),
    cited=(("strips.", (1,)), ("found.", (2,))),
    references=2,
)

TABLES = Example(
    name="tables",
    title="Doses of colchicine",
    html="""<html><body><article><h1>Doses of colchicine</h1>
<p>The dose of colchicine depends on the kidneys and on the other drugs that are taken [1].</p>
<table><caption>Table 1. Doses by clearance [2]</caption><thead><tr><th rowspan="2">Clearance</th>
<th colspan="2">Dose (mg)</th></tr><tr><th>First</th><th>Then</th></tr></thead>
<tbody><tr><td>&gt; 60 ml/min</td><td>1.2</td><td>0.6</td></tr>
<tr><td>&lt; 30 ml/min</td><td>0.6<sup>a</sup></td><td>none [2]</td></tr></tbody>
<tfoot><tr><td colspan="3">a Not to be repeated within two weeks.</td></tr></tfoot></table>
<figure><table><tr><th>Drug</th><th>Risk</th></tr><tr><td>Statin</td><td>Muscle pain</td></tr>
</table><figcaption>Table 2. Drugs</figcaption></figure>
<h2>References</h2><table class="refs"><tr><td>1.</td><td>Doe J. Kidneys. 2011.</td></tr>
<tr><td>2.</td><td>Roe R. Doses. 2012. PMID: 333</td></tr></table></article></body></html>""",
    kept=(
        "Table 1. Doses by clearance",
        "> 60 ml/min 1.2 0.6 (Clearance: > 60 ml/min; Dose (mg), First: 1.2; Dose (mg), Then: 0.6)",
        "Statin Muscle pain (Drug: Statin; Risk: Muscle pain)",
    ),
    dropped=("Kidneys",),
    cited=(("taken", (1,)), ("clearance", (2,)), ("none", (2,))),
    references=2,
)

OLD_LAYOUT = Example(
    name="old",
    title="Leçons on the liver",
    encoding="cp1252",
    html="""<HTML><HEAD><TITLE>Leçons on the liver</TITLE>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1"></HEAD>
<BODY BGCOLOR=white><TABLE WIDTH=100%><TR><TD COLSPAN=2><CENTER><FONT SIZE=6><H1>Leçons on the liver
</H1></FONT></CENTER><TR><TD VALIGN=top><A HREF=a.htm>One</A><BR><A HREF=b.htm>Two</A>
<TD><FONT FACE=Arial>The liver makes bile “every day”, and it stores the sugar that is eaten with a
meal until it is needed.<A HREF="#r1"><SUP>1</SUP></A><BR><BR>It is on the right side in nearly all
people who were ever looked at <A HREF="#r2">(2)</A>.<P>A third paragraph without an end
<P><B>References</B><P><A NAME=r1></A>1. Doe J. Bile. 1998.<P><A NAME=r2></A>2. Roe R. Sides. 1999.
</TABLE></BODY></HTML>""",
    kept=("The liver makes bile “every day”", "It is on the right side", "A third paragraph"),
    dropped=("Bile. 1998",),
    cited=(("needed.", (1,)), ("at", (2,))),
    references=2,
)

ANSWER_PAGE = Example(
    name="answer",
    title="What raises serum potassium?",
    html=f"""<!doctype html><html><head><meta charset="utf-8"><title>What raises serum potassium?</title>
</head><body><div id="root">{COOKIES}<div class="app"><div class="navbar"><a href="/">Ask</a></div>
<div class="content"><h1>What raises serum potassium?</h1>
<div class="board"><span>Clinical Advisory Board</span><span>Every page is checked by our Clinical
Advisory Board</span></div><div>Educational purpose only • Be careful: this content is pending human
review</div><div class="status"><div>Article Review Status</div><div>Submitted</div>
<div>Under Review</div><div>Approved</div></div>
<div>Last updated: March 4, 2024<a href="https://example.org/policy">View editorial policy</a></div>
<button>Personalize</button><div>Help us tailor your experience</div>
<div>Which best describes you? Your choice helps us.</div>
<div class="markdown"><h1>Causes of Raised Serum Potassium</h1>
<p><strong>Potassium rises when the kidney excretes less than is eaten, which is common in old age and
in disease of the kidney.</strong> 1, 2</p><h2>Drugs</h2><p>Drugs that raise potassium include:</p>
<ul><li>ACE inhibitors 1</li><li>Diuretics, namely:<ul><li>Amiloride 2</li>
<li>Spironolactone (up to 10-30% of users) 2, 3</li></ul></li>
<li>Type 1 antibodies in diabetes type 2</li></ul></div>
<h2>References</h2><div class="refs"><div class="ref"><span class="kind">Guideline</span>
<p>Potassium in Practice</p><p>Renal Board Press, 2019</p></div>
<div class="ref"><div>Research</div><p><a href="https://pubmed.ncbi.nlm.nih.gov/4444/">Potassium and
drugs.</a></p><p>Journal of Invented Nephrology, 2020</p></div></div>
<h2>Professional Medical Disclaimer</h2><p>This text is intended for healthcare professionals. It
replaces no judgement.</p><h3>Have a follow-up question?</h3><p>Ask anything and get an answer.</p>
</div></div></div></body></html>""",
    kept=("Causes of Raised Serum Potassium", "Type 1 antibodies in diabetes type 2", "10-30% of"),
    dropped=("Personalize", "tailor", "Approved", "Ask anything", "replaces no", "Advisory Board"),
    cited=(
        ("disease of the kidney.", (1, 2)),
        ("inhibitors", (1,)),
        ("Amiloride", (2,)),
        ("users)", (2, 3)),
    ),
    references=2,
)

FOOTNOTES = Example(
    name="footnotes",
    title="Salt and blood pressure",
    html="""<html><body><div class="wrap"><div class="top-menu"><a href="/">Home</a></div>
<h1>Salt and blood pressure</h1><p>Salt raises the blood pressure of most people who eat a lot of
it.<sup id="fnref:1"><a href="#fn:1" role="doc-noteref">1</a></sup> Cutting it helps<sup
id="fnref:2"><a href="#fn:2">2</a></sup>.</p><div class="footnotes" role="doc-endnotes"><hr><ol>
<li id="fn:1"><p>Doe J. Salt. 2015. https://doi.org/10.1000/salt <a href="#fnref:1"
class="reversefootnote">↩</a></p></li><li id="fn:2"><p>Roe R. Less salt. 2016.&nbsp;<a
href="#fnref:2">↩</a></p></li></ol></div></div></body></html>""",
    kept=("Salt raises the blood pressure",),
    dropped=("Less salt", "Home"),
    cited=(("it.", (1,)), ("helps", (2,))),
    references=2,
)

RAISED = Example(
    name="raised",
    title="Reading a trial",
    html="""<html><body><main><h1>Reading a trial</h1>
<p>Mortality fell by a third in the first of these trials<sup>1–3</sup> and by less in the
others.<sup>4, 6</sup> Heterogeneity was high (I<sup>2</sup> = 80%), r<sup>2</sup> was 0.4, and the
dose was 20 mg/m<sup>2</sup> or 3 kg<sup>2</sup>. Counts were above 10<sup>9</sup>/l and
Ca<sup>2+</sup> was normal. <sup>18</sup>F-FDG was given with <sup>99m</sup>Tc. The 1<sup>st</sup>
visit was early. Hepatitis B<sup>5</sup> was excluded, as was type (II).<sup>2</sup></p>
<h2>Bibliography</h2><ul><li>[1] A. 2001.</li><li>[2] B. 2002.</li><li>[3] C. 2003.</li>
<li>[4] D. 2004.</li><li>[5] E. 2005.</li></ul></main></body></html>""",
    kept=("I2 = 80%", "20 mg/m2 or 3 kg2", "10⁹/l", "18F-FDG", "99mTc", "The 1st", "Ca2+"),
    dropped=("A. 2001",),
    cited=(("trials", (1, 2, 3)), ("others.", (4, 6)), ("B", (5,)), ("(II).", (2,))),
    references=5,
)

PMC = Example(
    name="pmc",
    title="Sleep and shift work",
    html=f"""<html><head><meta name="citation_title" content="Sleep and shift work">
<meta name="citation_publication_date" content="2021/03/09"></head><body>{NAV}
<div class="pmc-sidenav"><a href="#s1">On this page</a></div>
<section aria-label="Article"><h1>Sleep and shift work</h1>
<section class="abstract"><h2>Abstract</h2><p>People who work at night sleep for fewer hours, and they
sleep less deeply than those who work in the day.</p></section>
<section id="s1"><h2 class="pmc_sec_title">1. Introduction</h2><p>Shift work is common in hospitals and
in transport [<a href="#B1" aria-describedby="B1">1</a>], where accidents are feared
[<a href="#B2">2</a>,<a href="#B3">3</a>].</p>
<section class="tw"><h4 class="obj_head">Table 1.</h4><div class="caption p"><p>Hours of sleep</p></div>
<div class="tbl-box"><table><thead><tr><th>Shift</th><th>Hours</th></tr></thead><tbody><tr>
<td>Night</td><td>5.2</td></tr></tbody></table></div></section></section>
<section id="ref-list1" class="ref-list"><h2>References</h2><section><ul class="ref-list">
<li id="B1"><span class="label">1.</span><cite>Doe J. Hospitals. Sleep. 2001;1:1–2. doi:
10.1000/sleep(1)2.</cite> [<a href="https://doi.org/10.1000/sleep(1)2">DOI</a>] [<a
href="https://scholar.google.com/scholar_lookup?x">Google Scholar</a>]</li>
<li id="B2"><span class="label">2.</span><cite>Roe R. Transport. 2002.</cite> [<a
href="/articles/PMC999/">PMC free article</a>] [<a
href="https://pubmed.ncbi.nlm.nih.gov/555/">PubMed</a>]</li>
<li id="B3"><span class="label">3.</span><cite>Three T. Fear. 2003.</cite></li></ul></section>
</section></section>{FOOTER}</body></html>""",
    kept=("1. Introduction", "Night 5.2 (Shift: Night; Hours: 5.2)", "Hours of sleep"),
    dropped=("On this page", "Hospitals"),
    cited=(("transport", (1,)), ("feared", (2, 3))),
    references=3,
)

LEAFLET = Example(
    name="leaflet",
    title="Asthma words",
    html=f"""<html><head><title>Asthma words</title></head><body>{NAV}<div id="wrapper"><div
class="col-9"><div class="hero"><h1>Asthma words</h1></div><div class="rich-text"><p>These are words
that you may hear when a doctor or a nurse talks with you about your asthma (1).</p><dl>
<dt>Reliever</dt><dd>The blue inhaler, which works at once<a class="citation" data-id="2">2</a>.</dd>
<dt>Spacer</dt><dd><p>A tube.</p><ul><li>for children</li></ul></dd></dl><p class="warning">Call for
help when the reliever does not work. <button class="citation-number">[1]</button></p></div></div>
<div class="col-3 sidebar"><p>Our shop has many spacers and other things that you can buy.</p></div>
</div><div class="wrapper2"><h2>References (2)</h2><div class="list"><p id="ref1">1. Doe J. Words.
2017.</p><p id="ref2">2. Roe R. Inhalers. 2018. <a href="https://www.example.org/inhalers">Read</a>
</p></div></div></body></html>""",
    kept=("These are words", "Reliever: The blue inhaler, which works at once.", "for children"),
    dropped=("Our shop", "Words. 2017"),
    cited=(("once", (2,)), ("work.", (1,))),
    references=2,
)

AUTHOR_YEAR = Example(
    name="authoryear",
    title="Bones and age",
    html="""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>Bones and age</title></head><body><div class="article"><h1>Bones and age</h1>
<p><a id="top"/>Bones get thinner with age in women and, though later, in men
(<a href="#doe2010">Doe, 2010</a>; <a href="#roe2011">Roe, 2011</a>).</p><h2>Literature cited</h2>
<ol><li id="doe2010">Doe J. 2010. Women.</li><li id="roe2011">Roe R. 2011. Men.</li></ol></div>
</body></html>""",
    kept=("in men (Doe, 2010; Roe, 2011).",),
    dropped=("Women.",),
    cited=(("2010", (1,)), ("2011", (2,))),
    references=2,
)

DIV_SOUP = Example(
    name="divsoup",
    title="Iron in pregnancy",
    html=f"""<html><head><title>Iron in pregnancy — Mother Site</title></head><body>{COOKIES}
<div class="a1"><div class="elementor-widget-container"><div class="elementor-nav-menu">Menu</div></div>
<div class="b2"><div class="elementor-heading-title" role="heading" aria-level="1">Iron in pregnancy
</div><div class="c3"><div>Iron is needed in pregnancy because the blood of the mother grows in volume
and the child takes its share as well <span class="cite">[1]</span>.</div><div class="sc-title"
role="heading" aria-level="2">How much</div><div>Most women need 30 to 60 mg a day [1, 2].<br/>
<br/>Some need none at all, and they should not take it [2].</div><div class="ad-slot">Buy tablets
at our partner's shop today and save a third of the price!</div></div>
<div class="refs-block"><div role="heading" aria-level="2">References</div><div>1. Doe J. Blood. 2003.
</div><div>2. Roe R. Doses. 2004. DOI: 10.1000/iron</div></div></div>
<div class="related-articles"><div>Read next: folic acid is needed before pregnancy as well as in it,
and here is what you should know about it.</div></div></div></body></html>""",
    kept=("Iron is needed", "How much", "Most women need 30 to 60 mg a day", "Some need none"),
    dropped=("Buy tablets", "Read next", "Menu", "Blood. 2003"),
    cited=(("well", (1,)), ("day", (1, 2)), ("it", (2,))),
    references=2,
)

EXAMPLES = (
    PUBLISHER,
    WIKIPEDIA,
    WORDPRESS,
    GUIDELINE,
    TABLES,
    OLD_LAYOUT,
    ANSWER_PAGE,
    FOOTNOTES,
    RAISED,
    PMC,
    LEAFLET,
    AUTHOR_YEAR,
    DIV_SOUP,
)
