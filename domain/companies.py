"""A business as the public may see it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.door import Visit


@dataclass(frozen=True, slots=True)
class Company:
    """Who stands behind our numbers: names, language, address, tax number, and the numbers to write to."""

    name_en: str
    name_ar: str
    language: str
    address_ar: str | None
    vat_number: str | None
    numbers: list[str]

    def name_in(self, language: str) -> str:
        """Return the name in `language`."""
        return self.name_ar if language == "ar" else self.name_en


_CODE: Final = "SELECT code FROM business WHERE id = %(business_id)s"
# Registered names only send: nobody can write to them.
_COMPANY: Final = text(
    """
    SELECT name_en, name_ar, language, address_ar, vat_number,
           ARRAY(SELECT DISTINCT address FROM sender
                 WHERE business_id = business.id AND enabled AND channel <> 'email'
                       AND address LIKE '+%' ORDER BY address)
    FROM business WHERE code = :code
    """
)


def code_of(visit: Visit, business_id: UUID) -> str:
    """Return the code by which a business is named in addresses."""
    ((code,),) = visit.ask(_CODE, {"business_id": business_id})
    return str(code)


def company_by_code(session: Session, code: str) -> Company | None:
    """Return the business with this code. The session must see every business."""
    row = session.execute(_COMPANY, {"code": code}).one_or_none()
    return Company(*row) if row else None
