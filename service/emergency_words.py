"""The words of an emergency, as patterns over plain text: who, what, when, and who is at work.

They are read by `emergency.py`, which says what they mean together. The text is in lower case, on
one line, its contractions written out (`plain`). Gaps are bounded, so that no text takes long.
"""

import re


def any_of(*patterns: str) -> str:
    """Return a pattern for one of these."""
    return f"(?:{'|'.join(patterns)})"


# ---- Who: relations of the writer, and children among them

CHILD = (
    r"(?:(?:grand|step)?(?:son|daughter|child(?:ren)?)|kids?|bab(?:y|ies)|toddlers?|infants?|"
    r"newborn|little (?:one|boy|girl)|boy|girl|nephew|niece)"
)
_RELATION = any_of(
    CHILD,
    r"(?:grand|step)?-?(?:father|mother|ma|pa|parents?)(?:-in-law)?|dad(?:dy)?|mum(?:my)?",
    r"mom(?:my)?|gran(?:ny|dad)?|nana|wife|husband|partner|spouse|fianc[eé]e?",
    r"(?:girl|boy)?friend|brother|sister|twin|aunt(?:ie)?|uncle|cousin|neighbou?r|flatmate",
    r"room-?mate|co-?worker|colleague|boss|teacher|1?\d[- ](?:year|month|week|day)[- ]old",
)
_ASIDE = r"(?:(?!patient|client|case)[\w-]+ ){0,3}?"
KIN = any_of(
    rf"\b(?:my|our) {_ASIDE}{_RELATION}\b",
    r"\b(?:dad(?:dy)?|mum(?:my)?|mom(?:my)?|grand(?:ma|pa)|granny)\b",
)
CHILD_OF_MINE = rf"\b(?:my|our) {_ASIDE}{CHILD}\b"
SOMEBODY = any_of(
    r"\bsome(?:one|body)\b",
    r"\b(?:a|an|the|this|that) (?:\w+ )?(?:man|woman|guy|lady|person|boy|girl|child|kid|baby|"
    r"passenger|stranger|colleague|customer)\b",
)
# The writer, not "type I", and not in "can I have the figures".
I = r"(?<!type )(?<!class )(?<!phase )(?<!stage )(?<!grade )(?<!group )(?<!factor )\bi\b"  # noqa: E741
I_HAVE = (
    rf"(?<!can )(?<!could )(?<!may )(?<!should ){I}"
    r"(?: (?:am|have|do|think|believe|just|still|also|suddenly|might|may|could)){0,4}? (?:be )?"
    r"(?:have|having|get|got|getting|feel|feeling|experiencing|suffering from|with)\b"
)

# ---- Between who and what

# Anything of the same sentence that does not turn to somebody else.
SENTENCE = (
    r"(?:(?!\b(?:patients?|whether|asks?|asked|wonders?|wants? to know|stud(?:y|ies)|article|"
    r"paper|clinic|unit|ward|practice|no|not|without|never|denies|fear(?:s|ed)? of|afraid of|"
    r"scared of)\b)[^.?!;]){0,60}?\b"
)
# Only words that carry the sentence on.
STILL = (
    r"(?: (?:am|is|are|was|have|has|had|been|be|do|did|got|get|getting|feel|feels|feeling|think|"
    r"believe|keep|keeps|started|start|just|now|currently|suddenly|really|still|also|actually|"
    r"probably|definitely|basically|literally|almost|nearly|that|i|he|she|and|so|very|about to|"
    r"going to|like|because|already|accidentally|here|cannot stop)\b,?){0,6}? "
)
# Between "I have" and a pain: not somebody else, a duty, a denial or a history.
WITH = (
    r"(?:(?!\b(?:patients?|man|woman|boy|girl|child|colleague|client|case|resident|student|to|who|"
    r"whose|no|not|never|about|if|when|that|questions?|read|seen|heard|between|from|because|on|"
    r"friend|people|someone|year|doctor|fear|ruled|difficulty|trouble|score|rule|treated|managed|excluded|history|"
    r"figures|data)\b)[^.?!;:]){0,50}?"
)

