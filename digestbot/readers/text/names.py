"""The names that a paper's fields go by: one list for JSON, XML, tables and labelled text."""

from __future__ import annotations

import re
from collections.abc import Mapping

# per field its names, letters and digits only; where a record has several of one field, the first counts
NAMES: Mapping[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        "title": "title titles maintitle titlemain titledisplay papertitle articletitle documenttitle itemtitle"
        " doctitle primarytitle originaltitle dctitle ti t1 papername nameofpaper titel titre titulo headline"
        " 标题 題名 题名 论文标题 文献标题 文獻標題 書名 书名 タイトル",
        "loose title": "paper papers name article publication displayname",
        "abstract": "abstract abstracts abstractnote abstracttext paperabstract abstractsnippet abs summary summaries"
        " dcdescription description descriptions contenthtml contenttext ab n2 zusammenfassung resume resumen tldr"
        " 摘要 抄録 要旨",
        "authors": "authorfullnames authorsfullnames authfullnames authorshipsauthordisplayname authors author"
        " authornames authorsnames authorname authorlist authorslist authorstring fullauthors creators"
        " authorscreators dccreator contribnames contribs authordisplay zauthors firstauthors names"
        " autoren auteurs autores af au creator contributors byline 作者 作者全名 著者 著者名",
        "date": "publicationdate publisheddate datepublished publishedat published publishedon publicationdatetdate"
        " prismcoverdate coverdate preprintdate earliestdate produceddates dateofacceptance pubdate publishdate date"
        " issued dateissued datereleased submitteddate submissiondate submitted onlinedate datum dcdate"
        " releasedate year releaseyear publicationyear pubyear publishedyear py jahr annee"
        " 年份 出版年 出版日期",
        "doi": "doi dois doiids prismdoi itemdoi electronicresourcenum di doilink doiurl",
        "arxiv": "arxivid arxivids arxiveprints arxiv arxivnumber arxivlink arxivurl arxividentifier eprint urlabs"
        " entryid",
        "pmid": "pmid pubmedid pm",
        "pmcid": "pmcid pmc",
        "openalex": "openalexid openalex",
        "s2": "semanticscholarid s2id s2paperid paperid",
        "id": "identifier identifiers externalids extids serialnumber articleids id ids pids pid extra key",
        "url": "urlpublichtml url urls paperurl paperlink articleurl abstracturl absurl urlabs abs htmlurl pageurl link"
        " links uris ee entryid href ur pdf pdfurl urlpdf pdflink fulltexturl zbmathurl 链接 連結 リンク",
        "upvotes": "upvotes votes likes",
        "categories": "arxivclass categories arxivcategories category terms term subjects subject primarycategory"
        " fieldsofstudy subjectareas researchareas topics",
        "keywords": "authorkeywords keywords keyword indexkeywords kw de meshterms mesh aikeywords manualtags",
        "organization": "organization organisation institution institutions affiliation",
        "journal": "journal journalname journaltitle fulljournalname sourcetitle publicationtitle containertitle"
        " publicationname containername fulltitle secondarytitle periodical venue conference booktitle proceedings"
        " proceedingstitle so"
        " 来源出版物名称 來源出版物名稱 期刊 出版物名 雑誌名",
        "kind": "announcetype kind",
    }.items()
}
NAME_KEYS = (
    *("fullname", "name", "creatorname", "rawname", "text", "displayname", "literal", "creator", "preferredname", "$"),
    *("displayform", "authorname"),
)
"""Where a record of a person keeps the whole name, the surest first; the next two: the parts of one."""
GIVEN_KEYS = ("given", "givenname", "givennames", "firstname", "forename", "first")
FAMILY_KEYS = ("family", "familyname", "familynames", "lastname", "surname", "last")
FIELDS: Mapping[str, str] = {name: field for field in reversed([*NAMES]) for name in NAMES[field]}
"""The field of each name; of a name that two fields have, the one that stands first in `NAMES`."""
RANKS: Mapping[str, int] = {name: rank for names in NAMES.values() for rank, name in enumerate(names)}
_SIGNS = re.compile(r"[\W_]")


def folded(name: str) -> str:
    """A name with its letters and digits alone, small: "Author(s) ID" is "authorsid"."""
    return _SIGNS.sub("", name).lower()
