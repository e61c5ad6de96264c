"""What LaTeX's commands look like in Unicode, past the letters that `digestbot.rules.latex` knows."""

from __future__ import annotations

# combining characters, to be put behind the letter they go over or under
ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "acute": "\u0301",
    "grave": "\u0300", "check": "\u030c", "breve": "\u0306",
}  # fmt: skip

SIGNS = {
    "hbar": "ℏ", "partial": "∂", "nabla": "∇", "infty": "∞", "times": "×", "cdot": "·", "pm": "±", "mp": "∓",
    "div": "÷", "ast": "*", "star": "⋆", "circ": "°", "bullet": "•", "oplus": "⊕", "otimes": "⊗", "odot": "⊙",
    "dagger": "†", "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠",
    "neq": "≠", "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "lt": "<", "gt": ">", "approx": "≈",
    "simeq": "≃", "sim": "~", "cong": "≅", "equiv": "≡", "propto": "∝", "perp": "⊥", "parallel": "∥", "mid": "|",
    "in": "∈", "notin": "∉", "subset": "⊂", "supset": "⊃", "subseteq": "⊆", "supseteq": "⊇", "cup": "∪",
    "cap": "∩", "setminus": "∖", "emptyset": "∅", "varnothing": "∅", "forall": "∀", "exists": "∃", "neg": "¬",
    "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "to": "→", "rightarrow": "→", "longrightarrow": "→",
    "leftarrow": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔",
    "iff": "⇔", "implies": "⇒", "mapsto": "↦", "uparrow": "↑", "downarrow": "↓", "sum": "∑", "prod": "∏",
    "int": "∫", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "lbrace": "{", "rbrace": "}", "lvert": "|", "rvert": "|", "vert": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "|": "‖", "prime": "′", "degree": "°", "ldots": "…", "dots": "…", "cdots": "⋯", "quad": " ",
    "qquad": " ", "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "Bigl": "", "Bigr": "",
    "top": "⊤", "limits": "", "displaystyle": "", "checkmark": "✓", "textdegree": "°", "textregistered": "®",
    "texttrademark": "™", "copyright": "©", "S": "§", "textendash": "–", "textemdash": "—", "textgreater": ">",
    "textless": "<", "textbar": "|", "textbackslash": "\\", "textasciitilde": "~", "textunderscore": "_",
    "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”",
    ",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\\": " ", "/": "", "-": "",
    "{": "{", "}": "}", "%": "%", "$": "$", "&": "&", "#": "#", "_": "_",
}  # fmt: skip

DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ", "E": "𝔼", "1": "𝟙"}

_PLAIN = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ′*†° "
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ′*†° "
RAISED = dict(zip(_PLAIN, _RAISED, strict=True))
LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ ", strict=True))
