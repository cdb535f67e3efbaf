"""Rows of tables: what the header says of each column, and which cells are the two ends of one change."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.claims import cues
from analysis.claims.amounts import Amount, Group
from analysis.claims.arithmetic import contradicts
from analysis.claims.lexicon import lexicon
from analysis.claims.pairs import share_unit
from analysis.claims.records import Dim, Quantity
from analysis.claims.tokens import Token, tokenise
from analysis.claims.units import Unit, base_value, find_unit

_OLD = lexicon("before main master base baseline old previous current original was from upstream")
_NEW = lexicon("after pr new branch patch this now to head optimized optimised")
_CHANGE = lexicon("change delta diff difference speedup improvement reduction savings saving δ Δ faster ratio gain")


@dataclass
class Header:
    """The words of each column, its role ("old", "new", "change" or "") and the unit it gives to bare numbers."""

    words: list[tuple[str, ...]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    units: list[Unit | None] = field(default_factory=list)
    unit_spans: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_header(text: str, start: int, end: int) -> Header:
    """Read a header row."""
    header = Header()
    for cell in cells_of(tokenise(text, start, end)):
        words = tuple(token.text.lower() for token in cell if token.kind in "wc" and token.text)
        header.words.append(words)
        header.roles.append(_role(words))
        unit = None
        for token in cell:
            known = find_unit(token.text) if token.kind == "w" and token.text not in ("h", "m", "b", "x") else None
            if known is not None and known.dim in (Dim.TIME, Dim.BYTES, Dim.RATE) and known.name != token.text + "!":
                unit = known
                header.unit_spans[known.name] = (token.start, token.end)
        header.units.append(unit)
    return header


def _role(words: tuple[str, ...]) -> str:
    if not _CHANGE.isdisjoint(words):
        return "change"
    if not _NEW.isdisjoint(words):
        return "new"
    return "old" if not _OLD.isdisjoint(words) else ""


def cells_of(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each cell of a row; the outer bars are no cells."""
    cells: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == "|" and token.kind == "p":
            cells.append([])
        else:
            cells[-1].append(token)
    if cells and not cells[0]:
        cells = cells[1:]
    if cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def give_units(cells: list[list[Token]], header: Header) -> None:
    """Bare numbers take the unit that their column's header names."""
    for index, cell in enumerate(cells):
        unit = header.units[index] if index < len(header.units) else None
        if unit is None:
            continue
        for token in cell:
            quantity = token.quantity
            if quantity is not None and quantity.dim is Dim.COUNT and not quantity.unit:
                quantity.dim, quantity.unit = unit.dim, unit.name


def row_pairs(tokens: list[Token], header: Header | None, unit_spans: dict[str, tuple[int, int]]) -> list[Amount]:
    """Pairs of neighbouring cells that are the old and the new value of one thing."""
    cells = cells_of(tokens)
    position = {id(token): index for index, token in enumerate(tokens)}
    if header is not None:
        give_units(cells, header)
    _label_unit(cells, unit_spans)
    found: list[Amount] = []
    used: set[int] = set()
    for left in range(len(cells) - 1):
        right = left + 1
        one, two = _pure(cells[left]), _pure(cells[right])
        if one is None or two is None or left in used or one.quantity is None or two.quantity is None:
            continue
        order = _order(header, left, right, one, two, cells)
        if order == 0:
            continue
        old, new = (one, two) if order > 0 else (two, one)
        assert old.quantity is not None and new.quantity is not None  # noqa: S101  _pure gives quantities
        share_unit(old.quantity, new.quantity)
        _take_unit(old.quantity, new.quantity, _only(cells[right + 1]) if right + 1 < len(cells) else None)
        found.append(Amount(position[id(one)], position[id(two)], old.quantity, new.quantity, cells=True))
        used.add(right)
    return found


def _label_unit(cells: list[list[Token]], unit_spans: dict[str, tuple[int, int]]) -> None:
    """As in "| lexer (ms) | 12.1 | 9.0 |": a unit in the row's label holds for its bare numbers."""
    for index, token in enumerate(cells[0] if cells else []):
        unit = find_unit(token.text) if token.kind == "w" and cells[0][index - 1].text in ("(", "[", ",") else None
        if unit is None or unit.dim not in (Dim.TIME, Dim.BYTES, Dim.RATE):
            continue
        unit_spans[unit.name] = (token.start, token.end)
        for other in (token for cell in cells[1:] for token in cell):
            bare = other.quantity
            if bare is not None and bare.dim is Dim.COUNT and not bare.unit:
                bare.dim, bare.unit = unit.dim, unit.name


