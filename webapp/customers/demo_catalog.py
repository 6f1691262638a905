"""The demo company's shop: what it sells, what it offers, and the texts it shows to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from webapp.customers.facts import Slot

CURRENCY = "EUR"
CATEGORIES = {
    "Tapes": (
        "Kinesiology tape, blue 5 m",
        "Kinesiology tape, beige 5 m",
        "Kinesiology tape, precut knee",
        "Kinesiology tape, precut shoulder",
        "Rigid sports tape 3.8 cm",
        "Rigid sports tape 2.5 cm",
        "Cohesive bandage 8 cm",
        "Cohesive bandage 10 cm",
        "Elastic bandage 8 cm",
        "Underwrap foam, 27 m",
        "Tape remover, 250 ml",
        "Tape scissors, curved",
        "Tape practice kit, 12 rolls",
        "Silicone tape for sensitive skin",
        "Tape dispenser for the wall",
    ),
    "Massage oils": (
        "Neutral massage oil, 1 l",
        "Almond massage oil, 500 ml",
        "Arnica massage oil, 500 ml",
        "Warming massage oil, 250 ml",
        "Lavender massage oil, 500 ml",
        "Massage lotion, unscented 1 l",
        "Massage balm, rosemary 200 ml",
        "Massage wax for deep tissue",
        "Pump bottle, 250 ml",
        "Oil holster for the belt",
        "Jojoba oil, organic 250 ml",
        "Cooling gel, menthol 500 ml",
        "Massage cream, 5 l refill",
        "Fascia gel, 1 l",
        "Oil bottle warmer",
    ),
    "Heat and cold": (
        "Hot and cold pack, neck",
        "Hot and cold pack, 30 × 40 cm",
        "Cherry stone cushion",
        "Moor pack, single use, 20 pieces",
        "Infrared lamp, 250 W",
        "Paraffin bath",
        "Paraffin refill, lemon",
        "Cold spray, 300 ml",
        "Instant cold pack, 24 pieces",
        "Heat wrap for the lower back",
        "Hot stone set, 36 stones",
        "Hot stone heater",
        "Cryo cuff, knee",
        "Fango wax, 5 kg",
        "Heat tray for moor packs",
    ),
    "Treatment tables": (
        "Folding table, beech",
        "Folding table, aluminium",
        "Electric table, two sections",
        "Electric table, three sections",
        "Face cradle",
        "Half roll, blue",
        "Knee roll, round",
        "Bolster wedge",
        "Table warmer",
        "Roller stool",
        "Saddle stool",
        "Paper roll holder",
        "Table trolley",
        "Table cover, washable",
        "Step stool, two steps",
    ),
    "Exercise bands": (
        "Exercise band, light 25 m",
        "Exercise band, medium 25 m",
        "Exercise band, strong 25 m",
        "Loop bands, set of five",
        "Door anchor",
        "Tube with handles, medium",
        "Tube with handles, strong",
        "Fabric hip band",
        "Band handles, pair",
        "Sling trainer",
        "Finger trainer, three strengths",
        "Ankle strap, pair",
        "Band bracket for the wall",
        "Exercise cards for bands",
        "Latex-free band, 45 m",
    ),
    "Balance and weights": (
        "Balance pad",
        "Balance board, wood",
        "Balance cushion, 33 cm",
        "Gymnastics ball, 55 cm",
        "Gymnastics ball, 65 cm",
        "Medicine ball, 2 kg",
        "Medicine ball, 4 kg",
        "Dumbbells, 1 kg pair",
        "Dumbbells, 3 kg pair",
        "Kettlebell, 8 kg",
        "Ankle weights, 1 kg pair",
        "Foam roller, 45 cm",
        "Fascia ball, 8 cm",
        "Duo ball for the spine",
        "Exercise mat, 190 cm",
    ),
    "Hygiene": (
        "Paper roll, 50 m, 9 pieces",
        "Surface disinfectant, 5 l",
        "Surface wipes, 200 pieces",
        "Hand disinfectant, 1 l",
        "Hand cream, 500 ml",
        "Nitrile gloves, size M",
        "Nitrile gloves, size L",
        "Face rest covers, 100 pieces",
        "Towel, 50 × 100 cm, white",
        "Towel, 100 × 200 cm, white",
        "Laundry bag",
        "Disinfectant dispenser",
        "Waste bin with pedal",
        "Disposable briefs, 100 pieces",
        "Mouth and nose masks, 50 pieces",
    ),
    "Books and charts": (
        "Atlas of trigger points",
        "Manual of taping",
        "Chart of the muscles",
        "Chart of the spine",
        "Chart of the dermatomes",
        "Spine model, life size",
        "Knee joint model",
        "Shoulder joint model",
        "Book of neck exercises",
        "Practice management in brief",
        "Anatomy colouring book",
        "Fascia in motion",
        "Goniometer, 30 cm",
        "Reflex hammer",
        "Patient cards for home, 100 pieces",
    ),
}
FIRST_PRICES = {  # of a category, in minor units; each further item is a step dearer
    "Tapes": (595, 310),
    "Massage oils": (690, 270),
    "Heat and cold": (890, 720),
    "Treatment tables": (3_900, 5_300),
    "Exercise bands": (650, 430),
    "Balance and weights": (1_290, 480),
    "Hygiene": (490, 390),
    "Books and charts": (1_450, 640),
}
SOLD_OUT = ("P-211", "P-304")


@dataclass(frozen=True)
class DemoItem:
    """An item of the shop; its price in minor units."""

    identifier: str
    title: str
    category: str
    price_minor: int

    @property
    def available(self) -> bool:
        """Whether it can be had."""
        return self.identifier not in SOLD_OUT


@dataclass(frozen=True)
class DemoOffer:
    """An offer; its times in days from the load."""

    identifier: str
    title: str
    body: str
    begins: int
    ends: int | None
    cap: int | None = None
    priority: int = 0
    audience: dict[str, list[str]] = field(default_factory=dict)

    @property
    def span(self) -> tuple[timedelta, timedelta | None]:
        """From when until when, counted from the load."""
        return timedelta(days=self.begins), None if self.ends is None else timedelta(days=self.ends)


@dataclass(frozen=True)
class DemoBlock:
    """A text for a slot."""

    name: str
    slot: Slot
    body: str
    priority: int = 0
    audience: dict[str, list[str]] = field(default_factory=dict)
    fallbacks: dict[str, str] = field(default_factory=dict)


def items() -> list[DemoItem]:
    """The shop's items: `P-304` is the fourth of the third category."""
    found = []
    for shelf, (category, titles) in enumerate(CATEGORIES.items(), start=1):
        least, step = FIRST_PRICES[category]
        for place, title in enumerate(titles):
            price = least + step * (place * 7 % len(titles))
            found.append(DemoItem(f"P-{shelf}{place + 1:02}", title, category, price))
    return found


