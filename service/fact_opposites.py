"""Words that are opposites in medical prose, by the axis that they lie on."""

from functools import lru_cache

from service.fact_text import same_word

# One axis a line, its two poles parted by a bar; indented lines go on with the one before. A word
# is compared by its stem.
_AXES = """
increase increased rise rises risen rose raise raised higher high highest elevate elevated
  elevation greater more upregulate upregulated enhance enhanced climb lift lifts heighten
  heightened augment boost larger doubled | decrease decreased reduce reduced reduction fall
  falls fell fallen drop dropped lower lowers lowered lowest low decline declined diminish
  diminished less fewer lessen smaller downregulate cut cuts suppress suppressed shrink halved
improve improved improvement better benefit benefits favourable ameliorate recover recovery best
  | worsen worsened worse worst deteriorate deterioration poorer harm harms harmful unfavourable
common commonly frequent frequently often usual usually | rare rarely seldom uncommon infrequent
  unusual
before preceding precede precedes | after afterwards following thereafter
early earlier earliest | late later latest
start started starts begin begins begun began initiate initiated commence commenced | stop
  stopped stops discontinue discontinued discontinuation withdraw withdrawn withdrawal cease
prevent prevents prevention protect protects protective | cause causes trigger triggers provoke
  promote
include includes including included | exclude excludes excluding excluded
recommend recommended recommends recommendation advise advised advises | discourage discouraged
  contraindicated contraindication avoid avoided
inhibit inhibits inhibitor block blocks blocked antagonist | activate activates stimulate
  stimulates agonist
continue continued continues prolong prolonged prolongs extended | stop stopped stops
  discontinue discontinued withdraw withdrawn cease end ends ended
large big sizeable | small little tiny
superior | inferior
left | right
proximal | distal
inside within | outside
most | least
above exceed exceeds | below under beneath
anterior | posterior
medial | lateral
bilateral | unilateral
central | peripheral
positive | negative
acute | chronic
mild milder | severe severer
short shorter shorten shortens brief | long longer lengthen prolong prolonged prolongs
fast faster quick quickly rapid rapidly | slow slower slowly
effective efficacious | ineffective
benign | malignant
primary | secondary
same identical | different
maximum maximal | minimum minimal
young younger | old older
strong stronger | weak weaker
systolic | diastolic
systemic | topical local
oral orally mouth tablet tablets | intravenous intravenously vein parenteral
arterial artery | venous
inpatient hospitalised | outpatient
sensitivity | specificity
sensitive susceptible | resistant
normal | abnormal
reversible | irreversible
solitary single | multiple
temporary transient | permanent persistent
"""
# "Upper" and "lower" of a place say nothing of more and less.
PLACES = frozenset(
    "zone zones lobe lobes limb limbs extremity extremities lung lungs respiratory airway airways "
    "back leg legs abdomen abdominal gi gastrointestinal quadrant jaw lip limit limits half third "
    "part parts urinary tract bound field fields".split()
)
PLACE_AXIS = "upper or lower"


@lru_cache(maxsize=1)
def poles() -> dict[str, tuple[tuple[str, int], ...]]:
    """Return axes and poles (+1 or -1) by stem; an axis is named by its first word."""
    found: dict[str, dict[str, int]] = {}
    text = _AXES.replace("\n  ", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        one, _, other = line.partition("|")
        axis = one.split()[0]
        for words, pole in ((one, 1), (other, -1)):
            for word in words.split():
                found.setdefault(same_word(word), {}).setdefault(axis, pole)
    return {word: tuple(axes.items()) for word, axes in found.items()}
