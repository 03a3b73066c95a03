"""The searchable catalogue: an unchanging picture of all products, and how the next one is made from what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from regulars.collect.catalog import Product
from regulars.serve.search.domain.segment import SEPARATOR, Forward, Inverted, Tags, Vocabulary
from regulars.serve.search.domain.sounds import Sounds
from regulars.serve.search.domain.spelling import Speller
from regulars.serve.search.domain.text import folded, phrases, tokens

#: How much a word says of a product, by where it stands.
Field = Literal["name", "brand", "keywords", "category", "attributes", "description"]
NAME, BRAND, KEYWORDS, CATEGORY, ATTRIBUTES, DESCRIPTION = 1.0, 0.6, 0.6, 0.4, 0.4, 0.15
#: The recent part is searched beside the main one until it is this large, or this share of it.
_RECENT_MOST, _RECENT_SHARE = 2_000, 0.1
_HELD_TEXT = 2_000
#: Chinese words side by side are kept as one where they stand in the most products.
_MOST_PHRASES = 50_000
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
    family: Ints  # the number of what its variants belong to

    @classmethod
    def of(cls, products: Sequence[Product], families: Vocabulary) -> Columns:
        """From products in their order; what variants belong to joins `families`."""
        count = len(products)
        of_parent = [UNKNOWN if one.parent_id is None else families.add(one.parent_id) for one in products]
        own = [
            families.number.get(one.product_id, UNKNOWN) if number == UNKNOWN else number
            for one, number in zip(products, of_parent, strict=True)
        ]
        seen = [one.published_at or one.observed_at for one in products]
        return cls(
            np.fromiter((UNKNOWN if one.price_minor is None else one.price_minor for one in products), np.int64, count),
            np.fromiter((UNKNOWN if at is None else int(at.timestamp()) for at in seen), np.int64, count),
            np.fromiter((one.in_stock for one in products), np.bool_, count),
            np.array(own, np.int64),
        )

    def joined(self, other: Columns) -> Columns:
        """These and then others."""
        return Columns(
            np.concatenate([self.price, other.price]),
            np.concatenate([self.published, other.published]),
            np.concatenate([self.in_stock, other.in_stock]),
            np.concatenate([self.family, other.family]),
        )

    def taken(self, kept: Mask) -> Columns:
        """Only those that are kept."""
        return Columns(self.price[kept], self.published[kept], self.in_stock[kept], self.family[kept])

    def with_parents(self, families: Vocabulary, places: Mapping[str, int], begin: int) -> Columns:
        """The same where products to which variants belong are of their families too; `begin` is the place of the first one."""
        own = {number: places[name] - begin for name, number in families.number.items() if name in places}
        late = [(number, place) for number, place in own.items() if 0 <= place < len(self.family) and self.family[place] == UNKNOWN]
        if not late:
            return self
        family = self.family.copy()
        for number, place in late:
            family[place] = number
        return replace(self, family=family)


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
    tags: Tags
    families: Vocabulary  # products that variants belong to
    sounds: Sounds
    main: Part
    recent: Part
    alive: Mask  # of main and then recent: False where a later row has taken its place
    places: Mapping[str, int]  # product -> its place in main and then recent
    surfaces: Counter[str]  # words as written -> in how many products, since the main part was made
    phrases: Counter[str]  # the same of Chinese words side by side in names
    speller: Speller
    names: tuple[str, ...] = field(default=())  # words as written, in alphabetical order, for suggestions

    @classmethod
    def empty(cls) -> Catalogue:
        """Of a shop without products."""
        return _made([])

    @classmethod
    def of(cls, products: Iterable[Product]) -> Catalogue:
        """From all products."""
        return _made([_entry(product) for product in products])

    @classmethod
    def kept(
        cls,
        words: Sequence[str],
        tags: Sequence[str],
        entries: Sequence[Entry],
        parts: tuple[Forward, Forward],
        surfaces: Mapping[str, int],
        phrases: Mapping[str, int],
    ) -> Catalogue:
        """From what was kept of one on disk, without reading any word again."""
        families = Vocabulary()
        columns = Columns.of([one.product for one in entries], families)
        names = Names(Vocabulary(words), Tags(tags), families, Sounds({**phrases, **surfaces}))
        return _whole(names, entries, *parts, columns, Seen(Counter(surfaces), Counter(phrases)))

    def said(self, word: str) -> int:
        """In how many products a word is, or Chinese words side by side."""
        return self.surfaces.get(word, 0) or self.phrases.get(word, 0)

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

    def share(self, term: str, place: int) -> float:
        """How much a word counts in the product at a place, without its rarity; 0 where it has it not."""
        number, count = self.vocabulary.number.get(term), len(self.main.entries)
        if number is None:
            return 0.0
        part, own = (self.main, place) if place < count else (self.recent, place - count)
        return part.inverted.share(number, own)

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
        grown = len(self.families)
        columns = self.recent.columns.joined(Columns.of([one.product for one in fresh], self.families))
        for place, one in enumerate(fresh, len(alive)):
            places[one.product.product_id] = place
        main = self.main
        if len(self.families) > grown:
            columns = columns.with_parents(self.families, places, len(main.entries))
            if (held := main.columns.with_parents(self.families, places, 0)) is not main.columns:
                main = replace(main, columns=held)
        recent = Part.of(
            (*self.recent.entries, *fresh), self.recent.words.joined(words), self.recent.tags.joined(tags), columns, counts
        )
        both = Seen(self.surfaces, self.phrases).joined(seen)
        surfaces, news = both.surfaces, {word: count for word, count in seen.all.items() if not self.said(word)}
        speller, names = (Speller(surfaces), both.names()) if news else (self.speller, self.names)
        self.sounds.add(news)
        alive = np.concatenate([alive, np.ones(len(fresh), np.bool_)])
        return replace(
            self, main=main, recent=recent, alive=alive, places=places, surfaces=surfaces, phrases=both.phrases, speller=speller,
            names=names,
        )  # fmt: skip

    def compacted(self) -> Catalogue:
        """The same products, all in the main part."""
        return self if self.alive.all() and not self.recent.entries else _joined(self, self.alive, [])


@dataclass(frozen=True, slots=True)
class Names:
    """The numbers of words, tags and families, and how Chinese words sound; these only ever grow, and serve every picture."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    tags: Tags = field(default_factory=Tags)
    families: Vocabulary = field(default_factory=Vocabulary)
    sounds: Sounds = field(default_factory=Sounds)


