"""The judge of a query's expressions, and the register of its rules by kind of node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.relations import Column, Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, bare, exp, name_of

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Like: "~~",
    exp.ILike: "~~*",
    exp.RegexpLike: "~",
    exp.RegexpILike: "~*",
    exp.ArrayContainsAll: "@>",
    exp.ArrayOverlaps: "&&",
}
ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Pow: "^",
}
OPERATORS = {**COMPARISONS, **ARITHMETIC, exp.DPipe: "||"}
_WORDS = frozenset({"user", "current_role", "system_user", "default"})  # no columns, unless they are quoted
Rule = Callable[["Judge", exp.Expr], bool]
TypeRule = Callable[["Judge", exp.Expr], "int | None"]
RULES: dict[type[exp.Expr], Rule] = {}
TYPES: dict[type[exp.Expr], TypeRule] = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a statement's parameter may be."""

    nullable: bool
    type: int | None


@dataclass(slots=True)
class Judge:
    """Judges the expressions of one query, in its scope.

    `in_group` holds where every aggregate sees one row at least, `lone_set` where the select list calls one function
    that gives several rows; `assumed` are the columns that a branch of CASE has tested.
    """

    scope: Scope
    params: Mapping[str, Parameter]
    subquery: Callable[[exp.Expr, Scope], Relation]
    windows: Mapping[str, exp.Expr] = field(default_factory=dict[str, exp.Expr])
    in_group: bool = False
    lone_set: bool = False
    assumed: frozenset[Column] = frozenset()

    def never_null(self, node: exp.Expr | None) -> bool:
        """Whether the value is proven not to be NULL."""
        rule = RULES.get(type(node)) if node is not None else None
        if rule is None or node is None:
            return False
        try:
            return rule(self, node)
        except Surprise:
            return False

    def all(self, nodes: Iterable[exp.Expr | None]) -> bool:
        """Whether none of the values can be NULL."""
        return all(self.never_null(node) for node in nodes)

    def column(self, node: exp.Expr) -> Column | None:
        """The column that a name means; None where that cannot be told."""
        found = self._find(node)
        return found[0] if found else None

    def holds(self, node: exp.Expr) -> bool:
        """Whether a name means a column that holds no NULL here."""
        found = self._find(node)
        if not found or found[0] in found[1].rolled:
            return False
        column = found[0]
        there = frozenset(join for other in self.assumed for join in other.absent)
        return (column.base or column in self.assumed) and (column in self.assumed or not column.absent - there)

    def _find(self, node: exp.Expr) -> tuple[Column, Scope] | None:
        if not isinstance(node, exp.Column) or node.args.get("db") or not isinstance(node.this, exp.Identifier):
            return None
        table = node.args.get("table")
        if table is None and not node.this.args.get("quoted") and name_of(node.this) in _WORDS:
            return None
        return self.scope.find(name_of(node.this), name_of(table) if table else None)

    def type_of(self, node: exp.Expr | None) -> int | None:
        """The type of an expression; None where no rule tells it."""
        rule = TYPES.get(type(node)) if node is not None else None
        if rule is None or node is None:
            return None
        try:
            return rule(self, node)
        except Surprise:
            return None

    def types_of(self, nodes: Iterable[exp.Expr | None]) -> list[int | None]:
        """The types of several expressions."""
        return [self.type_of(node) for node in nodes]

    def is_own_operator(self, node: exp.Expr) -> bool:
        """Whether an operator, or BETWEEN or IN, means the server's own."""
        operands = [node.this, node.args.get("expression"), *node.args.get("expressions", ())]
        operands += [node.args[name] for name in ("low", "high") if name in node.args]
        types = self.types_of(bare(operand) for operand in operands if operand is not None)
        symbols = (">=", "<=") if isinstance(node, exp.Between) else (OPERATORS.get(type(node), "="),)
        return all(self.scope.catalogue.is_builtin_operator(symbol, types) for symbol in symbols)

    def is_own_function(self, name: str, arguments: Iterable[exp.Expr]) -> bool:
        """Whether a call means the server's own function."""
        return self.scope.catalogue.is_builtin(name, self.types_of(arguments))

    def is_own_cast(self, node: exp.Expr) -> bool:
        """Whether a cast is one of the server's that gives NULL for NULL alone.

        JSON null becomes NULL in some, and an infinite time has no time of day.
        """
        source, target = self.type_of(node.this), self.type_of(node)
        catalogue = self.scope.catalogue
        if source in (known.JSON, known.JSONB) and target not in (known.TEXT, known.JSON, known.JSONB):
            return False
        if source in (known.TIMESTAMP, known.TIMESTAMPTZ) and target in (known.TIME, known.TIMETZ):
            return False
        return catalogue.is_builtin_cast(source, target)

    def assuming(self, facts: Iterable[Column]) -> Judge:
        """The judge of a branch in which these columns hold no NULL."""
        own = {column for column in facts if self.scope.owns(column)}
        return replace(self, assumed=self.assumed | own)

    def of_any_row(self) -> Judge:
        """The judge without what a branch has tested, which holds in the current row alone."""
        return replace(self, assumed=frozenset[Column]())
