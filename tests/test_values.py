"""What every value of a contract shares."""

from checker.values import Basis


def test_a_copy_with_another_field_leaves_alone_what_other_values_say_they_were_given() -> None:
    """Values that were given the same fields share the names of these."""
    first, second = Basis(kind="ours"), Basis(kind="site")
    copied = first.model_copy(update={"at": "page 3"})
    assert copied.model_fields_set == {"kind", "at"}
    assert first.model_fields_set == second.model_fields_set == {"kind"}
    assert first.model_dump(exclude_unset=True) == {"kind": "ours"}