OFFERS = (
    DemoOffer(
        "OILS-10",
        "Ten percent on every oil",
        "Ten percent off all massage oils, for the first fifty customers.",
        -10,
        20,
        cap=50,
        priority=5,
    ),
    DemoOffer(
        "THANKS",
        "A chart as a thank-you",
        "Order this month and choose a chart: it is on us.",
        -20,
        40,
        priority=10,
        audience={"segment": ["champion", "loyal"]},
    ),
    DemoOffer("SUMMER-TAPE", "Summer of tape", "Five rolls of tape for the price of four.", -90, -30),
    DemoOffer("NEXT-SEASON", "Early next season", "Treatment tables with free delivery.", 25, 60),
)
BLOCKS = (
    DemoBlock(
        "Hello",
        Slot.HERO,
        "Good to see you, {{first_name}}. New in {{category}}.",
        fallbacks={"first_name": "and welcome", "category": "the shop"},
    ),
    DemoBlock(
        "We missed you",
        Slot.HERO,
        "We missed you, {{first_name}}. Your list is where you left it.",
        priority=10,
        audience={"lifecycle": ["at_risk", "dormant"]},
        fallbacks={"first_name": "dear customer"},
    ),
    DemoBlock("Delivery", Slot.BANNER, "Free delivery from 80 euros, all over Europe."),
    DemoBlock(
        "Oils on the shelf",
        Slot.BANNER,
        "Fresh in: almond, arnica and lavender by the litre.",
        priority=10,
        audience={"category": ["Massage oils"]},
    ),
    DemoBlock(
        "Subject of the letter",
        Slot.EMAIL_SUBJECT,
        "{{first_name}}, something new in {{category}}",
        fallbacks={"first_name": "Hello", "category": "our shop"},
    ),
    DemoBlock(
        "The letter",
        Slot.EMAIL_BODY,
        "Dear {{name}},\n\nyou looked at {{product}}. We put together what goes with it.\n\n{{company}}",
        fallbacks={"name": "customer", "product": "our shelves"},
    ),
)
