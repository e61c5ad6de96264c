"""Feeds: arXiv's API and announcements, journals in every RSS and Atom, and feeds that are nearly right."""

from __future__ import annotations

import pytest

from digestbot.model.errors import DumpError
from digestbot.model.papers import Paper
from tests.readers.kit import Listing, understand

API = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query=all:x" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=all:x</title>
  <updated>2026-11-20T00:00:00-05:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{total}</opensearch:totalResults>
  <opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">0</opensearch:startIndex>
  {entries}
</feed>"""
ENTRY = """<entry>
    <id>http://arxiv.org/abs/hep-ex/0307015v2</id>
    <updated>2023-07-07T13:46:39Z</updated><published>2003-07-07T13:46:39Z</published>
    <title>Multi-Electron
  Production at $\\sqrt{s}$</title>
    <summary>  It was seen. </summary>
    <author><name>H1 Collaboration</name>
  <arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">DESY</arxiv:affiliation></author>
    <author><name>Ada Lovelace</name></author>
    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">
  This paper has been withdrawn by the authors</arxiv:comment>
    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1140/Epjc/s2003</arxiv:doi>
    <link href="http://arxiv.org/abs/hep-ex/0307015v2" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/hep-ex/0307015v2" rel="related" type="application/pdf"/>
    <category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
  <category term="81T60" scheme="http://arxiv.org/schemas/atom"/>
  </entry>"""
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Journal of Slow Reading</title><lastBuildDate>Fri, 20 Nov 2026 00:00:00 GMT</lastBuildDate>
{items}
</channel></rss>"""
ITEM = """<item><title><![CDATA[On <i>E. coli</i> &amp; Rock & Roll]]></title>
<media:title>Picture of the day</media:title>
<link>https://onlinelibrary.example.org/doi/abs/10.1002/adma.2023?af=R</link>
<description>&lt;p&gt;We &lt;b&gt;show&lt;/b&gt; it.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>Longer.</p>]]></content:encoded>
<dc:creator>Doe, Jane</dc:creator><dc:creator>Bob Roe</dc:creator>
<dc:date>2026-11-19</dc:date><category>Biology</category></item>"""


def read(text: str, format: str) -> Listing:
    listing = understand(text.encode(), "feed.xml")
    assert listing.format == format
    return listing


def only(text: str, format: str = "feed") -> Paper:
    (paper,) = read(text, format).papers
    return paper


def test_an_answer_of_the_api() -> None:
    listing = read(API.format(total=1, entries=ENTRY), "arxiv-atom")
    (paper,) = listing.papers
    assert (paper.title, paper.abstract) == ("Multi-Electron Production at √s", "It was seen.")
    assert paper.authors == ("H1 Collaboration", "Ada Lovelace")
    assert (str(paper.published), paper.categories) == ("2003-07-07", ("hep-ex",))
    assert paper.ids == {"arxiv": "hep-ex/0307015", "doi": "10.1140/epjc/s2003"}
    assert (paper.url, paper.source) == ("http://arxiv.org/abs/hep-ex/0307015v2", "arxiv")
    assert listing.notes == ["1 withdrawn paper: hep-ex/0307015"]


def test_an_empty_answer_is_fine_and_one_that_counts_what_it_does_not_hold_is_not() -> None:
    assert read(API.format(total=0, entries=""), "arxiv-atom").notes == ["the feed holds no entries"]
    with pytest.raises(DumpError, match="counts 214881 results and holds none"):
        read(API.format(total=214881, entries=""), "arxiv-atom")


def test_an_error_of_the_api_is_told_in_its_words() -> None:
    said = "<title>Error</title><summary>incorrect id format</summary>"
    error = f"<entry><id>http://arxiv.org/api/errors#bad</id>{said}</entry>"
    with pytest.raises(DumpError, match="arXiv answered: incorrect id format"):
        read(API.format(total=1, entries=error), "arxiv-atom")


@pytest.mark.parametrize(
    ("said", "kind"), [("new", "new"), ("cross", "cross"), ("replace", "replaced"), ("replace-cross", "replaced")]
)
def test_announcements_tell_their_kind(said: str, kind: str) -> None:
    item = f"""<item><title>T</title><link>https://arxiv.org/abs/2411.03817</link>
    <description>arXiv:2411.03817v2 Announce Type: {said} \nAbstract: It is.</description>
    <guid isPermaLink="false">oai:arXiv.org:2411.03817v2</guid><category>cs.AI</category>
    <pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate><dc:creator>Ann Lee, Bo Day and Cy Eve</dc:creator></item>"""
    text = RSS.format(items=item).replace("Journal of Slow Reading", "cs.AI updates on arXiv.org")
    paper = only(text, "arxiv-feed")
    assert (paper.kind, paper.abstract, paper.ids) == (kind, "It is.", {"arxiv": "2411.03817"})
    assert paper.published is None, "the day of the announcement is not the paper's"
    assert paper.authors == ("Ann Lee", "Bo Day", "Cy Eve")


