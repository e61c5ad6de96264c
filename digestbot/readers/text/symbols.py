"""What LaTeX's commands become where papers are read: Unicode by the command's name, or nothing."""

from __future__ import annotations

from digestbot.rules import symbols

ACCENTS = {**symbols.ACCENTS, "t": ""}
LETTERS = {**symbols.LETTERS, "imath": "ı", "jmath": "ȷ"}
SYMBOLS = {
    **symbols.GREEK, **symbols.SIGNS,
    "ldots": "...", "dots": "...", "textellipsis": "...", "xspace": "", "deg": "deg", "sqrt": "√", "and": "and",
}  # fmt: skip

# they change how their argument looks, not what it says
STYLES = frozenset(
    """text textit textbf texttt textsc textsf textrm textup textsl textmd textnormal textsuperscript
    textsubscript emph underline mbox hbox ensuremath mathrm mathbf mathit mathsf mathtt mathcal mathbb
    mathfrak mathscr mathnormal boldsymbol bm pmb operatorname mathop mathbin mathrel mathord bf it em rm sc
    sf tt sl cal bb bfseries itshape scshape slshape sffamily ttfamily rmfamily upshape mdseries normalfont
    tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge displaystyle textstyle
    scriptstyle limits nolimits left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr
    protect relax noindent par newline linebreak uppercase MakeUppercase lowercase url nolinkurl path
    enquote mkbibquote mkbibemph mkbibbold uline ce SI si num""".split()  # noqa: SIM905 - one name a line would be a page
)

# their (first) argument is not for reading
SILENT = frozenset(
    """cite citep citet citealp citeauthor citeyear ref eqref label begin end color textcolor hspace vspace
    href footnotemark thanks phantom hphantom vphantom""".split()  # noqa: SIM905 - see above
)
