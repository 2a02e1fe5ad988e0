"""A little site that shows every macro with likely values, under the product's own security policy."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep
from typing import Any

from flask import Flask, Response, flash, g, jsonify, render_template, request
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader

from portal.http import locale
from portal.web import presentation

WEB = Path(presentation.__file__).parent
TODAY = date(2026, 11, 23)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)

URLS = {
    "home": "/",
    "sign_in": "/sign-in",
    "sign_out": "/sign-out",
    "language": "/language",
    "switch_organisation": "/organisation",
    "legal": "/legal",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "brokers": "/brokers",
    "lenders": "/lenders",
    "leave_client": "/leave",
}

MENUISERIE = {"id": "1", "name": "Menuiserie Exemple SARL", "kind_label": "Entreprise"}
NAVIGATION = [
    {"label": "Accueil", "url": "/style-guide", "icon": "home", "active": True, "badge": None},
    {"label": "Créances", "url": "/r", "icon": "file-invoice", "active": False, "badge": 57},
    {"label": "Demandes", "url": "/f", "icon": "cash", "active": False, "badge": 2},
    {"label": "Débiteurs", "url": "/d", "icon": "users", "active": False, "badge": None},
    {"label": "Messages", "url": "/m", "icon": "mail", "active": False, "badge": None},
    {
        "label": "Réglages",
        "url": "/s",
        "icon": "settings",
        "active": False,
        "badge": None,
        "section": "Organisation",
    },
]

MONTHS = ["sept.", "oct.", "nov.", "déc.", "janv.", "févr."]
AGED = {
    "labels": ["À échoir", "1–30 j", "31–60 j", "61–90 j", "Plus de 90 j"],
    "series": [
        {
            "name": "Collectivités",
            "values": [4210055, 812050, 240000, 99000, 0],
            "tone": "accent",
        },
        {"name": "Entreprises", "values": [3110000, 512075, 310040, 0, 60000], "tone": "accent-2"},
    ],
    "unit": "money",
    "currency": "EUR",
}
FORECAST = {
    "labels": MONTHS,
    "series": [
        {"name": "Sans financement", "values": [3210000, 2810000, 4120000, 2240000, 3010000, None]},
        {
            "name": "Avec financement",
            "values": [3210000, 4810000, 4420000, 3240000, 3310000, 2900000],
        },
    ],
    "unit": "money",
    "marker": {"index": 2, "label": "aujourd'hui"},
}
PRICE = {
    "labels": ["Facture", "Retenue", "Commission", "Intérêts", "Net versé"],
    "series": [{"name": "Montant", "values": [1000000, -150000, -12000, -8333, 829667]}],
    "unit": "money",
}
TASKS = [
    {
        "title": "Signer le bordereau de la demande D-118",
        "text": "Offre acceptée, valable jusqu'à demain 18 h",
        "url": "/t/1",
        "due": TODAY,
        "tone": "warning",
        "icon": "writing-sign",
        "cents": 2415000,
    },
    {
        "title": "Mise en demeure à relire",
        "text": "Boulangerie Modèle, 30 jours de retard",
        "url": "/t/2",
        "tone": "danger",
        "icon": "mail-exclamation",
        "cents": 84050,
    },
    {"title": "Date d'échéance manquante", "url": "/t/3", "icon": "calendar-question"},
]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
STORY = [
    {
        "at": NOON,
        "title": "Paiement partiel reçu",
        "actor": "Banque Exemple",
        "tone": "success",
        "icon": "coin",
        "cents": 250000,
    },
    {
        "at": NOON - timedelta(days=4),
        "title": "Deuxième relance",
        "text": "Courriel à la comptabilité, facture jointe.",
        "actor": "Encaisse, au nom de Menuiserie Exemple",
        "tone": "info",
        "icon": "send",
        "links": [{"label": "Lire le message", "url": "/m/1"}],
    },
    {"at": TODAY - timedelta(days=15), "title": "Échéance dépassée", "tone": "warning"},
]


COMPANIES: list[str] = []
"""What the form was told, as often as it was sent."""


def _row(
    number: int, debtor: str, face: int, due_in: int, state: tuple[str, str]
) -> dict[str, Any]:
    word, tone = state
    return {
        "number": f"F-2026-{number}",
        "debtor": debtor,
        "due": TODAY + timedelta(days=due_in),
        "word": word,
        "tone": tone,
        "face": face,
        "open": face if tone != "success" else 0,
    }


RECEIVABLES = [
    _row(1041, "Mairie d'Exempleville", 1000000, 60, ("À échoir", "neutral")),
    _row(1040, "Boulangerie Modèle SAS", 84050, -31, ("En retard de 31 j", "danger")),
    _row(1039, "Garage Fictif", 1240075, -3, ("En retard de 3 j", "warning")),
    _row(1038, "Clinique de l'Exemple", 12990000, 12, ("Financée", "accent")),
    _row(1037, "Hôtel Témoin", 420000, -40, ("Payée", "success")),
]
OFFERS = [
    {
        "lender": "Banque Méridienne",
        "product": "Cession Dailly",
        "net_cents": 878667,
        "total_cost_cents": 21333,
        "annual_rate": Decimal("0.0874"),
        "reserve_cents": 100000,
        "firm": True,
        "best": "Le moins cher au total",
        "expires": "Expire demain à 18 h",
        "facts": [("Débiteur prévenu", "non"), ("Recours", "oui")],
    },
    {
        "lender": "Factor Exemple",
        "product": "Affacturage sans recours",
        "net_cents": 829667,
        "total_cost_cents": 30333,
        "annual_rate": Decimal("0.1241"),
        "reserve_cents": 140000,
        "firm": True,
        "expires": "Expire dans 4 jours",
        "facts": [("Débiteur prévenu", "oui"), ("Recours", "non")],
    },
    {
        "lender": "Avance Témoin",
        "product": "Avance sur facture",
        "net_cents": 965000,
        "total_cost_cents": 35000,
        "annual_rate": Decimal("0.2302"),
        "firm": False,
        "facts": [("Débiteur prévenu", "non"), ("Recours", "oui")],
    },
]
HEADS = [
    {"lender": offer["lender"], "product": offer["product"], "best": offer.get("best")}
    for offer in OFFERS
]
ROWS = [
    {"label": "Versé aujourd'hui", "cells": ["8 786,67 €", "8 296,67 €", "9 650,00 €"], "best": 2}
    | {"strong": True},
    {"label": "Coût total", "cells": ["213,33 €", "303,33 €", "350,00 €"], "best": 0},
    {"label": "Taux annuel effectif", "cells": ["8,74 %", "12,41 %", "23,02 %"], "best": 0},
    {"label": "Retenue", "hint": "rendue au paiement", "cells": ["1 000,00 €", "1 400,00 €", "–"]},
    {"label": "Recours", "cells": ["oui", "non", "oui"]},
    {"label": "Débiteur prévenu", "cells": ["non", "oui", "non"]},
]
FINDINGS = [
    {"outcome": "ok", "title": "Échéance dans les bornes", "value": "60 jours"},
    {
        "outcome": "blocked",
        "title": "Preuve de livraison absente",
        "value": "aucun document",
        "threshold": "1 document au-delà de 5 000 €",
        "who": "Vous",
        "remedy": "Ajoutez le bon de livraison signé.",
        "action": {"label": "Ajouter un document", "url": "/doc"},
        "source": "Barème de Banque Méridienne, version 3",
        "code": "delivery_evidence",
    },
    {
        "outcome": "warning",
        "title": "Débiteur concentré",
        "value": "34 %",
        "threshold": "30 %",
        "source": "Politique de risque",
    },
    {
        "outcome": "refused",
        "title": "Délai supérieur au plafond légal",
        "value": "75 jours",
        "threshold": "60 jours",
        "source": "C. com., art. L441-10 I",
        "code": "payment_term_cap",
    },
]


def _way(name: str, today: int, cost: int, rate: str, told: bool, best: str = "") -> dict[str, Any]:
    return {
        "product": name,
        "advance_cents": today,
        "cost_cents": cost,
        "annual_rate": Decimal(rate),
        "debtor_told": told,
        "best": best,
        "explain": [("Intérêts", cost - 4000), ("Commission", 4000), ("Total", cost)],
    }


EXAMPLE = [
    _way("Cession Dailly", 884200, 15800, "0.0874", False, "Le moins cher"),
    _way("Affacturage", 852400, 27600, "0.1241", True),
    _way("Avance sur facture", 965000, 35000, "0.2302", False),
    _way("Escompte", 981250, 18750, "0.1180", False),
]


def _style_guide() -> str:
    flash("La demande D-118 a été envoyée à quatre financeurs.", "success")
    return render_template(
        "style_guide.html",
        aged=AGED,
        forecast=FORECAST,
        price=PRICE,
        tasks=TASKS,
        story=STORY,
        receivables=RECEIVABLES,
        offers=OFFERS,
        heads=HEADS,
        rows=ROWS,
        findings=FINDINGS,
    )


def _landing() -> str:
    return render_template(
        "landing.html",
        start_url="/apply",
        example=EXAMPLE,
        example_invoice={"face_cents": 1000000, "due_in_days": 60, "currency": "EUR"},
        account=None,
    )


def _upload() -> tuple[Response, int]:
    file = request.files["files"]
    if "refuse" in (file.filename or ""):
        return jsonify(ok=False, message="Ce PDF est chiffré : envoyez-le sans mot de passe."), 422
    return jsonify(ok=True, message="Facture F-1, 1 200,00 €"), 200


def _company() -> str:
    COMPANIES.append(request.form["siren"])
    sleep(1.5)
    return render_template("errors/404.html")


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _speak() -> None:
    """The language is the address's: nobody signs in here."""
    g.locale = request.args.get("lang", "fr")


