"""A company register with the shape of "Recherche d'entreprises", over fictional companies."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from partners.sandbox.companies import FictionalCompany, fictional_companies
from partners.sandbox.settings import RegisterMode
from partners.sandbox.stage import Stage

PER_PAGE_MAX = 25
SLOW_SECONDS = 5.0

_MAGIC = re.compile(r"sandbox:(429|500|slow)")


routes = Blueprint("register", __name__, url_prefix="/register")


@routes.get("/search")
def search() -> Response | tuple[Response, int]:
    """One page of companies, as the public API answers `GET /search`."""
    stage: Stage = current_app.extensions["stage"]
    words = request.args.get("q", "").strip()
    mode = _mode(stage.register_mode, words)
    if mode is RegisterMode.TOO_MANY:
        refusal = jsonify(erreur="Trop de requêtes")
        refusal.headers["Retry-After"] = "3"
        return refusal, 429
    if mode is RegisterMode.FAILING:
        return jsonify(erreur="Erreur interne"), 500
    if mode is RegisterMode.SLOW:
        stage.closing.wait(SLOW_SECONDS)
    per_page = request.args.get("per_page", 10, type=int)
    page = request.args.get("page", 1, type=int)
    if len(words) < 3 or not 1 <= per_page <= PER_PAGE_MAX or not 1 <= page <= 1000:
        return jsonify(erreur="Paramètre invalide : 3 caractères au moins, 25 par page"), 400
    return jsonify(_answer(search_companies(words), page, per_page))


def search_companies(words: str) -> list[FictionalCompany]:
    """French companies by SIREN, SIRET, or names holding a word that starts with each word."""
    known = [company for company in fictional_companies() if company.siren]
    digits = re.sub(r"\s", "", words)
    if digits.isdigit() and len(digits) in (9, 14):
        return [c for c in known if c.siren == digits or c.siret == digits]
    wanted = _plain(words).split()
    published = [company for company in known if company.diffusion == "O"]
    found = [company for company in published if _all_start(wanted, company)]
    return sorted(found, key=_closeness(wanted))


def company_entry(company: FictionalCompany) -> dict[str, Any]:
    """One company in the public API's words."""
    if company.diffusion != "O":
        return {
            "siren": company.siren,
            "nom_complet": "[NON-DIFFUSIBLE]",
            "nom_raison_sociale": None,
            "etat_administratif": company.state,
            "statut_diffusion": company.diffusion,
            "siege": {},
        }
    is_public = company.legal_form_code.startswith("7")
    name = company.name.upper()
    return {
        "siren": company.siren,
        "nom_complet": name,
        "nom_raison_sociale": name,
        "sigle": None,
        "nombre_etablissements": 1,
        "nombre_etablissements_ouverts": 1 if company.state == "A" else 0,
        "siege": _head_office(company),
        "activite_principale": company.activity_code,
        "categorie_entreprise": company.size or None,
        "date_creation": company.created_on,
        "date_fermeture": company.closed_on or None,
        "dirigeants": [],
        "etat_administratif": company.state,
        "nature_juridique": company.legal_form_code,
        "statut_diffusion": company.diffusion,
        "matching_etablissements": [],
        "finances": None,
        "complements": {
            "est_administration": is_public,
            "est_entrepreneur_individuel": company.legal_form_code == "1000",
            "est_service_public": is_public,
        },
        "tva": [company.french_vat_id],
    }


def _head_office(company: FictionalCompany) -> dict[str, Any]:
    street = re.match(r"(\d+)?\s*(.*)", company.street)
    number, way = street.groups() if street else (None, company.street)
    city = company.city.upper()
    return {
        "siret": company.siret,
        "adresse": f"{company.street} {company.postcode} {city}".upper(),
        "numero_voie": number,
        "type_voie": None,
        "libelle_voie": way.upper(),
        "code_postal": company.postcode,
        "libelle_commune": city,
        "etat_administratif": company.state,
        "activite_principale": company.activity_code,
        "est_siege": True,
        "statut_diffusion_etablissement": company.diffusion,
    }


def _mode(usual: RegisterMode, words: str) -> RegisterMode:
    forced = _MAGIC.search(words)
    return RegisterMode(forced.group(1)) if forced else usual


def _answer(found: list[FictionalCompany], page: int, per_page: int) -> dict[str, Any]:
    start = (page - 1) * per_page
    return {
        "results": [company_entry(company) for company in found[start : start + per_page]],
        "total_results": len(found),
        "page": page,
        "per_page": per_page,
        "total_pages": -(-len(found) // per_page),
    }


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(c for c in split if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", letters)


def _all_start(wanted: list[str], company: FictionalCompany) -> bool:
    words = _plain(company.name).split()
    return bool(wanted) and all(any(word.startswith(one) for word in words) for one in wanted)


def _closeness(wanted: list[str]) -> Callable[[FictionalCompany], tuple[bool, str]]:
    def rank(company: FictionalCompany) -> tuple[bool, str]:
        name = _plain(company.name)
        return (not name.startswith(wanted[0]), name)

    return rank
