"""The searchable catalogue: an unchanging picture of all products, and how the next one is made from what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from regulars.collect.catalog import Product
from regulars.serve.search.domain.segment import Forward, Inverted, Vocabulary
from regulars.serve.search.domain.spelling import Speller
from regulars.serve.search.domain.text import folded, tokens

#: How much a word says of a product, by where it stands.
NAME, BRAND, KEYWORDS, CATEGORY, ATTRIBUTES, DESCRIPTION = 1.0, 0.6, 0.6, 0.4, 0.4, 0.15
#: The recent part is searched beside the main one until it is this large, or this share of it.
_RECENT_MOST, _RECENT_SHARE = 2_000, 0.1
_HELD_TEXT = 2_000
UNKNOWN = -1
#: Facets that are found by and never counted: numbers of the product and its variants, and what variants belong to.
CODE, PARENT = "#code", "#parent"

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """One product as the index keeps it."""

    product: Product
    text: str  # folded, for phrases and refused words


@dataclass(frozen=True, slots=True)
class Columns:
    """What is filtered and sorted by, one value a product; UNKNOWN where none was told."""

    price: Ints
    published: Ints
    in_stock: Mask

    @classmethod
    def of(cls, products: Sequence[Product]) -> Columns:
        """From products in their order."""
        count = len(products)
        seen = [one.published_at or one.observed_at for one in products]
        return cls(
            np.fromiter((UNKNOWN if one.price_minor is None else one.price_minor for one in products), np.int64, count),
            np.fromiter((UNKNOWN if at is None else int(at.timestamp()) for at in seen), np.int64, count),
            np.fromiter((one.in_stock for one in products), np.bool_, count),
        )

    def joined(self, other: Columns) -> Columns:
        """These and then others."""
        return Columns(
            np.concatenate([self.price, other.price]),
            np.concatenate([self.published, other.published]),
            np.concatenate([self.in_stock, other.in_stock]),
        )

    def taken(self, kept: Mask) -> Columns:
        """Only those that are kept."""
        return Columns(self.price[kept], self.published[kept], self.in_stock[kept])


@dataclass(frozen=True, slots=True)
class Part:
    """Some products with the words and the marks for filters that each has."""

    entries: tuple[Entry, ...]
    words: Forward
    tags: Forward
    columns: Columns
    inverted: Inverted
    tagged: Inverted

    @classmethod
    def of(cls, entries: Sequence[Entry], words: Forward, tags: Forward, columns: Columns, counts: tuple[int, int]) -> Part:
        """With both indexes made; `counts` are the sizes of the vocabularies of words and of tags."""
        return cls(tuple(entries), words, tags, columns, Inverted.of(words, counts[0]), Inverted.of(tags, counts[1]))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products of a shop at one moment. Nothing of it ever changes, so searches need no lock; `changed` makes the next one."""

    vocabulary: Vocabulary
    tags: Vocabulary  # "facet\x1fvalue"
    main: Part
    recent: Part
    alive: Mask  # of main and then recent: False where a later row has taken its place
    places: Mapping[str, int]  # product -> its place in main and then recent
    surfaces: Counter[str]  # words as written -> in how many products, since the main part was made
    speller: Speller
    names: tuple[str, ...] = field(default=())  # words as written, in alphabetical order, for suggestions

    @classmethod
    def empty(cls) -> Catalogue:
        """Of a shop without products."""
        return _made(Vocabulary(), Vocabulary(), [])

    @classmethod
    def of(cls, products: Iterable[Product]) -> Catalogue:
        """From all products."""
        return _made(Vocabulary(), Vocabulary(), [_entry(product) for product in products])

    @classmethod
    def kept(
        cls,
        words: Sequence[str],
        tags: Sequence[str],
        entries: Sequence[Entry],
        parts: tuple[Forward, Forward],
        surfaces: Mapping[str, int],
    ) -> Catalogue:
        """From what was kept of one on disk, without reading any word again."""
        columns = Columns.of([one.product for one in entries])
        return _whole(Vocabulary(words), Vocabulary(tags), entries, *parts, columns, Counter(surfaces))

    @property
    def total(self) -> int:
        """Places of both parts, those that no longer count among them."""
        return len(self.main.entries) + len(self.recent.entries)

    def __len__(self) -> int:
        return len(self.places)

    def entry(self, place: int) -> Entry:
        """What stands at a place."""
        count = len(self.main.entries)
        return self.main.entries[place] if place < count else self.recent.entries[place - count]

    def product(self, product_id: str) -> Product | None:
        """A product by its id."""
        place = self.places.get(product_id)
        return None if place is None else self.entry(place).product

    def changed(self, told: Iterable[Product], gone: Iterable[str]) -> Catalogue:
        """The next picture: with these products in their new form, and without others."""
        fresh = [_entry(product) for product in told]
        places, alive = dict(self.places), self.alive.copy()
        for product_id in {*gone, *(one.product.product_id for one in fresh)}:
            if (place := places.pop(product_id, None)) is not None:
                alive[place] = False
        most = max(_RECENT_MOST, int(_RECENT_SHARE * len(self.main.entries)))
        if len(self.recent.entries) + len(fresh) > most or alive.sum() < 0.7 * len(alive):
            return _joined(self, alive, fresh)
        words, tags, seen = _forward(self.vocabulary, self.tags, fresh)
        counts = (len(self.vocabulary), len(self.tags))
        recent = Part.of(
            (*self.recent.entries, *fresh),
            self.recent.words.joined(words),
            self.recent.tags.joined(tags),
            self.recent.columns.joined(Columns.of([one.product for one in fresh])),
            counts,
        )
        for place, one in enumerate(fresh, len(alive)):
            places[one.product.product_id] = place
        surfaces = self.surfaces + seen
        news = seen.keys() - self.surfaces.keys()
        speller, names = (Speller(surfaces), _names(surfaces)) if news else (self.speller, self.names)
        alive = np.concatenate([alive, np.ones(len(fresh), np.bool_)])
        return replace(self, recent=recent, alive=alive, places=places, surfaces=surfaces, speller=speller, names=names)

    def compacted(self) -> Catalogue:
        """The same products, all in the main part."""
        return self if self.alive.all() and not self.recent.entries else _joined(self, self.alive, [])


