"""The one way a reader says no: a code of the catalogue and what fills its text."""

from partners.vocabulary.invoices import ReadRefusal


class FileRefused(Exception):
    """The file, whole, cannot be taken; carries the refusal shown to whoever sent it."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.refusal = ReadRefusal(code, params)
