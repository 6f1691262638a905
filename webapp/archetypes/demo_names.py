"""Names of the demo company's members, made up."""

from __future__ import annotations

FIRST = (
    "Anna Ben Carla David Elif Felix Greta Hannes Ida Jonas Katja Lars Mara Nils Olivia Paul Ronja Stefan "
    "Tilda Uwe Vera Wim Xenia Yusuf Zoe Amir Bianca Cem Dorothea Emil"
)
LAST = (
    "Albrecht Berger Conrad Dietrich Engel Fuchs Graf Hartmann Ibsen Jansen Keller Lorenz Maurer Neumann "
    "Otto Pohl Reuter Sommer Thiel Ulrich Vogt Winter Yilmaz Ziegler Arnold Busch Ehlers Falk Hagen Kern"
)
_FIRST, _LAST = FIRST.split(), LAST.split()


def name_of(number: int) -> str:
    """The name of the member of this number, from 0 to 899; no two are alike."""
    again, first = divmod(number, len(_FIRST))
    return f"{_FIRST[first]} {_LAST[(first * 7 + again) % len(_LAST)]}"
