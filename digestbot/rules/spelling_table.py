"""British and American spellings of one word: the table, reviewed word by word, that `word_forms` reads.

A group is a pair of beginnings' endings, the words that have them, and what may follow; plurals need not be listed.
No ending is rewritten by itself: "four" is not "for", "wise" not "wize", since no word here makes them so. Left out on
purpose, since one of the two is also another word: cheque/check, kerb/curb, storey/story, draught/draft, tonne/ton,
vice/vise, axe/ax, gauge/gage. What Britons write in two ways that Americans write in one (licence and license, practise
and practice, programme and program, metre and meter) is in: whoever asks for one asks for the other's papers, too.
"""

from __future__ import annotations

from collections.abc import Iterator

GROUPS: tuple[tuple[str, str, str, str], ...] = (
    # British end, American end, the words before it, what may stand after it
    ("our", "or",
        "arb ard arm behavi cand clam col demean endeav enam fav flav glam harb hon hum lab misbehavi neighb "
        "od parl ranc rig rum sav savi splend succ tum val vap vig watercol discol dishon disfav",
        ", ed, ing, er, ers, al, ally, able, ably, ful, fully, less, ist, ite, ites, ism, hood, hoods, y, "
        "ation, ational"),
    ("is", "iz",
        "amort anonym anthropomorph apolog aromat atom author automat axiomat bastard binar bowdler brutal "
        "burglar canal canon canonical capital carbon carbox categor cauter central channel character chem "
        "civil collectiv coloni colon color commercial commod compartmental computer conceptual concret "
        "conformal container contextual critic crystall custom dealkal decarbon decarbox decentral decolon "
        "decolor decriminal dehuman delexical democrat demonet demoral dequant deputi desalin destabil "
        "detokeni diagonal dichotom digit digital discret dockeri docker dramat econom editorial elasti "
        "emphas energ epitom equal etern external factor familiar fantas featur federal fertil final formal "
        "fossil fratern galvan gelatin general glamor global gorgon graphit harmon homogen homolog hospital "
        "human hybrid hypersensit hypnot hypothes ideal idol immobil immortal immun incentiv individual "
        "industrial initial institutional internal international ion irrational item jeopard kernel keratin "
        "latin legal legitim lemmat lexical liberal linear lion local magnet maximal maxim mechan medical "
        "memor merchand mesmer metabol metastas miniatur minimal minim mobil modern modular monetar monet "
        "monopol moral motor nasal national natural nebul neutral nominal normal nuclear operational optim "
        "organ orthogonal orthonormal ostrac overgeneral overoptim overparameter overparametr oxid oxygen "
        "parallel parameter parametr particular pasteur patron pedestrian penal personal philosoph photoion "
        "pixel plagiar polar polymer popular pressur preinitial prior priorit privat problemat productioni "
        "production public pulver quant racial radical random raster rational real recogn recolon recategor "
        "reconceptual reparameter reparametr reinitial relocal renormal reoptim reorgan regular repolar "
        "revital revolution ritual robot roman romantic sanit satir scandal scalar scrutin secular "
        "sensational sensit sentimental serial sexual singular social solubil special specular spiritual "
        "stabil standard steril stigmat strateg styl subsid summar symbol sympath symmetr synchron synerg "
        "synthes system systemat tabular tantal tempor tensor terror textur theor thermal token total "
        "tranquil traumat trivial tyrann uncharacter underutil univers unorgan unsignal unauthor unrecogn "
        "unregular unnormal unoptim urban util vandal vapor vapour vector verbal victim virtual visual vital "
        "vocal volatil voxel vulcan western",
        "e, ed, ing, er, ers, able, ability, ation, ations, ational, ationally, ement"),
    ("ouris", "oriz", "col decol vap", "e, ed, ing, er, ers, ation, ations"),
    ("ys", "yz",
        "anal reanal catal paral hydrol electrol dial psychoanal photol autol pyrol plasmol overanal",
        "e, ed, ing, er, ers, able"),
    ("re", "er",
        "cent epicent fib lit millilit microlit theat amphitheat calib lust meag met kilomet centimet "
        "millimet micromet nanomet decimet picomet sab somb spect scept mit nit och microfib nanofib hypocent "
        "multicent barycent metacent goit louv accout",
        ", d"),
    ("tring", "tering", "cen epicen accou", ", s"),
    ("aem", "em",
        "an leuk isch ur hypoglyc hyperglyc glyc septic bacter vir hypox hyperlipid dyslipid hyperlip "
        "hypercholesterol thalass tox acid hypovol hyper natr hypertriglycerid hyperkal hypokal hyponatr "
        "hypernatr hypercalc hypocalc hyperuric poly polycyth azot normoglyc euglyc hyperinsulin "
        "hyperbilirubin galactos lip parasit fung hypoalbumin hyperphosphat hypophosphat hypomagnes "
        "hyperammon hypogammaglobulin",
        "ia, ias, ic, ics"),
    ("haem", "hem",
        "- mega oxy deoxy carboxy",
        "oglobin, oglobins, ophilia, ophilic, ophiliac, orrhage, orrhages, orrhagic, orrhaging, orrhoid, "
        "orrhoids, atology, atological, atologic, atologist, atologists, atoma, atomas, atopoietic, "
        "atopoiesis, atocrit, atoxylin, aturia, olysis, olytic, odialysis, odynamic, odynamics, odynamically, "
        "ostasis, ostatic, oglobinopathy, oglobinopathies, ochromatosis, ocyte, ocytes, ocyanin, olymph, "
        "atite, agglutinin, agglutination, angioma, angiomas, othorax, optysis, ofiltration, atogenous, "
        "opoietic, opoiesis, oproteins, oprotein, oxygenase, e, es"),
    ("oe", "e",
        "-",
        "strogen, strogens, strogenic, stradiol, strus, strous, sophagus, sophageal, sophagitis, dema, demas, "
        "dematous, nology, nological, nologist, cumenical, nothera"),
    ("foet", "fet", "-", "us, al, uses, oscope"),
    ("oea", "ea",
        "diarrh gonorrh rhinorrh dysmenorrh amenorrh galactorrh seborrh leucorrh steatorrh logorrh otorrh "
        "pyorrh",
        ", s, l"),
    ("noea", "nea", "dysp ap orthop tachyp eup hyperp hypop bradyp", ", s, ic"),
    ("noe", "ne", "dysp ap orthop tachyp hypop", "ic"),
    ("coeliac", "celiac", "-", ""),
    ("anaesth", "anesth",
        "- neuro",
        "esia, esias, etic, etics, etist, etists, etise, etised, esiology, esiologist, etize, etized"),
    ("paed", "ped",
        "- ortho encyclo",
        "iatric, iatrics, iatrician, iatricians, ic, ics, ia, ias, ophile, ophilia, ist, ists"),
    ("gynaec", "gynec", "-", "ology, ological, ologic, ologist, ologists, omastia"),
    ("faec", "fec", "-", "al, es, ally"),
    ("aeti", "eti", "-", "ology, ologies, ological, ologically, ologic, opathogenesis"),
    ("caes", "ces", "-", "ium, arean, arian, areans"),
    ("palaeo", "paleo",
        "-",
        "ntology, ntological, ntologist, ntologists, climate, climates, climatology, climatic, lithic, cene, "
        "zoic, genomics, genomic, ecology, ecological, magnetic, magnetism, environment, environments, "
        "environmental, graphy, botany, current, currents, anthropology, anthropological, geography, "
        "proterozoic, gene"),
    ("archaeo", "archeo", "-", "logy, logical, logist, logists, logically, astronomy, botany, metallurgy, metry"),
    ("mediaeval", "medieval", "-", ", ist, ists, ism"),
    ("naev", "nev", "-", "us, i, uses"),
    ("homoeo", "homeo", "-", "stasis, static, pathy, pathic, path, morphism, morphic, morphisms, box"),
    ("sulph", "sulf",
        "- de di hydro thio poly",
        "ur, urs, urous, uric, ate, ates, ated, ation, ide, ides, idic, ite, ites, onate, onates, onated, "
        "onation, onic, one, ones, onamide, onamides, hydryl, oxide, oxides, urised, urized, urisation, "
        "urization, urise, urize, onylurea, onylureas, asalazine, adiazine, amethoxazole"),
    ("aluminium", "aluminum", "-", ", s"),
    ("l", "",
        "model remodel label relabel mislabel unlabel travel cancel channel tunnel signal level dial equal "
        "marshal marvel panel pencil pedal quarrel rival shovel spiral stencil swivel trammel trowel unravel "
        "ravel weasel yodel initial jewel kennel libel medal metal parcel pummel revel shrivel snivel counsel "
        "enamel funnel gravel grovel imperil laurel barrel bevel carol cavil chisel cudgel dishevel drivel "
        "duel devil bedevil backpedal premodel premetal multichannel multilevel hypermodel nonlabel prelabel "
        "untravel uncancel unmodel fuel tinsel tassel apparel empanel impanel nickel teasel victual",
        "ed, ing, ings, er, ers, or, ors, ery, ous, ously"),
    ("l", "ll", "fulfi enro reenro", "ment, ments"),
    ("il", "ill", "fulf inst dist", ""),
    ("ol", "oll", "enr", ""),
    ("skilful", "skillful", "- un", ", ly, ness"),
    ("wilful", "willful", "-", ", ly, ness"),
    ("instalment", "installment", "-", ""),
    ("woollen", "woolen", "-", ""),
    ("jewellery", "jewelry", "-", ""),
    ("ogue", "og", "catal dial anal homol monol epil prol travel", ", d, r"),
    ("oguing", "oging", "catal", ""),
    ("ence", "ense", "def off pret lic", ", less"),
    ("practis", "practic", "-", "e, ed, ing"),
    ("grey", "gray", "-", ", s, ed, ing, ish, ness, scale, level, box"),
    ("programme", "program", "-", ""),
    ("ageing", "aging", "- anti", ""),
    ("tyre", "tire", "-", ""),
    ("plough", "plow", "-", ", ed, ing, share"),
    ("mould", "mold", "-", ", ed, ing, ings, y, able, er, ers"),
    ("moult", "molt", "-", ", ed, ing"),
    ("smoulder", "smolder", "-", ", ed, ing"),
    ("disc", "disk", "-", ", s, ette, ettes"),
    ("artefact", "artifact", "-", ", ual"),
    ("sceptic", "skeptic", "-", ", al, ally, ism"),
    ("judgement", "judgment", "- mis", ", al"),
    ("acknowledgement", "acknowledgment", "-", ""),
    ("cosy", "cozy", "-", ""),
    ("pyjamas", "pajamas", "-", ""),
    ("yoghurt", "yogurt", "-", ""),
    ("marvellous", "marvelous", "-", ", ly"),
    ("likeable", "likable", "- un", ""),
    ("sizeable", "sizable", "-", ""),
    ("moveable", "movable", "- un", ""),
    ("useable", "usable", "- re un", ""),
    ("saleable", "salable", "-", ""),
    ("rateable", "ratable", "-", ""),
    ("focuss", "focus", "- re un de", "ed, ing, es"),
    ("biass", "bias", "- un de", "ed, ing"),
    ("mollusc", "mollusk", "-", ""),
    ("enquir", "inquir", "-", "y, ies, e, ed, ing, er, ers"),
    ("neurone", "neuron", "- inter", ""),
    ("cypher", "cipher", "- de en", ", ed, ing, text, texts"),
    ("manoeuvr", "maneuver", "- out", "ed, ing, ability, able"),
    ("manoeuvre", "maneuver", "- out", ""),
    ("aeroplane", "airplane", "-", ""),
    ("coloration", "colouration", "-", ""),
    ("fibreglass", "fiberglass", "-", ""),
    ("fibreoptic", "fiberoptic", "-", ""),
    ("leucocyt", "leukocyt", "-", "e, es, ic, osis"),
    ("oxidis", "oxidiz", "per auto photo", "e, ed, ing"),
    ("speciality", "specialty", "-", ""),
    ("tumorigenesis", "tumourigenesis", "-", ""),
    ("tumorigenic", "tumourigenic", "-", ""),
)  # fmt: skip


def pairs() -> Iterator[tuple[str, str]]:
    """Every British spelling with its American one."""
    for british, american, words, endings in GROUPS:
        ends = [(british + ending.strip(), american + ending.strip()) for ending in endings.split(",")]
        for word in words.split():
            start = word if word != "-" else ""
            yield from [(start + one, start + other) for one, other in ends]