# ---- What: the signs of a life in danger

BREATH = any_of(
    r"(?:cannot|could not|can (?:hardly|barely|scarcely|only just)|(?:hardly|barely) able to|"
    r"not able to|unable to|struggl(?:es?|ing) to|fight(?:s|ing) to) (?:\w+ ){0,2}?"
    r"(?:breathe?\b(?! (?:\w+ )?through)|catch \w+ breath|get (?:\w+ )?(?:air|breath)\b)",
    r"(?:gasping|fighting|struggling) for (?:air|breath)",
    r"(?:not|stopped|hardly|barely) breathing\b",
    r"choking\b(?! (?:sensation|hazard))|suffocating\b",
    r"(?:turning|going|turned|gone|went) blue\b",
)
_SENSES = any_of(
    r"unconscious|unresponsive|(?:lost|losing) consciousness|blacked out|pass(?:ed|ing)? out",
    r"collapsed|(?:not|no longer) (?:conscious|waking up|rousable|moving\b)",
    r"not re(?:acting|sponding)\b(?! to)|does not (?:re(?:spond|act)\b(?! to)|move\b|wake)",
    r"will not wake|cannot be (?:woken|roused|wakened)|lying on the (?:floor|ground)",
    r"having (?:a|an|another) (?:\w+ )?(?:seizure|fit|convulsion)|convulsing|seizing",
    r"(?:having|got) (?:a|an) (?:massive |mild )?(?:heart attack|cardiac arrest)",
    r"just (?:had|suffered) (?:a|an) (?:\w+ )?(?:seizure|fit|stroke|heart attack)",
    r"(?:having|suffering) (?:a|an) (?:mini-?)?stroke|(?:no|not have a) pulse\b",
)
STRONG = any_of(BREATH, _SENSES)
BLEEDING = any_of(
    r"bleed(?:ing|s)? (?:\w+ ){0,4}?(?:heavily|badly|severely|profusely|a lot|out|non-?stop|"
    r"uncontroll\w+|everywhere|and (?:it|the bleeding) (?:will|does) not stop)",
    r"(?:will|does|do) not stop bleeding|pregnant and (?:i |she )?(?:am |is )?bleeding",
    r"(?:vomit(?:ing|s|ed)?|throwing up|threw up|puking|spitting|cough(?:ing|s|ed)?(?: up)?|"
    r"bringing up) (?:\w+ ){0,4}?blood\b(?! tests?)",
    r"los(?:ing|es|t) (?:a lot of|lots of|so much|too much|much) blood",
)
_STROKE = any_of(
    r"cannot (?:speak|talk)\b(?! (?:english|to|with|for|about|much|any))|slurr(?:ing|ed)\b",
    r"cannot (?:move|lift|raise|feel) (?:my|his|her|one|the) (?:\w+ )?"
    r"(?:arm|leg|side|face|body)\b",
    r"cannot (?:finish|complete|say) (?:a|one) (?:\w+ )?sentence",
    r"(?:gone|went) blind|suddenly (?:cannot see|lost (?:my |his |her )?(?:sight|vision))",
)
_POISON = (
    r"(?:bleach|batter(?:y|ies)|magnets?|detergent|pods?|cleaner|drain\w*|cleaning \w+|acid|"
    r"antifreeze|poison|pesticide|weed ?killer|rat bait|paint thinner|lamp oil|petrol|mushrooms?|"
    r"berries|pills?|tablets?|capsules?|medic(?:ine|ation)s?|coins?|bone|glass|nicotine|vape \w+)"
)
_PILLS = (
    r"(?:tablets?|tabs|pills?|capsules?|sleeping \w+|doses|paracetamol|acetaminophen|tylenol|"
    r"ibuprofen|aspirins?|codeine|tramadol|diazepam|xanax|valium|[a-z]{3,}(?:sone|solone|xaban|"
    r"farin|azepam|olol|pril|pine|line|etine))\b"
)
_MANY = (
    r"(?:\d{2,}|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|a hundred|dozens of|"
    r"a lot of|lots of|loads of|all (?:of )?(?:my|his|her|the|our|their))"
)
_WHOLE = (
    r"(?:a|the|my|half a|half the) (?:whole |full |entire |big )?(?:prescription|supply|bottle|"
    r"box|pack|packet|handful|bunch|blister|jar)\b"
)
_TOOK = r"(?:took|taken|swallowed|ate|eaten|ingested|popped|downed)"
OVERDOSE = any_of(
    rf"{_TOOK} (?:\w+ )?{_MANY} (?:(?!(?:m?g|mcg|ml|courses|days|weeks|times|years)\b)[\w'-]+ )"
    rf"{{0,4}}?{_PILLS}(?! (?:a|per|each|every|over|in total|daily))",
    rf"{_TOOK} (?:\w+ )?(?:too (?:many|much)\b|an overdose|{_WHOLE})|overdosed\b",
    rf"(?:drank|drunk|swallowed|eaten|ate|ingested) (?:[\w-]+ ){{0,3}}?{_POISON}",
)
_HURT = any_of(
    r"(?:been |was |got |were )(?:stabbed|shot\b|poisoned|electrocuted|hit by a (?:car|truck|bus)|"
    r"bitten by a (?:\w+ )?(?:snake|viper|cobra|adder))",
    r"(?:going into|in|having) (?:an )?anaphyla\w+(?: shock)?|(?:drowning|drowned)\b",
)
SIGN = any_of(STRONG, BLEEDING, _STROKE, OVERDOSE, _HURT)
BODY = any_of(
    r"(?:lips|face|fingers|nails|mouth|skin) (?:\w+ ){0,3}?(?:blue|bluish|gr[ae]y)\b",
    r"(?:throat|tongue|airway)(?: \w+){0,4}? (?:swelling|swollen|closing|swells)\b"
    r"(?! (?:from|since))",
    r"(?:face|lips|neck|mouth)(?: \w+){0,3}? (?:swelling|swollen) up\b",
    r"(?:face|mouth|eyelid|smile)(?: \w+){0,3}? (?:droop\w*|hang(?:s|ing)|sagg?(?:s|ing)|crooked|"
    r"lopsided)\b",
    r"(?:chest|heart)(?: \w+){0,3}? (?:hurts?|hurting|tight|crushed|crushing|squeez\w+|stopped|"
    r"exploding|burst\w*|killing me)\b",
    r"(?:(?:left|right) (?:arm|leg|side|hand)|side|half)(?: \w+){0,4}? (?:numb|weak|paraly[sz]ed|"
    r"limp|dead)\b",
    r"speech (?:is|has|got|became|sounds)(?: \w+)? slurred",
    r"(?:nose|wound|cut|head|arm|leg|hand|gums?)(?: \w+){0,3}? (?:will|does|do) not stop bleeding",
)
PRESSES = (
    r"(?:pains?|tightness|pressure|weight|elephant|band) (?:\w+ )?(?:in|on|across|around|behind)"
)
PAIN = any_of(
    r"chest (?:pains?|tightness|pressure)",
    rf"{PRESSES} (?:my|his|her|the) (?:chest|breastbone|sternum|heart)",
    r"(?:severe|sudden|extreme|bad|terrible|serious|acute|massive) (?:\w+ )?(?:shortness of breath|"
    r"breathlessness|breathing (?:trouble|difficult\w+|problems?)|allergic reaction|bleeding)",
    r"anaphyla\w+|blue lips|(?:worst|thunderclap) headache",
    r"(?:shortness of breath|trouble breathing|difficulty breathing) (?:\w+ ){0,4}?"
    r"(?:worse|now|suddenly|today)",
)
CALL = any_of(
    r"(?:(?:should|must|do|can|shall|could) (?:i|we) (?:have to |need to )?|please |^|help,? |"
    r"some(?:one|body) )(?:call|ring|dial|phone|get)(?: for| me)? (?:an |the )?(?:ambulance|"
    r"paramedics|911|999|112|000|emergency (?:services|number))",
    r"\bi need an ambulance\b",
)