@dataclass(frozen=True, slots=True)
class Seen:
    """Words as they are written, and Chinese words side by side in names, each with the number of products that have it."""

    surfaces: Counter[str] = field(default_factory=Counter)
    phrases: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> dict[str, int]:
        """Both."""
        return {**self.phrases, **self.surfaces}

    def joined(self, other: Seen) -> Seen:
        """These and others; of words side by side only the most frequent."""
        surfaces, side_by_side = self.surfaces.copy(), self.phrases.copy()  # and not `+`, which goes through all of them
        surfaces.update(other.surfaces)
        side_by_side.update(other.phrases)
        if len(side_by_side) > _MOST_PHRASES:
            side_by_side = Counter(dict(side_by_side.most_common(_MOST_PHRASES)))
        return Seen(surfaces, side_by_side)

    def names(self) -> tuple[str, ...]:
        """What can be suggested, in alphabetical order."""
        return tuple(sorted(word for word in self.all if len(word) > 1))


def _made(entries: Sequence[Entry]) -> Catalogue:
    names = Names()
    words, tagged, seen = _forward(names.vocabulary, names.tags, entries)
    names.sounds.add(seen.all)
    return _whole(names, entries, words, tagged, Columns.of([one.product for one in entries], names.families), seen)


def _joined(old: Catalogue, alive: Mask, fresh: Sequence[Entry]) -> Catalogue:
    """One main part of what is alive, without reading its words again, and of what is fresh."""
    kept = [old.entry(int(place)) for place in np.flatnonzero(alive)]
    words, tagged, seen = _forward(old.vocabulary, old.tags, fresh)
    columns = Columns.of([one.product for one in fresh], old.families)
    both = Seen(old.surfaces, old.phrases).joined(seen)
    old.sounds.add({word: count for word, count in seen.all.items() if not old.said(word)})
    return _whole(
        Names(old.vocabulary, old.tags, old.families, old.sounds),
        (*kept, *fresh),
        old.main.words.joined(old.recent.words).taken(alive).joined(words),
        old.main.tags.joined(old.recent.tags).taken(alive).joined(tagged),
        old.main.columns.joined(old.recent.columns).taken(alive).joined(columns),
        both,
    )


def _whole(names: Names, entries: Sequence[Entry], words: Forward, tagged: Forward, columns: Columns, seen: Seen) -> Catalogue:
    counts = (len(names.vocabulary), len(names.tags))
    places = {one.product.product_id: place for place, one in enumerate(entries)}
    main = Part.of(entries, words, tagged, columns.with_parents(names.families, places, 0), counts)
    none = Part.of((), Forward.of([]), Forward.of([]), Columns.of([], names.families), counts)
    return Catalogue(
        names.vocabulary, names.tags, names.families, names.sounds, main, none, np.ones(len(entries), np.bool_), places,
        seen.surfaces, seen.phrases, Speller(seen.surfaces), seen.names(),
    )  # fmt: skip


def _entry(product: Product) -> Entry:
    parts = (product.name, product.brand, product.category, product.keywords, *_values(product), product.description)
    return Entry(product, folded(" ".join(part for part in parts if part)[:_HELD_TEXT]))


def _values(product: Product) -> list[str]:
    """The texts of a product's attributes and variants."""
    found: list[str] = []
    for value in product.attributes.values():
        found += [str(one) for one in value] if isinstance(value, list) else [str(value)]
    found += [one.name for one in product.variants if one.name]
    return found


def fields_of(product: Product) -> tuple[tuple[Field, float, Sequence[str | None]], ...]:
    """What of a product is read, how much each says, and its texts."""
    return (
        ("name", NAME, (product.name,)),
        ("brand", BRAND, (product.brand,)),
        ("keywords", KEYWORDS, (product.keywords,)),
        ("category", CATEGORY, (product.category, *product.categories)),
        ("attributes", ATTRIBUTES, _values(product)),
        ("description", DESCRIPTION, (product.description,)),
    )


def _forward(vocabulary: Vocabulary, tags: Tags, entries: Sequence[Entry]) -> tuple[Forward, Forward, Seen]:
    """Words and tags of products as numbers, and in how many of them each word as written is."""
    words: list[dict[int, float]] = []
    tagged: list[dict[int, float]] = []
    seen = Seen()
    for one in entries:
        product, own = one.product, dict[int, float]()
        surfaces: set[str] = set()
        for _, weight, texts in fields_of(product):
            for text in texts:
                for token in tokens(text) if text else ():
                    number = vocabulary.add(token.term)
                    own[number] = own.get(number, 0.0) + weight
                    if token.kind in ("word", "chinese") and weight > DESCRIPTION:
                        surfaces.add(token.surface)
        words.append(own)
        tagged.append({tags.add(tag): 1.0 for tag in facets_of(product)})
        seen.surfaces.update(surfaces)
        seen.phrases.update(set(phrases(product.name or "")) - surfaces)
    return Forward.of(words), Forward.of(tagged), Seen().joined(seen)


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
    return f"{facet}{SEPARATOR}{value}"
