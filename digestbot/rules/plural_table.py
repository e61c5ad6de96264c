"""Irregular and Latin plurals: the table, reviewed word by word, that `word_forms` reads.

Left out on purpose, for they are two words in a paper's title: datum/data, medium/media, person/people, die/dice,
quantum/quanta, opus/opera, genius/genii, agendum/agenda, self/selves, staff/staves.
"""

from __future__ import annotations

from collections.abc import Iterator

GROUPS: tuple[tuple[str, str, str], ...] = (
    # end of the singular, end of the plural, the words before it
    ("ix", "ices", "matr append hel cerv directr submatr"),
    ("ex", "ices", "ind vert vort ap cort cod simpl subind neocort"),
    ("on", "a",
        "criteri phenomen automat gangli polyhedr tetrahedr octahedr icosahedr dodecahedr hexahedr "
        "mitochondri metazo protozo epiphenomen tax"),
    ("um", "a",
        "spectr bacteri strat curricul symposi ov memorand addend corrigend errat epitheli endotheli "
        "equilibri disequilibri maxim minim optim extrem continu substrat simulacr referend millenni aquari "
        "cili flagell phyl ser moment sept sacr capitul desiderat "
        "cyanobacteri mycobacteri enterobacteri proteobacteri actinobacteri"),
    ("us", "i",
        "nucle stimul foc loc radi fung cact alumn syllab tor thromb embol bacill gyr sulc bronch calcul "
        "hippocamp thesaur modul isthm nev humer coloss streptococc staphylococc pneumococc enterococc"),
    ("us", "ora", "corp"),
    ("us", "era", "gen"),
    ("a", "ae",
        "larv alg formul antenn vertebr lacun nebul supernov nov pup lamin hyph macul amoeb areol cochle "
        "trache microalg macroalg"),
    ("ma", "mata", "stig sche enig carcino sarco lem"),
    ("oot", "eet", "f"),
    ("ooth", "eeth", "t sawt"),
    ("oose", "eese", "g"),
    ("ouse", "ice", "m l dorm woodl"),
    ("man", "men",
        "- wo chair fisher police fire work crafts states gentle sales spokes country hunts clergy congress "
        "herds"),
    ("u", "us", "gp cp tp np ic"),
    ("x", "ces", "thora"),
    ("child", "children", "- grand step god school"),
    ("ox", "oxen", "-"),
    ("leaf", "leaves", "- over"),
    ("fe", "ves", "kni wi li midwi housewi afterli"),
    ("f", "ves", "wol hal shel cal loa thie bookshel werewol shea"),
    ("is", "es", "ax test"),
)  # fmt: skip


def pairs() -> Iterator[tuple[str, str]]:
    """Every singular with its plural."""
    for singular, plural, words in GROUPS:
        for word in words.split():
            start = word if word != "-" else ""
            yield start + singular, start + plural
