"""The base of every form: texts stripped, lists of short texts in order, errors at their field."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, ValidationError
from wtforms.utils import unset_value


def stripped(value: Any) -> Any:
    """Text without the space around it; anything else as it came."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """A form with stripped texts. What it does not name is ignored."""

    class Meta(FlaskForm.Meta):
        """How fields are bound: texts lose the space around them, passwords keep it."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Add the stripping filter to a text field that names no filters of its own."""
            kind = unbound_field.field_class
            is_text = issubclass(kind, StringField) and not issubclass(kind, PasswordField)
            if is_text and "filters" not in unbound_field.kwargs:
                options = {**options, "filters": [stripped]}
            return unbound_field.bind(form=form, **options)

    @property
    def moved(self) -> bool:
        """Whether the submit only moved, added or removed a row: draw the form again, save nothing."""
        return any(field.moved for field in self if isinstance(field, LinesField))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The error summary: (id of the field or "", sentence) in the order of the fields."""
        found = [("", str(message)) for message in self.form_errors]
        for field in self:
            found += [(field.id, str(message)) for message in flat(field.errors)]
        return found


def flat(errors: Iterable[Any]) -> Iterable[Any]:
    """The messages of a field, also of one that holds fields (there they stand in lists or mappings)."""
    for error in errors.values() if isinstance(errors, dict) else errors:
        if isinstance(error, (list, tuple, dict)):
            yield from flat(error)
        else:
            yield error


def put_error(form: FlaskForm, field_name: str | None, message: str) -> None:
    """Show a service's refusal at its field, or above the form when it concerns none of them."""
    field = form[field_name] if field_name and field_name in form else None
    if field is None:
        form.form_errors.append(message)
    else:
        field.errors = [*field.errors, message]


class LinesField(Field):
    """A list of short texts, one input a row, all of the same name.

    `data` holds the texts without blank rows; `rows` what the page shows. A submit button named `move`
    with the value `name:row:up`, `:down` or `:remove`, or `name::add`, changes the rows without a script.
    """

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Callable[..., Any]] | None = None,
        *,
        most: int = 20,
        longest: int = 500,
        row_label: str = "Row",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.most, self.longest, self.row_label = most, longest, row_label
        self.moved = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the rows, then do what the pressed button asks of them."""
        self.data: list[str] = []
        super().process(formdata, data, extra_filters)
        self.rows = list(self.data or [])
        if formdata is not None and (self.name in formdata or "move" in formdata):
            self.rows = [" ".join(row.split()) for row in formdata.getlist(self.name)]
            for order in formdata.getlist("move"):
                self._move(order)
        self.data = [row for row in self.rows if row]

    def process_formdata(self, valuelist: list[str]) -> None:
        """A request that holds no row of this field leaves what was there; see `process`."""
        self.data = valuelist

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002  # WTForms hands over the form
        """Refuse too many or too long texts, in words."""
        if len(self.data) > self.most:
            raise ValidationError(f"Keep at most {self.most}; these are {len(self.data)}.")
        if any(len(row) > self.longest for row in self.data):
            raise ValidationError(f"Keep each under {self.longest} characters.")

    def _move(self, order: str) -> None:
        name, _, rest = order.partition(":")
        row, _, deed = rest.partition(":")
        if name != self.name:
            return
        self.moved = True
        self.rows = move_row(self.rows, int(row) if row.isdecimal() else None, deed)


def move_row(rows: Sequence[str], at: int | None, deed: str) -> list[str]:
    """The rows after one deed (add, remove, up, down); an order that makes no sense changes nothing."""
    result = list(rows)
    if deed == "add":
        return [*result, ""]
    if at is None or at >= len(result):
        return result
    row = result.pop(at)
    if deed != "remove":
        result.insert(max(0, at + {"up": -1, "down": 1}.get(deed, 0)), row)
    return result