def _made(vocabulary: Vocabulary, tags: Vocabulary, entries: Sequence[Entry]) -> Catalogue:
    words, tagged, seen = _forward(vocabulary, tags, entries)
    return _whole(vocabulary, tags, entries, words, tagged, Columns.of([one.product for one in entries]), seen)


def _joined(old: Catalogue, alive: Mask, fresh: Sequence[Entry]) -> Catalogue:
    """One main part of what is alive, without reading its words again, and of what is fresh."""
    kept = [old.entry(int(place)) for place in np.flatnonzero(alive)]
    words, tagged, seen = _forward(old.vocabulary, old.tags, fresh)
    columns = Columns.of([one.product for one in fresh])
    return _whole(
        old.vocabulary,
        old.tags,
        (*kept, *fresh),
        old.main.words.joined(old.recent.words).taken(alive).joined(words),
        old.main.tags.joined(old.recent.tags).taken(alive).joined(tagged),
        old.main.columns.joined(old.recent.columns).taken(alive).joined(columns),
        old.surfaces + seen,
    )


def _whole(
    vocabulary: Vocabulary,
    tags: Vocabulary,
    entries: Sequence[Entry],
    words: Forward,
    tagged: Forward,
    columns: Columns,
    seen: Counter[str],
) -> Catalogue:
    counts = (len(vocabulary), len(tags))
    main = Part.of(entries, words, tagged, columns, counts)
    none = Part.of((), Forward.of([]), Forward.of([]), Columns.of([]), counts)
    places = {one.product.product_id: place for place, one in enumerate(entries)}
    return Catalogue(
        vocabulary, tags, main, none, np.ones(len(entries), np.bool_), places, seen, Speller(seen), _names(seen)
    )  # fmt: skip


def _entry(product: Product) -> Entry:
    parts = (product.name, product.brand, product.category, product.keywords, *_values(product), product.description)
    return Entry(product, folded(" ".join(part for part in parts if part)[:_HELD_TEXT]))


def _names(surfaces: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(word for word in surfaces if len(word) > 1))


def _values(product: Product) -> list[str]:
    """The texts of a product's attributes and variants."""
    found: list[str] = []
    for value in product.attributes.values():
        found += [str(one) for one in value] if isinstance(value, list) else [str(value)]
    found += [one.name for one in product.variants if one.name]
    return found


def _forward(vocabulary: Vocabulary, tags: Vocabulary, entries: Sequence[Entry]) -> tuple[Forward, Forward, Counter[str]]:
    """Words and tags of products as numbers, and in how many of them each word as written is."""
    words: list[dict[int, float]] = []
    tagged: list[dict[int, float]] = []
    seen: Counter[str] = Counter()
    for one in entries:
        product, own = one.product, dict[int, float]()
        surfaces: set[str] = set()
        for weight, texts in (
            (NAME, (product.name,)),
            (BRAND, (product.brand,)),
            (KEYWORDS, (product.keywords,)),
            (CATEGORY, (product.category, *product.categories)),
            (ATTRIBUTES, _values(product)),
            (DESCRIPTION, (product.description,)),
        ):
            for text in texts:
                for token in tokens(text) if text else ():
                    number = vocabulary.add(token.term)
                    own[number] = own.get(number, 0.0) + weight
                    if token.kind in ("word", "chinese") and weight > DESCRIPTION:
                        surfaces.add(token.surface)
        words.append(own)
        tagged.append({tags.add(tag): 1.0 for tag in facets_of(product)})
        seen.update(surfaces)
    return Forward.of(words), Forward.of(tagged), seen


def facets_of(product: Product) -> list[str]:
    """What a product can be filtered by, each as `facet`, a separator and its value; a category also by those above it."""
    found = []
    for category in (product.category, *product.categories):
        steps = [part.strip() for part in (category or "").split(">") if part.strip()]
        found += [tag("category", " > ".join(steps[: place + 1])) for place in range(len(steps))]
    plain = {"brand": product.brand, "seller": product.seller_id, "language": product.language, PARENT: product.parent_id}
    found += [tag(name, value) for name, value in plain.items() if value]
    found += [tag("market", value) for value in product.markets or ("*",)]
    for name, value in product.attributes.items():
        found += [tag(name, str(one)) for one in (value if isinstance(value, list) else [value])]
    codes = {product.product_id, *(code for one in product.variants for code in (one.variant_id, one.sku) if code)}
    return found + [tag(CODE, folded(code)) for code in codes]


def tag(facet: str, value: str) -> str:
    """A facet and its value as one word."""
    return f"{facet}\x1f{value}"
