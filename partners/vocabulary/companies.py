"""Our words for what a public company register tells."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CompanyAddress:
    """Where the head office is, as the register prints it and in parts."""

    printed: str
    line: str
    postcode: str
    city: str
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class CompanyRead:
    """One company as the register knows it today; absent facts are `None` or empty.

    Attributes:
        legal_form_code: INSEE's four-digit category ("5499").
        legal_form: its usual French name ("SARL").
        activity_code: NAF ("43.32A").
        is_diffusible: False when the company asked not to be published; then only the
            SIREN, the name the register still shows and the state are read.
        is_public_body: a state body, local authority or public hospital.
    """

    siren: str
    name: str
    siret: str | None = None
    vat_id: str | None = None
    address: CompanyAddress | None = None
    legal_form_code: str | None = None
    legal_form: str | None = None
    activity_code: str | None = None
    activity: str | None = None
    is_active: bool = True
    is_diffusible: bool = True
    is_public_body: bool = False
    size: str | None = None
    created_on: date | None = None
    closed_on: date | None = None
