"""The forms about staff, invitations and tokens."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from wtforms import BooleanField, DateField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.accounts.tokens import is_origin
from webapp.core.access import SCOPE_AREAS, Role
from webapp.core.forms import Form, LinesField

ROLES = {
    Role.VIEWER: "viewer: reads",
    Role.EDITOR: "editor: also writes and runs",
    Role.ADMIN: "admin: also manages staff and settings",
}
ACCESS = (("none", "None"), ("read", "Read"), ("write", "Read and write"))


class RoleForm(Form):
    """A person's role in the company."""

    role = SelectField("Role", choices=[SelectChoice(one.value, word) for one, word in ROLES.items()])


class InviteForm(RoleForm):
    """Who is invited, as what."""

    email = StringField(
        "E-mail",
        [InputRequired("Write the person’s e-mail address."), Length(max=254)],
        render_kw={"inputmode": "email"},
    )


class JoinForm(Form):
    """The name and the password of a new account."""

    name = StringField(
        "Your name", [InputRequired("Write your name."), Length(max=200)], render_kw={"autocomplete": "name"}
    )
    password = PasswordField(
        "Password",
        [
            InputRequired("Choose a password."),
            Length(min=12, max=200, message="Use 12 to 200 characters."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    password_again = PasswordField(
        "Password again",
        [InputRequired("Write the password once more.")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password_again(self, field: PasswordField) -> None:
        """Both must agree."""
        if field.data != self.password.data:
            raise ValidationError("This differs from the password above.")


class TokenFields(Form):
    """What a token is for, whom it stands for, until when."""

    name = StringField("What it is for", [InputRequired("Say what the token is for."), Length(max=200)])
    staff = SelectField("Bound to", default="")
    expires = DateField("Last day", [Optional()])
    publishable = BooleanField("Publishable: browsers carry it, for the lesson call alone")
    origins = LinesField("Sites that may use it", row_label="Site", most=20, longest=200)

    def validate_expires(self, field: DateField) -> None:
        """A day that is over gives a token that never worked."""
        if field.data and field.data < datetime.now(UTC).date():
            raise ValidationError("This day is over.")

    def validate_origins(self, field: LinesField) -> None:
        """Each is scheme and host; a publishable token needs one."""
        wrong = [row for row in field.data if not is_origin(row)]
        if wrong:
            raise ValidationError(f"Write sites such as https://example.com; this is none: {wrong[0]}")
        if self.publishable.data and not field.data:
            raise ValidationError("Name the sites whose pages may use the token.")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The chosen scopes as they are written."""
        chosen = ((area, self[f"scope_{area}"].data) for area in SCOPE_AREAS)
        return tuple(f"{area}:{access}" for area, access in chosen if access in {"read", "write"})

    @property
    def end(self) -> datetime | None:
        """When the last day is over, in UTC."""
        last: date | None = self.expires.data
        return datetime.combine(last + timedelta(days=1), time(), UTC) if last else None


TokenForm: type[TokenFields] = type(
    "TokenForm",
    (TokenFields,),
    {
        f"scope_{area}": RadioField(
            area.title(),
            choices=[SelectChoice(*one) for one in ACCESS],
            default="none",
            validate_choice=False,
        )
        for area in SCOPE_AREAS
    },
)
