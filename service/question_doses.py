"""Drugs that a sentence gives a dose of, told by the endings of their names."""

import re

# Stems of non-proprietary names, and common drugs that have none.
_ENDINGS = (
    "mab nib pril sartan statin olol azole cillin mycin cycline floxacin xaban gliptin gliflozin "
    "parin prazole dipine azepam azolam oxetine traline opram trozole strant asone olone isone "
    "onide thiazide semide lukast salmeterol formoterol albuterol indacaterol vilanterol tropium "
    "triptan setron dronate tidine fibrate prost prostol trexate prine limus formin caine profen "
    "tyline zepine giline dopa ciclovir navir vudine arone antoin phosphamide"
).split()
_WHOLE = (
    "mycophenolate aspirin paracetamol acetaminophen morphine colchicine warfarin digoxin iron "
    "adrenaline epinephrine levothyroxine allopurinol febuxostat"
).split()
_DRUG = rf"(?P<drug>[a-z]*(?:{'|'.join(_ENDINGS)})|{'|'.join(_WHOLE)})"
_NUMBER = r"\d+(?:[.,]\d+)?"
# An amount that is taken; one per volume is a concentration in blood.
_AMOUNT = (
    rf"{_NUMBER}(?:\s?(?:-|–|to)\s?{_NUMBER})? ?(?:mg|µg|μg|mcg|g|IU|units)\b"
    r"(?!\s?(?:/|per)\s?(?:d?l|ml|cm)\b)"
)
_DOSED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DRUG},? {_AMOUNT}",
        rf"\b{_AMOUNT}(?:/(?:kg|day|d))? (?:of )?(?:oral |intravenous )?{_DRUG}\b",
        rf"\b{_DRUG}\b[^.;,:]{{0,30}}? {_AMOUNT}",
    )
)


def drugs_dosed(text: str) -> tuple[str, ...]:
    """Return the drugs that `text` states a dose of, in lower case, each once.

    >>> drugs_dosed("Apixaban may be reduced to 2.5 mg; ferritin was 15 ng/mL.")
    ('apixaban',)
    """
    return tuple(dict.fromkeys(m["drug"].lower() for p in _DOSED for m in p.finditer(text)))