# ---- Self-harm: the writer's own, or that of somebody of theirs

_MEANS = r"(?:kill|hang|shoot|drown|poison|cut|hurt|harm|stab|starve)(?:ing)?"
_WILL = (
    r"(?:want\w*|going|plan\w*|about|ready|tr(?:y|ies|ied|ying)|decided|thinking (?:about|of)|"
    r"thoughts? (?:about|of)|feel like|urges?|need|threat\w+|talk(?:s|ing) (?:about|of)|tempted|"
    r"wish\w*|considering|will|might)"
)
OWN_WAYS = any_of(
    r"(?:kill|hang|shoot|drown)(?:ing)? myself\b",
    rf"{_WILL} (?:\w+ ){{0,3}}?{_MEANS} myself\b",
    r"\b(?:end|ending|take|taking) my (?:own )?life\b",
    r"\bi (?:\w+ ){0,4}?(?:end it(?: all)?|commit suicide|(?:slit|cut) my wrists?)\b",
    r"\bi (?:\w+ ){0,2}?(?:want|wish|wanted|am going|plan) (?:\w+ )?(?:to die|to be dead)\b",
    r"\bwish i (?:was|were) (?:dead|never born)\b",
    r"\bi do not want to (?:live|be alive|be here|go on)\b",
    r"\b(?:world|everyone|everybody|family|they|all) (?:\w+ ){0,4}?better off without me\b",
    r"\b(?:no|any) reason to (?:go on |keep )?liv(?:e|ing)\b|\bnot worth living\b",
    rf"\bi (?:\w+ ){{0,4}}?{_WILL} (?:\w+ )?overdos(?:e|ing)\b",
    r"\b(?:cut|cutting|harmed|harming) myself (?:again|on purpose)\b",
    r"\bi want it (?:all )?to (?:end|be over)\b",
    r"\bi cannot go on (?:living|any ?more|like this)\b",
    r"\bi (?:am|feel|have been feeling|am feeling|have been|became|got)(?: \w+)? suicidal\b",
    r"\bi (?:am |have |keep |have been )(?:\w+ ){0,3}?(?:(?:thinking|thoughts) (?:about|of) "
    r"(?:\w+ )?)?suicid(?:e|al thoughts)\b",
    r"\b(?:how (?:many|much)|(?:what|which) (?:dose|amount)) [^.?!;]{0,60}?"
    r"(?:kill me\b|(?:do|would|will|should|must) i (?:\w+ ){0,3}?(?:to die|to end))",
    r"\bmakes? me want to die\b|\bi (?:just )?feel like dying\b|\benough to kill me\b",
    r"\bno (?:point|sense) in (?:living|going on)\b|\b(?:nobody|no one) would (?:\w+ )?miss me\b",
    r"\buse (?:it|this|the gun|a gun) on myself\b",
)
THEIR_WAYS = any_of(
    rf"{_WILL} (?:\w+ ){{0,3}}?(?:{_MEANS} (?:himself|herself|themsel\w+)|commit suicide|die\b|"
    r"end (?:his|her|their) (?:own )?life)",
    r"(?:is|feels|feeling|became|seems|been) (?:\w+ )?suicidal\b",
    r"(?:tried|trying|attempted) (?:to )?(?:suicide|kill (?:him|her)self)",
    r"(?:cut|slit) (?:his|her) (?:\w+ )?wrists?",
)

