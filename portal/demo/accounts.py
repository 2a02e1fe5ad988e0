"""Who can sign in to the demonstration."""

from dataclasses import dataclass

from portal.identity.models import OrganisationKind, Role

PASSWORD = "demonstration-encaisse"  # noqa: S105 - printed at start, demo mode only


@dataclass(frozen=True, slots=True)
class Account:
    """One demonstration member, of the organisation known by its key in the loader."""

    email: str
    name: str
    organisation_key: str
    kind: OrganisationKind
    membership: Role
    role: str


ACCOUNTS: tuple[Account, ...] = (
    Account(
        "dirigeante@menuiserie.example",
        "Dirigeante (démonstration)",
        "menuiserie",
        OrganisationKind.ASSIGNOR,
        Role.OWNER,
        "SME, joinery: owner",
    ),
    Account(
        "comptable@menuiserie.example",
        "Comptable (démonstration)",
        "menuiserie",
        OrganisationKind.ASSIGNOR,
        Role.MANAGER,
        "SME, joinery: accountant",
    ),
    Account(
        "gerant@transport.example",
        "Gérant (démonstration)",
        "transport",
        OrganisationKind.ASSIGNOR,
        Role.OWNER,
        "SME, road haulage: owner",
    ),
    Account(
        "associee@agence.example",
        "Associée (démonstration)",
        "agence",
        OrganisationKind.ASSIGNOR,
        Role.OWNER,
        "SME, communication agency: owner",
    ),
    Account(
        "credit@banque.example",
        "Analyste (démonstration)",
        "workspace_lender",
        OrganisationKind.LENDER,
        Role.OWNER,
        "lender working in the portal",
    ),
    Account(
        "courtier@cabinet.example",
        "Courtier (démonstration)",
        "broker",
        OrganisationKind.BROKER,
        Role.OWNER,
        "broker with mandates",
    ),
    Account(
        "operateur@encaisse.example",
        "Opérateur (démonstration)",
        "operator",
        OrganisationKind.OPERATOR,
        Role.OWNER,
        "operator of the marketplace",
    ),
)
