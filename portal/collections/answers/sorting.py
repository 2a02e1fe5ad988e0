"""Sorting a debtor's reply by rules anyone can read: what it seems to say, and the words that say so.

A rule only proposes; a person decides. The rules are tried in their order and the first that matches is told.
"""

# ruff: noqa: E501 - the words of a rule are read on one line

import enum
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from portal.collections.answers.day_words import day_in

READ_CHARS_MAX = 5_000


class Meaning(enum.StrEnum):
    """What a reply seems to say."""

    PAID = "paid"
    PROMISE = "promise"
    DISPUTE = "dispute"
    WRONG_CONTACT = "wrong_contact"
    WANTS_COPY = "wants_copy"
    OUT_OF_OFFICE = "out_of_office"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a reply seems to say; ``rule`` names the rule and ``words`` what it matched.

    ``day`` is the day of the promise or of the payment, ``amount_cents`` the amount told, when they were found.
    """

    meaning: Meaning
    rule: str
    words: str = ""
    day: date | None = None
    amount_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the words that make it true, unless those of ``unless`` are there too."""

    code: str
    meaning: Meaning
    words: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _rule(code: str, meaning: Meaning, *words: str, unless: str = "") -> Rule:
    return Rule(code, meaning, re.compile("|".join(words)), re.compile(unless) if unless else None)


RULES: tuple[Rule, ...] = (
    _rule(
        "absence_told",
        Meaning.OUT_OF_OFFICE,
        r"out of (?:the )?office",
        r"(?:reponse|message) automatique",
        r"automatic reply|auto-?reply",
        r"absente?s? (?:du bureau|jusqu|du \d)",
        r"(?:suis|serai|sera) (?:actuellement )?(?:absente?|en conges?|en vacances)",
        r"(?:i am|i'm|i will be) (?:currently )?(?:away|on (?:annual )?leave|on (?:vacation|holiday))",
    ),
    _rule(
        "copy_asked",
        Meaning.WANTS_COPY,
        r"(?:copie|duplicata|double) (?:de|des) (?:la |l'|les |votre |vos |cette )?(?:facture|invoice)",
        r"(?:renvoyer|transmettre|envoyer|adresser|faire parvenir)[\w\s']{0,25}(?:facture|releve)",
        r"(?:pas|jamais) (?:recu|eu) (?:de |la |votre |cette |vos )?factures?",
        r"facture (?:jamais|non|pas) (?:recue|parvenue)",
        r"cop(?:y|ies) of (?:the |your |this )?invoices?",
        r"(?:re-?send|send|forward)[\w\s']{0,25}(?:invoice|statement)",
        r"(?:never|not) (?:received|got|seen) (?:the |your |this |any )?invoice",
    ),
    _rule(
        "dispute_told",
        Meaning.DISPUTE,
        r"contest(?:e|ons|er|ation)",
        r"\blitige\b",
        r"(?:non[- ]conforme|pas conforme|defectueu|endommage|abimee?|casse(?:s|e|es)?\b)",
        r"malfacons?",
        r"(?:jamais|pas|rien) (?:ete )?(?:commande|livre|recu (?:la|les|le|notre) (?:marchandise|colis|commande|livraison|palette))",
        r"(?:marchandise|livraison|colis|palettes?)s? (?:incomplete?s?|manquante?s?|jamais (?:arrivee?|livree?|recue?)s?|non livree?s?|refusee?s?)",
        r"il manque|quantites? (?:erronee|fausse|incorrecte)",
        r"(?:prix|tarif|montant)s?[\w\s']{0,20} (?:errone|faux|incorrect|different|ne correspond)",
        r"(?:erreur|ecart) (?:de|sur le|sur les) (?:prix|tarif|montant|quantite|facturation)",
        r"(?:deja|deux fois) facture|facturee? (?:deux fois|en double)|doublon",
        r"(?:attend\w*|emettre|etablir|deman\w+|faire|envoyer)[\w\s']{0,15}\b(?:un|d'un|votre) avoir\b",
        r"numero de commande (?:manqu|absent)|bon de commande (?:manqu|absent)|sans bon de commande",
        r"\bdisput(?:e|ed|ing)\b",
        r"(?:never|not) (?:ordered|delivered)|(?:not|never) received (?:the|our) (?:goods|order|parcel|delivery|pallets?)",
        r"\b(?:damaged|faulty|defective|broken)\b",
        r"(?:wrong|incorrect) (?:price|amount|quantity)|price (?:is|was) (?:wrong|incorrect|not)",
        r"(?:charged|invoiced|billed)(?: us)? twice|duplicate invoice",
        r"(?:issue|send|expect|need|waiting for)[\w\s']{0,15} credit note",
        r"(?:missing|no) (?:purchase order|po number)|items? (?:is|are|was|were) missing",
    ),
    _rule(
        "other_contact_told",
        Meaning.WRONG_CONTACT,
        r"mauvais(?:e)? (?:destinataire|adresse|interlocuteur|personne|contact)",
        r"ne (?:travaille|fait) plus (?:chez|pour|ici|dans|partie)",
        r"(?:a quitte) (?:la societe|l'entreprise|notre)",
        r"n(?:e|')\s?(?:suis|est|sommes) (?:plus|pas) (?:en charge|la bonne personne|le bon|concerne|responsable|en poste)",
        r"(?:merci de|veuillez) (?:vous adresser|contacter|ecrire|adresser (?:vos|ce|cet|toute))",
        r"wrong (?:person|address|contact|recipient)",
        r"no longer (?:works?|with|employed|in charge|responsible)|left the company",
        r"not (?:the right|responsible|in charge)",
        r"please (?:contact|write to|address|direct)",
    ),
    _rule(
        "payment_told",
        Meaning.PAID,
        r"\b(?:a|ont|avons|ai) (?:deja |bien |tous |ete )*(?:(?:paye|regle|vire|solde)e?s?\b|effectue (?:le|ce|un) (?:virement|reglement|paiement))",
        r"(?:virement|reglement|paiement)s? (?:a ete |est |deja |bien )*(?:fait|effectue|emis|envoye|execute|parti)\b",
        r"(?:facture|somme) (?:deja |est |a ete |bien )*(?:payee|reglee|soldee|acquittee)",
        r"(?:have|has|had|was|were|been|is|are)(?: already| been)* (?:paid|settled|transferred)",
        r"we(?: already)? paid|already paid|paid (?:on|by|yesterday|last|it)\b",
        r"(?:payment|transfer)s? (?:was|were|has been|have been|is) (?:already )?(?:made|sent|done|issued|executed|processed)",
        r"(?:made|sent|issued) (?:the|a|our) (?:payment|transfer)",
        unless=(
            r"pas (?:encore )?(?:ete )?(?:paye|regle|vire|effectue)"
            r"|not (?:yet )?(?:been )?(?:paid|settled|made)|n't (?:yet )?(?:been )?paid|(?:will|to|shall|can) be paid"
        ),
    ),
    _rule(
        "promise_told",
        Meaning.PROMISE,
        r"\b(?:paie|regle|vire|verse|payer)(?:rai|rons|ra|ront)\b|\bpay(?:erai|erons|era|eront)\b",
        r"(?:sera|seront|va etre|vont etre|est|sont) (?:bien )?(?:payee?s?|reglee?s?|viree?s?|soldee?s?|effectuee?s?|programmee?s?|prevue?s?|faite?s?|mise?s? en paiement|emise?s?)",
        r"(?:virement|reglement|paiement)s? (?:est |sera |bien )?(?:prevu|programme|partira|a venir|planifie|pour le|interviendra|le \d)",
        r"(?:allons|vais|vont|va|pouvons|comptons|prevoyons de|pensons|engageons a|m'engage a|peux) (?:vous )?(?:payer|regler|virer|solder|proceder|effectuer|faire (?:le|un) (?:virement|reglement|paiement))",
        r"(?:ferons|ferai|fera|effectuerons|procederons)[\w\s']{0,12}(?:virement|reglement|paiement)",
        r"vous (?:serez|aurez|recevrez)[\w\s']{0,15}(?:paye|regle|virement|reglement|paiement)",
        r"(?:will|shall|we'll|i'll|going to|intend to|plan to|can)(?: be)? (?:pay|paid|settled?|transfer(?:red)?|sen[dt] (?:the|you)|made|ma?ke (?:the|a) (?:payment|transfer))",
        r"(?:payment|transfer) (?:is |will be |has been )?(?:scheduled|planned|due|expected|to follow|in our next)",
        r"promise|expect (?:our |the )?payment",
    ),
)

