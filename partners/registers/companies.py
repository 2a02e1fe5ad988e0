"""Companies by SIREN or name, from the public API "Recherche d'entreprises" (DINUM)."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from time import monotonic
from typing import Any

import httpx

from partners.vocabulary.companies import CompanyAddress, CompanyRead

PUBLIC_REGISTER_URL = "https://recherche-entreprises.api.gouv.fr"
QUERY_CHARS_MIN = 3
QUERY_CHARS_MAX = 120
RESULTS_MAX = 25
ANSWER_BYTES_MAX = 2_000_000
RETRY_AFTER_SECONDS_MAX = 3600

_HIDDEN_NAME = "NON-DIFFUSIBLE"
_PUBLIC_BODY_FORMS = ("4", "71", "72", "73", "74")


class RegisterUnavailable(Exception):
    """The register did not answer; the company is then typed by hand.

    `retry_after` is in seconds, when the register said when to come back.
    """

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        super().__init__(f"the company register is unavailable: {reason}")
        self.retry_after = retry_after


class CompanyRegister:
    """Looks companies up; one instance may be shared by threads.

    Args:
        base_url: the public API, or the sandbox's `/register`.
        timeout_seconds: for the whole answer; a form is waiting for it.
        user_agent: the API asks callers to name themselves.
        transport: another httpx transport, for tests.
    """

    def __init__(
        self,
        base_url: str = PUBLIC_REGISTER_URL,
        *,
        timeout_seconds: float = 2.0,
        user_agent: str = "encaisse/0.1",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            timeout=timeout_seconds,
            headers={"User-Agent": user_agent, "Accept": "application/json"},
            follow_redirects=False,
            transport=transport,
        )

    def search(self, query: str, *, limit: int = 10) -> tuple[CompanyRead, ...]:
        """Companies whose name, SIREN or SIRET answers `query`, best first.

        A query under three characters finds nothing and is not sent.

        Raises:
            RegisterUnavailable: time-out, error, or an answer that cannot be read.
        """
        words = " ".join(query.split())[:QUERY_CHARS_MAX]
        if len(words) < QUERY_CHARS_MIN:
            return ()
        digits = re.sub(r"[\s.]", "", words)
        asked = digits if digits.isdigit() and len(digits) in (9, 14) else words
        answer = self._ask({"q": asked, "page": "1", "per_page": str(min(limit, RESULTS_MAX))})
        return read_answer(answer)

    def find(self, siren: str) -> CompanyRead | None:
        """The company with exactly this SIREN; None when the register has none.

        Raises:
            RegisterUnavailable: time-out, error, or an answer that cannot be read.
        """
        found = self.search(siren)
        wanted = re.sub(r"\D", "", siren)
        return next((company for company in found if company.siren == wanted), None)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _ask(self, params: Mapping[str, str]) -> Any:
        ends_at = monotonic() + self._timeout_seconds
        try:
            with self._client.stream("GET", "/search", params=params) as response:
                if response.status_code != httpx.codes.OK:
                    raise _unavailable(response)
                return json.loads(_limited_body(response, ends_at))
        except httpx.TimeoutException as error:
            raise RegisterUnavailable("it took too long to answer") from error
        except httpx.HTTPError as error:
            raise RegisterUnavailable("it could not be reached") from error
        except ValueError as error:
            raise RegisterUnavailable("its answer is not JSON") from error


def read_answer(answer: Any) -> tuple[CompanyRead, ...]:
    """The companies of one answer of `GET /search`; entries without a SIREN are left out.

    Raises:
        RegisterUnavailable: the answer has no list of results.
    """
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        raise RegisterUnavailable("its answer has no results")
    read = (read_company(result) for result in results if isinstance(result, dict))
    return tuple(company for company in read if company is not None)


def read_company(result: Mapping[str, Any]) -> CompanyRead | None:
    """One entry of the register in our words; None without a nine-digit SIREN.

    A company that asked not to be published keeps only its SIREN, the name still
    shown, and whether it is active (C. com. art. A123-96).
    """
    siren = _text(result, "siren")
    if not re.fullmatch(r"\d{9}", siren):
        return None
    is_active = _text(result, "etat_administratif") != "C"
    name = _name(result)
    if _text(result, "statut_diffusion") in ("P", "N"):
        return CompanyRead(siren=siren, name=name, is_active=is_active, is_diffusible=False)
    head_office = result.get("siege")
    office = head_office if isinstance(head_office, dict) else {}
    form_code = _text(result, "nature_juridique") or None
    activity_code = _text(result, "activite_principale") or None
    return CompanyRead(
        siren=siren,
        name=name,
        siret=_text(office, "siret") or None,
        vat_id=_vat_id(result),
        address=_address(office),
        legal_form_code=form_code,
        legal_form=legal_form_label(form_code),
        activity_code=activity_code,
        activity=activity_label(activity_code),
        is_active=is_active,
        is_public_body=_is_public_body(result, form_code),
        size=_text(result, "categorie_entreprise") or None,
        created_on=_date(result, "date_creation"),
        closed_on=_date(result, "date_fermeture"),
    )


def legal_form_label(code: str | None) -> str | None:
    """The usual French name of a legal category; the code itself when we have no word."""
    if not code:
        return None
    wording = _wording()
    group = wording["legal_form_groups"].get(code[:2])
    return wording["legal_forms"].get(code) or group or f"Catégorie juridique {code}"


def activity_label(code: str | None) -> str | None:
    """The French name of the NAF division of an activity code; None when unknown."""
    return _wording()["activities"].get(code[:2]) if code else None


@cache
def _wording() -> dict[str, dict[str, str]]:
    text = files("partners.registers").joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _unavailable(response: httpx.Response) -> RegisterUnavailable:
    raw = response.headers.get("Retry-After", "")
    retry_after = min(int(raw), RETRY_AFTER_SECONDS_MAX) if raw.isdecimal() else None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return RegisterUnavailable("too many questions were asked", retry_after)
    return RegisterUnavailable(f"it answered {response.status_code}", retry_after)


def _limited_body(response: httpx.Response, ends_at: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise RegisterUnavailable("its answer is too large")
        if monotonic() > ends_at:
            raise RegisterUnavailable("it took too long to answer")
    return bytes(body)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _name(result: Mapping[str, Any]) -> str:
    name = _text(result, "nom_raison_sociale") or _text(result, "nom_complet")
    return "" if _HIDDEN_NAME in name else name


def _vat_id(result: Mapping[str, Any]) -> str | None:
    numbers = result.get("tva")
    if isinstance(numbers, list):
        return next((number for number in numbers if isinstance(number, str)), None)
    return None


def _address(office: Mapping[str, Any]) -> CompanyAddress | None:
    printed = _text(office, "adresse")
    postcode, city = _text(office, "code_postal"), _text(office, "libelle_commune")
    if not (printed or city):
        return None
    street = (_text(office, part) for part in ("numero_voie", "type_voie", "libelle_voie"))
    line = " ".join(part for part in street if part) or printed.partition(f" {postcode} ")[0]
    return CompanyAddress(printed=printed, line=line, postcode=postcode, city=city)


def _is_public_body(result: Mapping[str, Any], form_code: str | None) -> bool:
    complements = result.get("complements")
    flagged = isinstance(complements, dict) and complements.get("est_administration") is True
    return flagged or (form_code or "").startswith(_PUBLIC_BODY_FORMS)


def _date(fields: Mapping[str, Any], name: str) -> date | None:
    try:
        return date.fromisoformat(_text(fields, name)[:10])
    except ValueError:
        return None
