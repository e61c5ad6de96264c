"""The formats that a folder of files may get, and how their names end."""

EXTENSIONS = {
    "html": "html",
    "markdown": "md",
    "text": "txt",
    "email": "eml",
    "json": "json",
    "feed": "atom",
    "archive": "archive.html",
    "bibtex": "bib",
    "ris": "ris",
}
DEFAULT_FORMATS = "html,markdown"
