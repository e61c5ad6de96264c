"""What LaTeX's commands stand for: accents, letters and signs as Unicode, by the command's name."""

from __future__ import annotations

# combining characters, to be put behind the letter they go over or under
ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "acute": "\u0301", "grave": "\u0300", "hat": "\u0302", "ddot": "\u0308", "tilde": "\u0303",
    "bar": "\u0304", "dot": "\u0307", "check": "\u030c", "breve": "\u0306", "mathring": "\u030a", "vec": "\u20d7",
    "widehat": "\u0302", "widetilde": "\u0303", "overline": "\u0304", "t": "",
}  # fmt: skip

LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "imath": "ı", "jmath": "ȷ", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ",
    "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip

SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "varkappa": "κ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "varpi": "π", "rho": "ρ", "varrho": "ρ",
    "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "ell": "ℓ", "hbar": "ℏ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "partial": "∂", "nabla": "∇", "infty": "∞",
    "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "div": "÷", "ast": "*", "star": "⋆", "circ": "°",
    "bullet": "•", "oplus": "⊕", "ominus": "⊖", "otimes": "⊗", "odot": "⊙", "dagger": "†", "ddagger": "‡",
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠",
    "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "lt": "<", "gt": ">", "approx": "≈", "simeq": "≃",
    "sim": "~", "cong": "≅", "equiv": "≡", "propto": "∝", "perp": "⊥", "parallel": "∥", "mid": "|",
    "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "supset": "⊃", "subseteq": "⊆", "supseteq": "⊇",
    "cup": "∪", "cap": "∩", "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃",
    "neg": "¬", "lnot": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨",
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔",
    "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "iff": "⇔", "implies": "⇒", "mapsto": "↦",
    "uparrow": "↑", "downarrow": "↓", "hookrightarrow": "↪", "rightsquigarrow": "⇝",
    "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊",
    "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lbrace": "{", "rbrace": "}", "lvert": "|", "rvert": "|",
    "vert": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖", "prime": "′", "degree": "°", "deg": "deg",
    "ldots": "...", "dots": "...", "cdots": "⋯", "textellipsis": "...", "quad": " ", "qquad": " ", "xspace": "",
    "sun": "☉", "earth": "⊕", "square": "□", "Box": "□", "triangle": "△", "checkmark": "✓", "sqrt": "√",
    "S": "§", "P": "¶", "copyright": "©", "textcopyright": "©", "textregistered": "®", "texttrademark": "™",
    "pounds": "£", "textsterling": "£", "euro": "€", "texteuro": "€", "textdollar": "$", "textmu": "µ",
    "textdegree": "°", "textpm": "±", "texttimes": "×", "textendash": "–", "textemdash": "—", "slash": "/",
    "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”",
    "textquotesingle": "'", "lq": "‘", "rq": "’", "guillemotleft": "«", "guillemotright": "»", "textless": "<",
    "textgreater": ">", "textbar": "|", "textbackslash": "\\", "backslash": "\\", "textunderscore": "_",
    "textasciitilde": "~", "textasciicircum": "^", "textbraceleft": "{", "textbraceright": "}", "and": "and",
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
    enquote uline ce SI si num""".split()  # noqa: SIM905 - one name a line would be a page
)

# their (first) argument is not for reading
SILENT = frozenset(
    """cite citep citet citealp citeauthor citeyear ref eqref label begin end color textcolor hspace vspace
    href footnotemark thanks phantom hphantom vphantom""".split()  # noqa: SIM905 - see above
)