_QUOTED = re.compile(
    r"^(?:>|-{2,}\s*(?:message d'origine|original message|forwarded)|_{10,}|de\s?: .+@|from: .+@"
    r"|le .{5,80} a ecrit\s?:|on .{5,80} wrote:)"
)
_AMOUNT = re.compile(
    r"(?:(?:€|eur|euros?)\s?(?P<after>\d[\d\s.,]*\d|\d)|(?P<before>\d[\d\s.,]*\d|\d)\s?(?:€|eur\b|euros?\b))"
)


def sort_reply(subject: str, text: str, *, automatic: bool, today: date) -> Sorted:
    """What a reply written on ``today`` seems to say; `Meaning.OTHER` when no rule matches.

    What it quotes of our own message is not read. ``automatic``: its headers say a machine wrote it.
    """
    said = plain(own_words(text))[:READ_CHARS_MAX]
    heading = plain(subject)
    if automatic:
        return Sorted(Meaning.OUT_OF_OFFICE, "automatic_header")
    for rule in RULES:
        match = rule.words.search(said) or (
            rule.words.search(heading) if rule.meaning is Meaning.OUT_OF_OFFICE else None
        )
        if match is None or (rule.unless is not None and rule.unless.search(said)):
            continue
        return _told(rule, match[0].strip(), said, today)
    return Sorted(Meaning.OTHER, "no_rule")


def own_words(text: str) -> str:
    """A reply without what it quotes: everything after the first mark of a quotation is left out."""
    kept = []
    for line in text.splitlines():
        if _QUOTED.match(plain(line).strip()):
            break
        kept.append(line)
    return "\n".join(kept).strip()


def plain(text: str) -> str:
    """Small letters without accents, one kind of apostrophe and of space."""
    bare = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u202f", " "))
    letters = "".join(one for one in bare if not unicodedata.combining(one))
    return re.sub(r"\s+", " ", letters.lower().replace("œ", "oe"))


def _told(rule: Rule, words: str, said: str, today: date) -> Sorted:
    if rule.meaning not in (Meaning.PAID, Meaning.PROMISE, Meaning.DISPUTE):
        return Sorted(rule.meaning, rule.code, words)
    told = None
    if rule.meaning is not Meaning.DISPUTE:
        told = day_in(said, today, past=rule.meaning is Meaning.PAID)
    return Sorted(rule.meaning, rule.code, words, told.on if told else None, _amount_in(said))


def _amount_in(said: str) -> int | None:
    """The first amount in euros, in cents; thousands by a space, a point or a comma."""
    match = _AMOUNT.search(said)
    if match is None:
        return None
    written = re.sub(r"\s", "", match["before"] or match["after"])
    whole, _, part = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", written).replace(",", ".").partition(".")
    if not whole.isdigit() or (part and not part.isdigit()) or len(whole) > 12:
        return None
    return int(whole) * 100 + int((part + "00")[:2])
