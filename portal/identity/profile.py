"""What a member says of themselves."""

from datetime import datetime

from portal.identity.models import Member


def change_profile(member: Member, *, name: str, locale: str, at: datetime) -> None:
    """Change the name colleagues see and the language pages and messages use."""
    member.name, member.locale, member.update_datetime = name, locale, at
