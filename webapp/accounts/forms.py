"""The forms of the account pages."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from webapp.accounts.companies import known_timezone
from webapp.core.forms import Form

LANGUAGES = (
    ("en", "English"),
    ("de", "German"),
    ("ru", "Russian"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("pl", "Polish"),
)


class SignInForm(Form):
    """E-mail and password, and where to go afterwards."""

    email = StringField(
        "E-mail",
        [InputRequired("Write your e-mail address."), Length(max=254)],
        render_kw={"autocomplete": "username", "inputmode": "email", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Write your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(Form):
    """The current password and the new one, twice."""

    current_password = PasswordField(
        "Current password",
        [InputRequired("Write your current password.")],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        "New password",
        [
            InputRequired("Write a new password."),
            Length(min=12, max=200, message="Use 12 to 200 characters."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    password_again = PasswordField(
        "New password again",
        [InputRequired("Write the new password once more.")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password_again(self, field: PasswordField) -> None:
        """Both must agree."""
        if field.data != self.password.data:
            raise ValidationError("This differs from the new password above.")


class CompanyForm(Form):
    """A company's profile; generation is fed with it."""

    name = StringField("Name", [InputRequired("A company has a name."), Length(max=200)])
    about = TextAreaField("What the company does, and for whom", [Length(max=4000)])
    audience = TextAreaField("Who buys", [Length(max=4000)])
    industry = StringField("Industry", [Length(max=200)])
    market = StringField("Market", [Length(max=200)])
    language = SelectField(
        "Language of drafts", choices=[SelectChoice(code, name) for code, name in LANGUAGES]
    )
    currency = StringField("Currency", [Regexp(r"^[A-Z]{3}$", message="Three capital letters, such as EUR.")])
    timezone = StringField("Time zone", [InputRequired("Name a time zone, such as Europe/Berlin.")])
    consent_policy = TextAreaField("Consent policy", [Optional(), Length(max=4000)])
    version = IntegerField(widget=HiddenInput())

    def validate_timezone(self, field: StringField) -> None:
        """Schedules and day counts are in it, so it must exist."""
        if not known_timezone(field.data or ""):
            raise ValidationError("This time zone is not known. Write one such as Europe/Berlin.")
