"""What goes to the bank."""

from decimal import Decimal

from ledgerlite.bankfile import fee_field, fee_line


def test_any_fraction_goes_up() -> None:
    assert [fee_field(Decimal(text)) for text in ("0.1201", "0.12", "3")] == ["0.13", "0.12", "3.00"]
    assert fee_line("R-1", amount=Decimal(5), rate=Decimal("2.5")) == "FEE;R-1;0.13"
