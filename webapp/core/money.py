"""Money: whole minor units of a named currency, decimals at the border, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# ISO 4217, column "minor unit", of 2025-05-12: every currency that has not two decimals.
ODD_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {code: exponent for exponent, codes in ODD_EXPONENTS.items() for code in codes.split()}
# ISO 4217, list one, of the same day, without funds, metals and codes for testing.
IN_USE = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW "
    "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW "
    "UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG "
)
CURRENCIES = frozenset(IN_USE.split())
LARGEST = Decimal(10) ** 12  # in major units; more is a mistake


def exponent_of(currency: str) -> int:
    """How many decimals the currency's minor unit has (ISO 4217; two unless it is listed)."""
    return EXPONENTS.get(currency, 2)


def checked_currency(text: str) -> str:
    """A currency's code. Raises ValueError for one that is not in use (ISO 4217)."""
    code = text.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise ValueError("Write the currency as three letters, such as EUR.")
    if code not in CURRENCIES:
        raise ValueError(f"There is no currency {code}.")
    return code


def read_amount(text: str, currency: str) -> int:
    """An amount of major units, as people and files write it, in minor units.

    Raises ValueError for what is no number, negative, more than 10^12, or finer than the currency's unit.
    """
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("This is no amount: write it like 1890 or 1890.50.") from None
    if not amount.is_finite():
        raise ValueError("This is no amount: write it like 1890 or 1890.50.")
    if amount < 0:
        raise ValueError("An amount cannot be negative.")
    if amount > LARGEST:
        raise ValueError("This amount is over a million millions.")
    exact = amount.scaleb(exponent_of(currency))
    if exact != exact.to_integral_value():
        raise ValueError(f"{currency} has {exponent_of(currency)} decimals; this amount has more.")
    return int(exact)


def rounded(amount: Decimal, step: Decimal) -> Decimal:
    """The amount as the nearest multiple of a power of ten, halves up (away from zero)."""
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def step_of(currency: str, *, whole: bool) -> Decimal:
    """What prices are rounded to: whole major units, or the currency's minor unit."""
    return Decimal(1) if whole else Decimal(1).scaleb(-exponent_of(currency))


@dataclass(frozen=True)
class Money:
    """An amount in minor units of a currency."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, exact, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent_of(self.currency))

    def __str__(self) -> str:
        return said(self.amount, self.currency)


def said(amount: Decimal, currency: str) -> str:
    """An amount for people: grouped, without decimals when there are none, with its currency."""
    places = 0 if amount == amount.to_integral_value() else exponent_of(currency)
    return f"{amount:,.{places}f} {currency}"
