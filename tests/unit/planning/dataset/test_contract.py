import pytest

from builders.dataset import on_a_volume, spec
from perennial.api.dataset import CSV, Column, Filter, ObjectSource, Quality, Source, Window
from perennial.api.pod import JobRun, Owner
from perennial.planning.dataset.contract import contract_digest, contract_of, store_name

SELECTING = {
    "source": Source(object=ObjectSource(path="other/")),
    "filter": (Filter(column="origin", values=("JFK",)),),
    "time_column": "time_hour",
    "window": Window(duration="60d"),
    "columns": (Column(name="late", type="Boolean"),),
    "other_columns": "Ignore",
    "quality": Quality(min_rows=1),
}
OTHERWISE = {
    "description": "departures",
    "owner": Owner(team="ops"),
    "keep": 3,
    "job": JobRun(deadline="5m"),
}


@pytest.mark.parametrize("field", SELECTING)
def test_what_selects_or_checks_rows_makes_another_contract(field):
    assert contract_digest(spec(**{field: SELECTING[field]})) != contract_digest(spec())


@pytest.mark.parametrize("field", OTHERWISE)
def test_whatever_else_is_said_of_the_data_leaves_the_contract_as_it_is(field):
    assert contract_digest(spec(**{field: OTHERWISE[field]})) == contract_digest(spec())
    assert contract_digest(spec(every="24h")) == contract_digest(spec())


def test_saying_what_is_so_anyway_makes_no_other_contract():
    explicit = Source(object=ObjectSource(store="default", path="flights/"))
    assert contract_digest(spec(source=explicit, other_columns="Infer")) == contract_digest(spec())
    assert contract_digest(spec(quality=Quality(personal_data="Ignore"))) == contract_digest(spec())


def test_a_detail_of_the_source_counts():
    semicolons = Source(object=ObjectSource(path="flights/", csv=CSV(delimiter=";")))
    assert contract_digest(spec(source=semicolons)) != contract_digest(spec())


def test_the_contract_alone_has_the_same_identity():
    whole = spec(**SELECTING, **OTHERWISE)
    assert contract_digest(contract_of(whole)) == contract_digest(whole)
    assert contract_of(whole).owner is None


def test_snapshots_are_kept_where_the_source_is_or_in_the_default_store():
    elsewhere = spec(source=Source(object=ObjectSource(store="archive", path="a/")))
    assert store_name(elsewhere) == "archive"
    assert store_name(on_a_volume()) == "default"