def test_the_announcements_of_before_2024() -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="http://arxiv.org/"><title>cs.CL updates on arXiv.org</title></channel>
    <item rdf:about="http://arxiv.org/abs/2311.01234"><title>Slow Reading. (arXiv:2311.01234v2 [cs.CL] UPDATED)</title>
    <link>http://arxiv.org/abs/2311.01234</link><description>&lt;p&gt;It is.&lt;/p&gt;</description>
    <dc:creator>&lt;a href="http://arxiv.org/"&gt;Ann Lee&lt;/a&gt;, &lt;a href="y"&gt;Bo Day&lt;/a&gt;</dc:creator>
    </item></rdf:RDF>"""
    paper = only(text, "arxiv-feed")
    assert (paper.title, paper.abstract, paper.kind) == ("Slow Reading", "It is.", "replaced")
    assert (paper.authors, paper.categories) == (("Ann Lee", "Bo Day"), ("cs.CL",))


def test_an_item_of_a_journal() -> None:
    paper = only(RSS.format(items=ITEM))
    assert (paper.title, paper.abstract) == ("On E. coli & Rock & Roll", "We show it.")
    assert paper.authors == ("Jane Doe", "Bob Roe")
    assert (str(paper.published), paper.categories) == ("2026-11-19", ("Biology",))
    assert (paper.ids, paper.source) == ({"doi": "10.1002/adma.2023"}, "Journal of Slow Reading")


def test_the_ways_of_publishers() -> None:
    elsevier = "<p>Publication date: March 2026</p><p><b>Source:</b> A Journal</p><p>Author(s): Ann Lee, Bo Day</p>"
    item = f"<item><title>T</title><link>https://x.example.org/1</link><description><![CDATA[{elsevier}]]></description></item>"
    paper = only(RSS.format(items=item))
    assert (paper.abstract, paper.authors) == (None, ("Ann Lee", "Bo Day"))
    pubmed = (
        "<p>J. 2026. doi: 10.1/x.</p><p><b>ABSTRACT</b></p><p>We did.</p><p style='x'>PMID:<a>12</a> | DOI:<a>y</a></p>"
    )
    item = f"""<item><title>T</title><guid>pubmed:39000001</guid><description>ABSTRACT We...</description>
    <content:encoded><![CDATA[{pubmed}]]></content:encoded><dc:identifier>doi:10.1000/Ab.2</dc:identifier></item>"""
    paper = only(RSS.format(items=item))
    assert (paper.abstract, paper.ids) == ("We did.", {"doi": "10.1000/ab.2", "pmid": "39000001"})


def test_xhtml_titles_and_feeds_with_a_prefix() -> None:
    text = """<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>J</a:title><a:entry>
    <a:title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Big <em>and</em> small</div></a:title>
    <a:link rel="enclosure" href="https://x.example.org/a.pdf"/><a:link href="https://x.example.org/a"/>
    <a:author><a:email>x@example.org</a:email></a:author></a:entry></a:feed>"""
    paper = only(text)
    assert (paper.title, paper.url, paper.authors) == ("Big and small", "https://x.example.org/a", ())


def test_what_feeds_do_wrong_is_mended() -> None:
    broken = ITEM.replace("We &lt;b", "Caf&eacute; R&D \x0b&lt;b").replace("<category>", "<gone:x>1</gone:x><category>")
    paper = only("\n \n" + RSS.format(items=broken))
    assert paper.abstract == "Café R&D show it."


def test_one_broken_item_leaves_the_others_alone() -> None:
    broken = "<item><title>B</title><description>a<br>b</description></item>"
    listing = read(RSS.format(items="\n".join([ITEM, broken, ITEM])), "feed")
    assert len(listing.papers) == 2
    (piece,) = listing.skipped
    assert (piece.kind, piece.line) == ("unreadable", 12)
    titleless = read(RSS.format(items="<item><link>https://x</link></item>" + ITEM), "feed")
    assert [piece.reason for piece in titleless.skipped] == ["an entry without a title"]


def test_a_feed_that_breaks_off_says_so() -> None:
    text = RSS.format(items=ITEM + "\n" + ITEM)
    listing = read(text[: text.rindex("<dc:creator>")], "feed")
    assert len(listing.papers) == 1
    assert [(piece.kind, piece.line) for piece in listing.skipped] == [("incomplete", 12)]
    listing = read(text[: text.rindex("</channel>")], "feed")
    assert len(listing.papers) == 2
    assert [piece.kind for piece in listing.skipped] == ["incomplete"]


def test_several_feeds_in_one_file_are_read_one_after_the_other() -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title></entry></feed>'
    listing = read("\n".join([RSS.format(items=ITEM), '<?xml version="1.0"?>' + atom, atom]), "feed")
    assert [paper.title for paper in listing.papers] == ["On E. coli & Rock & Roll", "A", "A"]
    assert not listing.skipped


def test_traps_are_refused() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        + RSS.format(items="<item><title>&b;</title></item>")[22:]
    )
    with pytest.raises(DumpError, match="declares the entity 'b'"):
        understand(bomb.encode(), "bomb.xml")
    with pytest.raises(DumpError, match="nested too deeply"):
        understand(("<rss>" + "<a>" * 100_000).encode(), "deep.xml")
    outside = (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + RSS.format(items="<item><title>x&a;</title></item>")[22:]
    )
    assert only(outside).title == "x"


def test_encodings_by_declaration_and_by_mark() -> None:
    text = RSS.format(items="<item><title>Käse &#8211; Ω</title></item>")
    latin = text.replace("Ω", "").replace('"1.0"', '"1.0" encoding="ISO-8859-1"', 1).encode("latin-1")
    assert understand(latin, "x").papers[0].title == "Käse –"
    assert understand(text.encode("utf-16"), "x").papers[0].title == "Käse – Ω"
    assert understand(text.encode("utf-16-le"), "x").notes == ["read as UTF-16, by its zero bytes"]
