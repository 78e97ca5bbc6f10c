"""Units of medicine: what they measure, and by how much one exceeds another, exactly."""

from fractions import Fraction

# name: (what it is measured in, how many of that it is). Months and years are counted apart from
# days, since no exact number of days makes one.
UNITS: dict[str, tuple[str, Fraction]] = {}


def _add(base: str, **names: str) -> None:
    """Add spellings to UNITS: keyword = size (digits, "_" for "/"), value = names."""
    for size, spellings in names.items():
        numerator, _, denominator = size.removeprefix("x").partition("_")
        factor = Fraction(int(numerator), int(denominator or 1))
        UNITS.update((name, (base, factor)) for name in spellings.split())


_add(
    "mg",
    x1000000="kg kilogram kilograms kilo kilos kgs",
    x1000="g gram grams gm gms",
    x1="mg milligram milligrams mgs",
    x1_1000="µg mcg ug microgram micrograms",
    x1_1000000="ng nanogram nanograms",
    x1_1000000000="pg picogram picograms",
)
_add(
    "mL",
    x1000="L l litre litres liter liters",
    x100="dL dl decilitre decilitres deciliter deciliters",
    x10="cL cl",
    x1="mL ml millilitre millilitres milliliter milliliters cc cm³",
    x1_1000="µL µl uL ul microlitre microlitres microliter microliters mm³",
)
_add(
    "mmol",
    x1000="mol mole moles",
    x1="mmol millimole millimoles",
    x1_1000="µmol umol micromole micromoles",
    x1_1000000="nmol nanomole nanomoles",
    x1_1000000000="pmol picomole picomoles",
)
_add(
    "mm",
    x1000000="km kilometre kilometres kilometer kilometers",
    x1000="m metre metres meter meters",
    x10="cm centimetre centimetres centimeter centimeters",
    x1="mm millimetre millimetres millimeter millimeters",
    x1_1000="µm micrometre micrometres micrometer micrometers",
)
_add(
    "s",
    x1="s sec secs second seconds",
    x60="min mins minute minutes",
    x3600="h hr hrs hour hours",
    x86400="d day days",
    x604800="w wk wks week weeks",
    x1209600="fortnight fortnights",
)
_add(
    "month",
    x1="mo mos month months",
    x12="y yr yrs year years",
    x120="decade decades",
    x1200="century centuries",
)
_add("IU", x1="IU iu U unit units", x1000000="MU")
_add("person-year", x1="person-year person-years patient-year patient-years")
_add("%", x1="% percent")
_add("percentage point", x1="pp")
_add("mmHg", x1="mmHg mmhg", x10="cmHg")
_add("kPa", x1="kPa kpa")
_add("°C", x1="°C ºC")
_add("°F", x1="°F ºF")
_add("mmol_eq", x1="mEq meq")
_add("kcal", x1="kcal kilocalorie kilocalories calorie calories")
_add("Gy", x1="Gy", x1_100="cGy", x1_1000="mGy")
_add("mSv", x1="mSv", x1000="Sv")
_add("beat", x1="bpm beat beats")
_add("x", x1="fold times")

DURATIONS = ("s", "month")


def unit_of(name: str) -> tuple[str, Fraction] | None:
    """Return what a unit measures and its size; None when the word is no unit.

    >>> unit_of("mcg") == unit_of("µg")
    True
    """
    return UNITS.get(name) or UNITS.get(name.lower() if len(name) > 2 else name)  # noqa: PLR2004