# ---- When, where, and who is at work: a pronoun beside these words is a patient

AT_WORK = (
    r"\b(?:patients?|year[- ]old|presents?|presented|presentation|admitted|admission|ward|icu|itu|"
    r"intubat\w+|extubat\w+|ventilat\w+|gcs|ecg|ekg|ct|mri|cxr|echo|mmhg|spo2|sats?|bpm|mg|mcg|"
    r"ml|iv|bd|tds|biops\w+|bronchoscop\w+|cryobiops\w+|thoracotom\w+|surger\w+|operation|"
    r"postoperative\w*|differential|work-?up|diagnos\w+|prognos\w+|contraindicat\w+|indicat\w+|"
    r"guidelines?|antidote|revers(?:e|al|es|ing)|manage\w*|first[- ]line|dose|dosing|titrat\w+|"
    r"taper\w*|regimen|therap\w+|prophyla\w+|consult|clinic|follow-up|"
    r"which (?!hospital|number|doctor|ambulance)\w+|"
    r"[a-z]{3,}(?:sone|solone|mab|xaban|gatran|parin|farin|mycin|cillin|floxacin|prazole|sartan|"
    r"statin|olol|azepam|oxetine|arone))\b"
)
REPORTED = any_of(
    r"\bpatients? (?:\w+ )?(?:says?|said|reports?|reported|tells?|told|complains?|states?|writes?|"
    r"wrote|feels?)\b",
    r"\b(?:what does|meaning of|phrase|words|sentence|song|slogan|movement)\b[^.?!]{0,60}"
    r"\bi cannot breathe\b",
)
PAST = (
    r"\b(?:ago|last (?:week|month|year|spring|summer|autumn|fall|winter|time)|in (?:19|20)\d\d|"
    r"years (?:back|earlier)|as a child|when (?:i|he|she) was|used to|in the past|previously)\b"
)
CHRONIC = (
    r"\b(?:for (?:\w+ ){0,3}?(?:weeks|months|years|a week|a month|a year)|(?:at|every) night|sleep|"
    r"sometimes|occasionally|on exertion|exercis\w+|climbing|stairs|mild|slight|"
    r"since (?:\w+ ){0,2}?(?:week|month|year|(?:19|20)\d\d)|"
    r"over the (?:last|past) (?:weeks?|months?|years?))\b"
)
NOW = (
    r"\b(?:now|today|suddenly|right away|this (?:morning|evening|afternoon|minute)|"
    r"at the moment)\b"
)
AT_HAND = (
    r"\b(?:here|(?:next to|beside|near|with) me|in front of (?:me|us|my|our)|nearby|"
    r"on (?:my|our|this|the) (?:street|train|bus|plane|flight|floor|pavement|sidewalk|road|beach)|"
    r"in (?:my|our|this) (?:\w+ )?(?:house|shop|office|street|car|building|class|restaurant|gym|"
    r"kitchen|garden)|just (?:now|collapsed)|what (?:do|should|can) (?:i|we) do)\b"
)

