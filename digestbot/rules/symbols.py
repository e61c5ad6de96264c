"""What LaTeX's commands stand for in Unicode, by their names: for whoever reads papers, matches or shows them."""

from __future__ import annotations

# combining characters, to be put behind the letter they go over or under
ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "acute": "\u0301", "grave": "\u0300", "hat": "\u0302", "ddot": "\u0308", "tilde": "\u0303",
    "bar": "\u0304", "dot": "\u0307", "check": "\u030c", "breve": "\u0306", "mathring": "\u030a",
    "vec": "\u20d7", "widehat": "\u0302", "widetilde": "\u0303", "overline": "\u0304",
}  # fmt: skip

LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "dj": "đ", "DJ": "Đ", "th": "þ", "TH": "Þ", "ng": "ŋ",
    "NG": "Ŋ",
}  # fmt: skip

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "varkappa": "κ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "varpi": "π", "rho": "ρ", "varrho": "ρ",
    "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
}  # fmt: skip

GREEK_NAMES = {
    letter: name.lower() for name, letter in GREEK.items() if not name.startswith("var") and name != "ell"
} | {"ς": "sigma"}
"""What a Greek letter is called, small or capital."""

PLAIN_LETTERS = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ȷ": "j", "æ": "ae", "œ": "oe", "ß": "ss", "ħ": "h",
    "ŧ": "t",
}  # fmt: skip
"""Small letters that hold no combining mark, and yet are another letter with something added."""

SIGNS = {
    "hbar": "ℏ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "partial": "∂", "nabla": "∇", "infty": "∞", "times": "×",
    "cdot": "·", "pm": "±", "mp": "∓", "div": "÷", "ast": "*", "star": "⋆", "circ": "°", "bullet": "•",
    "oplus": "⊕", "ominus": "⊖", "otimes": "⊗", "odot": "⊙", "dagger": "†", "ddagger": "‡", "le": "≤",
    "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠", "ll": "≪",
    "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "lt": "<", "gt": ">", "approx": "≈", "simeq": "≃", "sim": "~",
    "cong": "≅", "equiv": "≡", "propto": "∝", "perp": "⊥", "parallel": "∥", "mid": "|", "in": "∈", "notin": "∉",
    "ni": "∋", "subset": "⊂", "supset": "⊃", "subseteq": "⊆", "supseteq": "⊇", "cup": "∪", "cap": "∩",
    "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬", "lnot": "¬",
    "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "to": "→", "rightarrow": "→", "longrightarrow": "→",
    "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐",
    "Leftrightarrow": "⇔", "iff": "⇔", "implies": "⇒", "mapsto": "↦", "uparrow": "↑", "downarrow": "↓",
    "hookrightarrow": "↪", "rightsquigarrow": "⇝", "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lbrace": "{",
    "rbrace": "}", "lvert": "|", "rvert": "|", "vert": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖",
    "prime": "′", "degree": "°", "cdots": "⋯", "quad": " ", "qquad": " ", "sun": "☉", "earth": "⊕",
    "square": "□", "Box": "□", "triangle": "△", "checkmark": "✓", "S": "§", "P": "¶", "copyright": "©",
    "textcopyright": "©", "textregistered": "®", "texttrademark": "™", "pounds": "£", "textsterling": "£",
    "euro": "€", "texteuro": "€", "textdollar": "$", "textmu": "µ", "textdegree": "°", "textpm": "±",
    "texttimes": "×", "textendash": "–", "textemdash": "—", "slash": "/", "textquoteright": "’",
    "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'", "lq": "‘",
    "rq": "’", "guillemotleft": "«", "guillemotright": "»", "textless": "<", "textgreater": ">", "textbar": "|",
    "textbackslash": "\\", "backslash": "\\", "textunderscore": "_", "textasciitilde": "~",
    "textasciicircum": "^", "textbraceleft": "{", "textbraceright": "}",
}  # fmt: skip