def _pure(cell: list[Token]) -> Token | None:
    """The only quantity of a cell that holds nothing else but marks."""
    core = cell
    for index, token in enumerate(cell):
        if token.text in ("(", "±"):  # "455.4 (451-460)" and "18.2 ± 0.6": the value stands before its spread
            core = cell[:index]
            break
    quantities = [token for token in core if token.quantity is not None]
    if len(quantities) != 1 or any(token.kind in "wca" for token in core):
        return None
    quantity = quantities[0].quantity
    return (
        quantities[0]
        if quantity is not None and quantity.dim is not Dim.OPAQUE and quantity.value is not None
        else None
    )


def _order(
    header: Header | None, left: int, right: int, one_token: Token, two_token: Token, cells: list[list[Token]]
) -> int:
    """1 where the left cell is the old value, -1 where the right one is, 0 where the two are no pair."""
    one, two = one_token.quantity, two_token.quantity
    if one is None or two is None:
        return 0
    if one.dim is not two.dim or one.dim is Dim.FACTOR:
        return 0
    if one.dim is Dim.PERCENT and header is None:
        return 0
    inner = next(
        (token.quantity for token in cells[right] if token.quantity is not None and token is not two_token), None
    )
    if inner is not None and inner.dim in (Dim.PERCENT, Dim.FACTOR) and _sums_up(one, two, inner):
        return 1  # "| 49.6 ms | 23.5 ms (2.1x) |"
    result = _only(cells[right + 1]) if right + 1 < len(cells) else None
    if result is not None and result is not two and _sums_up(one, two, result):
        return 1
    roles = header.roles if header is not None else []
    role_left = roles[left] if left < len(roles) else ""
    role_right = roles[right] if right < len(roles) else ""
    if role_left == "old" and role_right == "new":
        return 1
    if role_left == "new" and role_right == "old":
        return -1
    if header is not None and (role_left == "change" or role_right == "change"):
        return 0
    summed_up = right + 1 < len(cells) and _is_change(cells[right + 1])
    return 1 if summed_up and one.dim in (Dim.TIME, Dim.BYTES, Dim.RATE) else 0


def _only(cell: list[Token]) -> Quantity | None:
    return next(
        (token.quantity for token in cell if token.quantity is not None and token.quantity.value is not None), None
    )


def _sums_up(old: Quantity, new: Quantity, result: Quantity) -> bool:
    """Whether the third cell is the difference, or the relative change, of the two before it."""
    if old.value is None or new.value is None or result.value is None or old.value == new.value:
        return False
    if result.dim in (Dim.PERCENT, Dim.FACTOR):
        return not contradicts(Group([Amount(0, 0, old, new, cells=True), Amount(0, 0, result)]))
    if result.dim is not old.dim and (old.dim is not Dim.COUNT or not result.sign):
        return False
    counted = result.dim is Dim.COUNT and result.value >= 100
    if not result.sign and not counted and result.dim not in (Dim.TIME, Dim.BYTES):
        return False
    difference = abs(base_value(new.value, new.unit) - base_value(old.value, old.unit))
    slack = base_value(old.step + new.step, new.unit) + base_value(result.step, result.unit)
    return abs(difference - base_value(result.value, result.unit)) <= slack


def _take_unit(old: Quantity, new: Quantity, difference: Quantity | None) -> None:
    """Two bare cells have the unit of the difference beside them: "24,557,528 | 23,562,200 | -995,328 bytes"."""
    bare = old.dim is new.dim is Dim.COUNT and not old.unit
    if difference is not None and bare and difference.sign and difference.dim in (Dim.TIME, Dim.BYTES):
        share_unit(old, difference)
        share_unit(new, difference)


def _is_change(cell: list[Token]) -> bool:
    dims = [token.quantity.dim for token in cell if token.quantity is not None]
    words = [token.text for token in cell if token.kind == "w"]
    return dims[:1] in ([Dim.PERCENT], [Dim.FACTOR]) and all(word in cues.POLARITY for word in words)