# ---- Plain text

_QUOTED = re.compile(r"[\"“«][^\"”»]{0,300}[\"”»]")
_SPELT_OUT = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?:can'?t|can not)\b", "cannot"),
        (r"\bwon'?t\b", "will not"),
        (r"\b(is|are|was|were|does|do|did|has|have|had|could|should|would)n'?t\b", r"\1 not"),
        # subtle: "IM" alone is a way to give a drug
        (r"\bi'm\b|\bim(?= (?:\w+ing|so|not|really|about|suicidal|in)\b)", "i am"),
        (r"\bi'?ve\b", "i have"),
        (r"\bi'(?:d|ll)\b", "i will"),
        (r"\b(he|she)'?s\b", r"\1 is"),
        (r"(?<=\w)'s\b", " is"),
        (r"\bwanna\b", "want to"),
        (r"\bgonna\b", "going to"),
    )
)


def plain(text: str) -> str:
    """Return the text in lower case on one line, contractions written out, quotations left out.

    >>> plain("She says “help” and I can't wait")
    'she says and i cannot wait'
    """
    words = " ".join(text.lower().replace("’", "'").replace("‘", "'").split())
    rest = _QUOTED.sub(" ", words)
    words = rest if len(rest.split()) > 2 else words  # noqa: PLR2004 - all of it is a quotation
    for pattern, replacement in _SPELT_OUT:
        words = pattern.sub(replacement, words)
    return " ".join(words.split())