def style_guide_site() -> Flask:
    """The pages ``/style-guide``, ``/`` (landing) and ``/error/<code>``."""
    app = Flask("style_guide", static_folder=str(WEB / "static"), static_url_path="/static")
    app.config["SECRET_KEY"] = "only for the style guide"
    here = Path(__file__).parent / "templates"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(WEB / "templates"), FileSystemLoader(here)])  # type: ignore[assignment]
    Babel(
        app,
        locale_selector=locale.chosen_locale,
        default_translation_directories=str(WEB.parent / "translations"),
    )
    app.before_request(_speak)
    presentation.register(app)
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.context_processor(
        lambda: {
            "urls": URLS,
            "navigation": NAVIGATION,
            "organisation": MENUISERIE,
            "client": MENUISERIE if "client" in request.args else None,
            "organisations": [
                MENUISERIE,
                {"id": "2", "name": "Cabinet Fictif", "kind_label": "Courtier"},
            ],
            "account": {"name": "Camille Exemple", "email": "camille@example.test", "links": []},
        }
    )
    app.add_url_rule("/style-guide", view_func=_style_guide, endpoint="guide")
    app.add_url_rule("/", view_func=_landing, endpoint="landing")
    app.add_url_rule("/upload", view_func=_upload, methods=["POST"], endpoint="upload")
    app.add_url_rule("/company", view_func=_company, methods=["POST"], endpoint="company")
    app.add_url_rule(
        "/error/<code>",
        view_func=lambda code: render_template(f"errors/{code}.html", reference="7f3a"),
        endpoint="mishap",
    )
    app.after_request(_with_policy)
    return app
